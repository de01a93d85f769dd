// Reads a process's configuration file (YAML or JSON) into a typed value, or says everything that is wrong with it at once.
// Unknown keys are errors with the key's path and a guess of what was meant: a typo must never silently mean the default.
// Only DATABASE_URL and AMQP_URL are taken from the environment, and win over the file. Messages never contain a value, as a value
// may hold a password. Relative paths are relative to the configuration file.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { parseDocument } from 'yaml';
import { nearestWord } from '../domain/did-you-mean.js';
import { type ConfigSchema, configSchemas } from './config-schemas.js';
import type { ProcessConfigs, ProcessName, VolumeWorkerConfig } from './config-types.js';
import { Secret } from './secret.js';

/** The configuration cannot be used. `problems` has one line per mistake, each beginning with the key's path. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(
    readonly source: string,
    readonly problems: readonly string[],
  ) {
    super(`${source}: ${problems.join('; ')}`);
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The file named by `--config FILE`. Throws ConfigError when it is missing or another argument is given. */
export function configFileFromArguments(argv: readonly string[] = process.argv.slice(2)): string {
  try {
    const { values } = parseArgs({ args: [...argv], options: { config: { type: 'string' } }, strict: true });
    if (values.config === undefined || values.config === '') throw new Error('--config FILE is missing');
    return path.resolve(values.config);
  } catch (thrown) {
    throw new ConfigError('arguments', [thrown instanceof Error ? thrown.message : String(thrown)]);
  }
}

/** Reads and checks the file. Throws ConfigError. */
export function loadConfig<P extends ProcessName>(
  processName: P,
  file: string,
  environment: Environment = process.env,
): ProcessConfigs[P] {
  if (environment['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    throw new ConfigError('environment', [
      'NODE_TLS_REJECT_UNAUTHORIZED: 0 would believe any certificate; name the authority',
    ]);
  }
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    throw new ConfigError(file, [`cannot be read (${(thrown as NodeJS.ErrnoException).code ?? 'error'})`]);
  }
  return parseConfig(processName, text, { source: file, directory: path.dirname(path.resolve(file)), environment });
}

export interface ParseOptions {
  readonly source: string;
  readonly directory: string;
  readonly environment: Environment;
}

/** Checks the text of a configuration file. Throws ConfigError. */
export function parseConfig<P extends ProcessName>(
  processName: P,
  text: string,
  { source, directory, environment }: ParseOptions,
): ProcessConfigs[P] {
  const document = parseDocument(text, { prettyErrors: false });
  const mistakes = document.errors.map(({ code, pos }) => {
    const line = text.slice(0, pos[0]).split('\n').length;
    return `line ${line}: ${code.toLowerCase().replaceAll('_', ' ')}`;
  });
  if (mistakes.length > 0) throw new ConfigError(source, mistakes);
  const value: unknown = document.toJS() ?? {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigError(source, ['must be a mapping of keys to values']);
  }
  const schema = configSchemas[processName];
  applyEnvironment(value as Record<string, unknown>, schema, environment);
  const validate = new Ajv2020({ allErrors: true, useDefaults: true, strict: false, verbose: true }).compile(schema);
  if (!validate(value)) throw new ConfigError(source, describeErrors(validate.errors ?? []));
  const config = convert(value, schema, directory) as ProcessConfigs[P];
  if (processName === 'volume-worker')
    return withBackendNames(config as VolumeWorkerConfig, source) as ProcessConfigs[P];
  return config;
}

function applyEnvironment(value: Record<string, unknown>, schema: ConfigSchema, environment: Environment): void {
  for (const [section, variable] of [
    ['database', 'DATABASE_URL'],
    ['amqp', 'AMQP_URL'],
  ] as const) {
    const url = environment[variable];
    if (url === undefined || url === '' || schema.properties?.[section] === undefined) continue;
    const given = value[section] ?? {};
    // A section of a wrong type is left as it is, so that the check names it.
    if (typeof given === 'object' && !Array.isArray(given)) value[section] = { ...given, url };
  }
}

function keyPath(error: ErrorObject, key?: string): string {
  const parts = error.instancePath.split('/').slice(1);
  const names = key === undefined ? parts : [...parts, key];
  const text = names.map((name) => (/^\d+$/.test(name) ? `[${name}]` : `.${name}`)).join('');
  return text === '' ? 'the file' : text.replace(/^\./, '');
}

const wanted: Readonly<Record<string, string>> = {
  '^https?://[^\\s]*[^\\s/]$': 'must be an http or https URL without a slash at the end',
  '^(postgres(ql)?://|socket:|/)': 'must be a postgresql:// URL',
  '^(?!.*(sslmode=no-verify|uselibpqcompat))':
    'must check the certificate of the server (sslmode=verify-full, sslrootcert=FILE)',
  '^amqps?://': 'must be an amqp:// or amqps:// URL',
  '^[A-Za-z0-9][A-Za-z0-9._-]*$': 'must consist of letters, digits, ".", "_" and "-"',
};

function describeError(error: ErrorObject): string | null {
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(params['additionalProperty']);
      const known = Object.keys((error.parentSchema as ConfigSchema | undefined)?.properties ?? {});
      const guess = nearestWord(key, known);
      const advice = guess === null ? `known keys: ${known.join(', ')}` : `did you mean "${guess}"?`;
      return `${keyPath(error, key)}: unknown key; ${advice}`;
    }
    case 'required':
      return `${keyPath(error, String(params['missingProperty']))}: is missing`;
    case 'enum':
      return `${keyPath(error)}: must be one of ${(params['allowedValues'] as unknown[]).join(', ')}`;
    case 'pattern':
      return `${keyPath(error)}: ${wanted[String(params['pattern'])] ?? error.message}`;
    case 'if':
      return null;
    default:
      return `${keyPath(error)}: ${error.message ?? 'is invalid'}`;
  }
}

function describeErrors(errors: readonly ErrorObject[]): string[] {
  return [...new Set(errors.map(describeError).filter((line) => line !== null))];
}

/** Wraps secrets and makes paths absolute, as the schema says. */
function convert(value: unknown, schema: ConfigSchema, directory: string): unknown {
  if (typeof value === 'string') {
    if (schema['x-secret'] === true) return new Secret(value);
    return schema['x-path'] === true ? path.resolve(directory, value) : value;
  }
  if (Array.isArray(value)) return value.map((item) => convert(item, schema.items ?? {}, directory));
  if (typeof value !== 'object' || value === null || schema.properties === undefined) return value;
  const known = schema.properties;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, convert(item, known[key] ?? {}, directory)]),
  );
}

function withBackendNames(config: VolumeWorkerConfig, source: string): VolumeWorkerConfig {
  const names = config.backends.map(({ name }) => name);
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (twice !== -1) throw new ConfigError(source, [`backends[${twice}].name: is used twice`]);
  const backends = config.backends.map((one) => ({ ...one, volume_backend_name: one.volume_backend_name ?? one.name }));
  return { ...config, backends };
}
