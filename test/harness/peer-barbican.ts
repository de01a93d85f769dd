// A private Barbican, Debian's own code unchanged, in front of a private Keystone: SQLite file, configuration and log in one directory, served by uwsgi
// on a loopback port. For the store of keys, which is held against the real thing. Nothing of /etc/barbican is used, and no unit is.
// Source of the pipeline: etc/barbican/barbican-api-paste.ini of Barbican 15 (pipeline barbican-api-keystone).
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { endProcess, lastLines, startProcess } from '../../deploy/processes.js';
import { freePort, type PeerKeystone } from './peer-keystone.js';
import { waitFor } from './wait-for.js';

const UWSGI = '/usr/bin/uwsgi_python3';
const CODE = '/usr/lib/python3/dist-packages/barbican/api/app.py';

/** Why there can be none here; null when there can. */
export function whyNoPeerBarbican(): string | null {
  const missing = [UWSGI, CODE].find((file) => !existsSync(file));
  return missing === undefined ? null : `${missing} is missing (deploy/debian-packages.json, "test")`;
}

export interface PeerBarbican {
  readonly url: string;
  stop(): Promise<void>;
}

function pipeline(keystone: PeerKeystone): string {
  return `[composite:main]
use = egg:Paste#urlmap
/v1: barbican-api-keystone
[pipeline:barbican-api-keystone]
pipeline = authtoken context apiapp
[app:apiapp]
paste.app_factory = barbican.api.app:create_main_app
[filter:context]
paste.filter_factory = barbican.api.middleware.context:ContextMiddleware.factory
[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
auth_type = password
auth_url = ${keystone.url}
www_authenticate_uri = ${keystone.url}
username = admin
password = ${keystone.adminPassword}
project_name = admin
user_domain_name = Default
project_domain_name = Default
`;
}

/** Returns when it answers (some seconds). */
export async function startPeerBarbican(directory: string, keystone: PeerKeystone): Promise<PeerBarbican> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const at = (name: string): string => path.join(directory, name);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const database = `sqlite:///${at('barbican.sqlite')}`;
  writeFileSync(
    at('barbican.conf'),
    `[DEFAULT]\nhost_href = http://somewhere-else.invalid:9311\nlog_file = ${at('barbican.log')}\nsql_connection = ${database}\ndb_auto_create = true\n[queue]\nenable = false\n`,
  );
  writeFileSync(at('paste.ini'), pipeline(keystone), { mode: 0o600 });
  // Barbican reads its configuration when it is imported, from the files that this option names.
  writeFileSync(
    at('serve.py'),
    `from barbican.common import config\nconfig.CONF(args=[], project='barbican', default_config_files=['${at('barbican.conf')}'])\nfrom paste import deploy\napplication = deploy.loadapp('config:${at('paste.ini')}')\n`,
  );
  const server = await startProcess({
    name: 'Barbican',
    argv: [
      UWSGI,
      ...['--http-socket', `127.0.0.1:${port}`, '--wsgi-file', at('serve.py'), '--master', '--no-orphans'],
      ...['--processes', '1', '--lazy-apps', '--need-app', '--die-on-term', '--buffer-size', '65535'],
      ...['--add-header', 'Connection: close', '--disable-logging', '--chdir', directory],
    ],
    pidFile: at('server.pid.json'),
    logFile: at('uwsgi.log'),
    env: { HOME: directory, LC_ALL: 'C.UTF-8', PATH: process.env['PATH'] ?? '' },
    cwd: directory,
  });
  const stop = (): Promise<void> => endProcess(server, { signal: 'SIGTERM', graceMs: 5_000 }).then(() => undefined);
  try {
    const isUp = async (): Promise<boolean> =>
      (await fetch(`${url}/v1/secrets`, { signal: AbortSignal.timeout(5_000) }).catch(() => null))?.status === 401;
    await waitFor('Barbican to ask for a token', isUp, { timeoutMs: 60_000, intervalMs: 200 });
  } catch (error) {
    await stop();
    throw new Error(lastLines(at('uwsgi.log'), 30).toString(), { cause: error });
  }
  return { url, stop };
}
