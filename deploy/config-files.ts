// Writes what the four processes read: configuration files, secrets, the shares file, and the environment for clients. Files are
// written again at each start, so that they always fit the ports and servers of this start; secrets are made once and kept.
// Everything that holds a password has mode 0600.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import type { ProcessName } from '../services/core/runtime/config-types.js';
import { type Places, serviceNames } from './places.js';
import type { Layout } from './state-directory.js';

export interface BackendShares {
  /** Of the backend; volume types may ask for it as volume_backend_name. */
  readonly name: string;
  /** A shares file in Cinder's format. */
  readonly sharesFile: string;
}

export interface Engines {
  readonly databaseUrl: string;
  readonly amqpUrl: string;
  /** One for each backend of the volume worker; the first is `BACKEND`. */
  readonly backends: readonly BackendShares[];
  /** UNIX socket of the private glusterd; null when the shares are somebody else's. */
  readonly glusterdSocket: string | null;
}

export const BACKEND = 'gluster';
const LOOPBACK = '127.0.0.1';

export function publicUrlOf(layout: Layout): string {
  return `http://${LOOPBACK}:${layout.ports.api}`;
}

/** Makes the secrets that are missing. */
export function ensureSecrets(places: Places): void {
  mkdirSync(path.dirname(places.adminPassword), { recursive: true, mode: 0o700 });
  for (const [file, bytes] of [
    [places.adminPassword, 16],
    [places.ticketSecret, 32],
    [places.keyStoreSecret, 32],
  ] as const) {
    if (!existsSync(file)) writePrivate(file, `${randomBytes(bytes).toString('hex')}\n`);
  }
}

/** Writes the four configuration files. */
export function writeConfigFiles(places: Places, layout: Layout, engines: Engines): void {
  const values = configValues(places, layout, engines);
  mkdirSync(path.dirname(places.configOf('api')), { recursive: true, mode: 0o700 });
  mkdirSync(places.backups, { recursive: true, mode: 0o700 });
  for (const service of serviceNames) {
    const header = `# Written by npm start for ${places.state}; changed values are lost at the next start.\n`;
    writePrivate(places.configOf(service), header + stringify(values[service]));
  }
}

/** Environment for `openstack` and `saggar`. */
export function clientEnvironment(places: Places, layout: Layout): Readonly<Record<string, string>> {
  return {
    OS_AUTH_URL: `${publicUrlOf(layout)}/identity/v3`,
    OS_USERNAME: 'admin',
    OS_PASSWORD: readFileSync(places.adminPassword, 'utf8').trim(),
    OS_PROJECT_NAME: 'admin',
    OS_USER_DOMAIN_NAME: 'Default',
    OS_PROJECT_DOMAIN_NAME: 'Default',
    OS_IDENTITY_API_VERSION: '3',
    OS_VOLUME_API_VERSION: '3',
    OS_REGION_NAME: 'RegionOne',
  };
}

export function writeOpenrc(places: Places, layout: Layout): void {
  const lines = Object.entries(clientEnvironment(places, layout)).map(([name, value]) => `export ${name}='${value}'\n`);
  writePrivate(places.openrc, lines.join(''));
}

function configValues(places: Places, layout: Layout, engines: Engines): Readonly<Record<ProcessName, object>> {
  const database = { url: engines.databaseUrl };
  const amqp = { url: engines.amqpUrl };
  const log = { level: 'info' };
  const host = layout.hostName;
  const keyStore = { directory: places.keys, masterKeyFile: places.keyStoreSecret };
  const glusterd = engines.glusterdSocket === null ? {} : { saggar_glusterd_socket: engines.glusterdSocket };
  return {
    api: {
      listen: { host: LOOPBACK, port: layout.ports.api },
      publicUrl: publicUrlOf(layout),
      database,
      identity: { mode: 'embedded', adminPasswordFile: places.adminPassword },
      ticketSecretFile: places.ticketSecret,
      hostName: host,
      log,
    },
    conductor: { database, amqp, hostName: host, log },
    'volume-worker': {
      amqp,
      stateDirectory: places.ownStateOf('volume-worker'),
      backups: { target: 'directory', directory: places.backups },
      host,
      backends: engines.backends.map(({ name, sharesFile }) => ({
        name,
        driver: 'glusterfs',
        options: { glusterfs_shares_config: sharesFile, glusterfs_mount_point_base: places.mounts, ...glusterd },
      })),
      keyStore,
      log,
    },
    'compute-worker': {
      amqp,
      stateDirectory: places.ownStateOf('compute-worker'),
      host,
      listen: { host: LOOPBACK, port: layout.ports.computeWorker },
      advertiseUrl: `http://${LOOPBACK}:${layout.ports.computeWorker}`,
      ticketSecretFile: places.ticketSecret,
      keyStore,
      log,
    },
  };
}

/** A reader never sees half a file, nor anybody else's eyes its content. */
export function writePrivate(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
