// Where the login comes from: `--os-*` options, then an entry of clouds.yaml when one is named, else the OS_* environment.
// A named cloud is complete in itself: the environment may only fill in a missing password, because mixing a sourced openrc into
// another cloud's entry would send one cloud's credentials to the other.
// Source of the names: keystoneauth's options and openstacksdk's "Configuring OpenStack SDK Applications".
import { readFileSync } from 'node:fs';
import { CliError, UsageError } from '../cli-error.js';
import { type GlobalValues, globalOptions } from '../global-options.js';
import { microversionOf } from './microversion.js';

/** The values by option name without the leading `os-`: `auth-url`, `username`, ... */
export type SettingValues = ReadonlyMap<string, string>;

export interface NameOrId {
  readonly id?: string;
  readonly name?: string;
}

export interface UserReference extends NameOrId {
  readonly domain?: NameOrId;
}

export type Credentials =
  | { readonly method: 'password'; readonly user: UserReference; readonly password: string }
  | { readonly method: 'token'; readonly token: string }
  | {
      readonly method: 'application_credential';
      readonly id?: string;
      readonly name?: string;
      readonly user?: UserReference;
      readonly secret: string;
    };

export type Scope = { readonly project: UserReference } | { readonly domain: NameOrId } | null;

export interface AuthSettings {
  readonly authUrl: string;
  readonly credentials: Credentials;
  readonly scope: Scope;
  readonly region: string | null;
  readonly endpointInterface: 'public' | 'internal' | 'admin';
  readonly tls: { readonly ca: string | null; readonly verify: boolean };
  /** Microversions that were chosen; null for the client's own choice. */
  readonly volumeVersion: string | null;
  readonly computeVersion: string | null;
}

/** All settings as text. `readCloud` is called only when a cloud is named. */
export async function collectSettings(
  options: GlobalValues,
  env: NodeJS.ProcessEnv,
  readCloud: (name: string) => Promise<SettingValues>,
): Promise<SettingValues> {
  const fromOptions = new Map<string, string>();
  const fromEnvironment = new Map<string, string>();
  for (const { name, value, variable } of globalOptions) {
    if (value === null || variable === null) continue;
    const short = name.replace(/^os-/, '');
    const given = options[name];
    if (typeof given === 'string') fromOptions.set(short, given);
    const known = env[variable];
    if (known !== undefined && known !== '') fromEnvironment.set(short, known);
  }
  // The older spellings that openrc files still carry.
  for (const [variable, short] of [
    ['OS_TENANT_NAME', 'project-name'],
    ['OS_TENANT_ID', 'project-id'],
    ['OS_ENDPOINT_TYPE', 'interface'],
  ] as const) {
    const known = env[variable];
    if (known !== undefined && known !== '' && !fromEnvironment.has(short)) fromEnvironment.set(short, known);
  }
  const cloud = fromOptions.get('cloud') ?? fromEnvironment.get('cloud');
  if (cloud === undefined) return new Map([...fromEnvironment, ...fromOptions]);
  const fromCloud = new Map(await readCloud(cloud));
  const password = fromEnvironment.get('password');
  if (!fromCloud.has('password') && password !== undefined) fromCloud.set('password', password);
  return new Map([...fromCloud, ...fromOptions]);
}

/** Errors: UsageError that names the first setting that is missing. */
export function readAuthSettings(values: SettingValues, insecure: boolean): AuthSettings {
  const authUrl = values.get('auth-url');
  if (authUrl === undefined) {
    throw new UsageError(
      'No identity service is known.',
      'Source the openrc file that npm start printed, or set OS_CLOUD, or give --os-auth-url.',
    );
  }
  if (!/^https?:\/\//.test(authUrl)) throw new UsageError(`'${authUrl}' is not an http(s) URL of an identity service.`);
  const endpointInterface = (values.get('interface') ?? 'public').replace(/URL$/, '');
  if (endpointInterface !== 'public' && endpointInterface !== 'internal' && endpointInterface !== 'admin') {
    throw new UsageError(`The interface must be public, internal or admin, not '${endpointInterface}'.`);
  }
  return {
    authUrl: authUrl.replace(/\/+$/, ''),
    credentials: readCredentials(values),
    scope: readScope(values),
    region: values.get('region-name') ?? null,
    endpointInterface,
    tls: {
      ca: readCertificates(values.get('cacert')),
      verify: !insecure && values.get('verify') !== 'false',
    },
    volumeVersion: microversionOf(values.get('volume-api-version')),
    computeVersion: microversionOf(values.get('compute-api-version')),
  };
}

function readCredentials(values: SettingValues): Credentials {
  const type = values.get('auth-type') ?? guessType(values);
  if (type === 'token' || type === 'v3token') return { method: 'token', token: needed(values, 'token', 'token') };
  if (type === 'v3applicationcredential') {
    const secret = needed(values, 'application-credential-secret', 'secret of the application credential');
    const id = values.get('application-credential-id');
    if (id !== undefined) return { method: 'application_credential', id, secret };
    const name = needed(values, 'application-credential-name', 'id or name of the application credential');
    return { method: 'application_credential', name, user: readUser(values), secret };
  }
  if (type !== 'password' && type !== 'v3password') {
    throw new UsageError(
      `The login type '${type}' is not offered.`,
      'Use password, token or v3applicationcredential (OS_AUTH_TYPE).',
    );
  }
  return { method: 'password', user: readUser(values), password: needed(values, 'password', 'password') };
}

function guessType(values: SettingValues): string {
  if (values.has('application-credential-secret')) return 'v3applicationcredential';
  return values.has('token') && !values.has('password') ? 'token' : 'password';
}

function readUser(values: SettingValues): UserReference {
  const id = values.get('user-id');
  if (id !== undefined) return { id };
  return { name: needed(values, 'username', 'user name'), domain: readDomain(values, 'user-domain') };
}

/** Keystone's default domain when nothing is said, as python-openstackclient does. */
function readDomain(values: SettingValues, prefix: string): NameOrId {
  const id = values.get(`${prefix}-id`);
  if (id !== undefined) return { id };
  const name = values.get(`${prefix}-name`);
  return name === undefined ? { id: 'default' } : { name };
}

function readScope(values: SettingValues): Scope {
  // An application credential carries its own scope, and Keystone refuses another one beside it.
  if (readTypeIsApplicationCredential(values)) return null;
  const projectId = values.get('project-id');
  if (projectId !== undefined) return { project: { id: projectId } };
  const projectName = values.get('project-name');
  if (projectName !== undefined)
    return { project: { name: projectName, domain: readDomain(values, 'project-domain') } };
  const domainId = values.get('domain-id');
  if (domainId !== undefined) return { domain: { id: domainId } };
  const domainName = values.get('domain-name');
  return domainName === undefined ? null : { domain: { name: domainName } };
}

function readTypeIsApplicationCredential(values: SettingValues): boolean {
  return (values.get('auth-type') ?? guessType(values)) === 'v3applicationcredential';
}

function needed(values: SettingValues, name: string, what: string): string {
  const value = values.get(name);
  if (value !== undefined) return value;
  throw new UsageError(
    `The ${what} is missing.`,
    `Set OS_${name.toUpperCase().replaceAll('-', '_')} or give --os-${name}.`,
  );
}

function readCertificates(file: string | undefined): string | null {
  if (file === undefined) return null;
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CliError(`The certificates in ${file} cannot be read.`, 'Check OS_CACERT.', { cause });
  }
}
