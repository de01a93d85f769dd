// Configuration files: what is refused, how it is said, and what a process gets.
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { describe, it } from 'mocha';
import {
  ConfigError,
  configFileFromArguments,
  loadConfig,
  parseConfig,
} from '../../../services/core/runtime/config.js';
import type { ProcessConfigs, ProcessName } from '../../../services/core/runtime/config-types.js';
import { backendHost } from '../../../services/core/runtime/config-types.js';

function parse<P extends ProcessName>(name: P, text: string, environment = {}): ProcessConfigs[P] {
  return parseConfig(name, text, { source: 'test.yaml', directory: '/etc/saggar', environment });
}

function problemsOf(name: ProcessName, text: string, environment = {}): readonly string[] {
  try {
    parse(name, text, environment);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems;
  }
  return [];
}

const conductor = `
database: { url: 'postgresql:///saggar?host=/run/pg&user=saggar' }
amqp: { url: 'amqp://u:hunter2@127.0.0.1:5672' }
`;
const volumeWorker = `
amqp: { url: 'amqp://127.0.0.1' }
stateDirectory: state
host: node1
backends:
  - { name: gold, driver: glusterfs, options: { glusterfs_shares_config: /etc/shares, anything: [1] } }
`;

describe('configuration', () => {
  it('fills in defaults and makes paths absolute', () => {
    const config = parse('volume-worker', volumeWorker);
    assert.equal(config.stateDirectory, '/etc/saggar/state');
    assert.equal(config.zone, 'nova');
    assert.equal(config.reportSeconds, 10);
    assert.equal(config.amqp.prefix, 'saggar');
    assert.deepEqual(config.log, { level: 'info', file: null });
    assert.equal(config.faultPlan, null);
    const [backend] = config.backends;
    assert.ok(backend !== undefined);
    assert.equal(backend.volume_backend_name, 'gold');
    assert.deepEqual(backend.options, { glusterfs_shares_config: '/etc/shares', anything: [1] });
    assert.equal(backendHost(config, backend), 'node1@gold');
  });

  it('keeps URLs as they are, UNIX sockets included, and never shows them', () => {
    const config = parse('conductor', conductor);
    assert.equal(config.database.url.reveal(), 'postgresql:///saggar?host=/run/pg&user=saggar');
    for (const shown of [JSON.stringify(config), inspect(config, { depth: 9 }), `${config.amqp.url}`]) {
      assert.doesNotMatch(shown, /hunter2|run\/pg/);
    }
  });

  it('names an unknown key by its path and guesses what was meant', () => {
    assert.deepEqual(problemsOf('conductor', `${conductor}\nlog: { levle: info }\nreconcile_ms: 5`), [
      'reconcile_ms: unknown key; did you mean "reconcileMs"?',
      'log.levle: unknown key; did you mean "level"?',
    ]);
    assert.match(
      problemsOf('conductor', `${conductor}\nzzz: 1`)[0] ?? '',
      /^zzz: unknown key; known keys: database, amqp/,
    );
  });

  it('says everything that is wrong at once, without a value', () => {
    const problems = problemsOf('conductor', 'database: { url: "mysql://u:hunter2@h", poolSize: many }\n');
    assert.deepEqual(problems, [
      'amqp: is missing',
      'database.url: must be a postgresql:// URL',
      'database.poolSize: must be integer',
    ]);
  });

  it('names list items, wrong words, and backends of the same name', () => {
    assert.deepEqual(problemsOf('volume-worker', volumeWorker.replace('glusterfs,', 'ceph,')), [
      'backends[0].driver: must be one of glusterfs, directory',
    ]);
    assert.deepEqual(problemsOf('volume-worker', `${volumeWorker}  - { name: gold, driver: directory }\n`), [
      'backends[1].name: is used twice',
    ]);
  });

  it('takes the two URLs from the environment, also when the file has none', () => {
    const environment = { DATABASE_URL: 'postgresql://db/other', AMQP_URL: 'amqps://mq' };
    assert.equal(parse('conductor', '{}', environment).database.url.reveal(), 'postgresql://db/other');
    assert.equal(parse('conductor', conductor, environment).amqp.url.reveal(), 'amqps://mq');
    // A worker has no place for a database URL, so it must not get one.
    assert.equal('database' in parse('volume-worker', volumeWorker, environment), false);
  });

  it('needs a password file for its own identity service, and an account for a Keystone', () => {
    const api = (mode: string, rest = ''): string => `
listen: { port: 8776 }
publicUrl: http://127.0.0.1:8776
database: { url: postgresql:///saggar }
identity: { mode: ${mode}${rest} }
ticketSecretFile: ticket
`;
    const keystone = (service: string, more = '') =>
      api('keystone', `, keystone: { authUrl: 'https://k:5000/v3', service: ${service}${more} }`);
    const account = '{ username: saggar, passwordFile: pw }';
    const config = parse('api', keystone(account)).identity.keystone;
    assert.equal(config?.service.passwordFile, '/etc/saggar/pw');
    assert.deepEqual([config?.service.project, config?.timeoutSeconds, config?.caFile], ['service', 10, null]);
    const credential = '{ applicationCredentialId: abc, applicationCredentialSecretFile: s }';
    assert.deepEqual(problemsOf('api', keystone(credential)), []);
    for (const [text, problem] of [
      [api('keystone'), /^identity\.keystone: /],
      [keystone('{ username: saggar }'), /^identity\.keystone\.service\.passwordFile: /],
      [keystone('{ applicationCredentialId: abc }'), /^identity\.keystone\.service\.applicationCredentialSecretFile: /],
      [keystone(account, ', timeoutSeconds: 0'), /^identity\.keystone\.timeoutSeconds: /],
      [keystone(account, ', cafile: x'), /^identity\.keystone\.cafile: unknown key; did you mean "caFile"/],
      [
        api(
          'keystone',
          ", cacheSeconds: 61, keystone: { authUrl: 'http://k', service: { username: a, passwordFile: b } }",
        ),
        /^identity\.cacheSeconds: /,
      ],
    ] as const) {
      assert.match(problemsOf('api', text)[0] ?? '', problem, text);
    }
    assert.match(problemsOf('api', api('embedded')).join(), /identity\.adminPasswordFile/);
    assert.equal(parse('api', api('embedded', ', adminPasswordFile: p')).identity.adminPasswordFile, '/etc/saggar/p');
  });

  it('bounds the copies of images, and wants to know where a Glance is', () => {
    const api = (images: string): string => `
listen: { port: 8776 }
publicUrl: http://127.0.0.1:8776
database: { url: postgresql:///saggar }
identity: { mode: embedded, adminPasswordFile: p }
ticketSecretFile: ticket
images: ${images}
`;
    const plain = parse('api', api('{ cache: { maxGib: 7 } }')).images;
    assert.deepEqual([plain.mode, plain.glance, plain.cache], ['embedded', null, { maxEntries: 20, maxGib: 7 }]);
    const url = 'https://glance.example:9292';
    const { glance } = parse('api', api(`{ mode: glance, glance: { url: '${url}' } }`)).images;
    assert.deepEqual(glance, { url, publicUrl: null, caFile: null, timeoutSeconds: 10 });
    for (const [images, problem] of [
      ['{ mode: glance }', /^images\.glance: /],
      [`{ mode: glance, glance: { url: '${url}/v2' } }`, /^images\.glance\.url: /],
      ['{ cache: { maxEntries: -1 } }', /^images\.cache\.maxEntries: /],
    ] as const) {
      assert.match(problemsOf('api', api(images))[0] ?? '', problem, images);
    }
    const account = "{ authUrl: 'https://k:5000', service: { username: a, passwordFile: b } }";
    const worker = parse('volume-worker', `${volumeWorker}glance: { url: '${url}', keystone: ${account} }\n`).glance;
    assert.deepEqual(
      [worker?.url, worker?.idleSeconds, worker?.keystone.service.passwordFile],
      [url, 120, '/etc/saggar/b'],
    );
    assert.match(
      problemsOf('volume-worker', `${volumeWorker}glance: { url: '${url}' }\n`)[0] ?? '',
      /^glance\.keystone: /,
    );
  });

  it('reports broken YAML by line and a file that cannot be read by its reason', () => {
    assert.match(problemsOf('conductor', 'database: {\n  url: [\n')[0] ?? '', /^line \d+: /);
    assert.deepEqual(problemsOf('conductor', '- 1'), ['must be a mapping of keys to values']);
    assert.throws(() => loadConfig('conductor', '/nonexistent/c.yaml'), /ENOENT/);
  });

  it('takes one argument', () => {
    assert.equal(configFileFromArguments(['--config', '/etc/c.yaml']), '/etc/c.yaml');
    assert.throws(() => configFileFromArguments([]), ConfigError);
    assert.throws(() => configFileFromArguments(['--config', 'a', '--verbose']), ConfigError);
  });
});
