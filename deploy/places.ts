// Where each part of one Saggar keeps its things below the state directory. One place for all names, so that start, stop, status and
// the tests cannot disagree.
import path from 'node:path';
import type { ProcessName } from '../services/core/runtime/config-types.js';

/** In the order in which they are started; ended in the opposite order. */
export const serviceNames = ['api', 'conductor', 'volume-worker', 'compute-worker'] as const satisfies ProcessName[];

export interface Places {
  readonly state: string;
  readonly postgres: string;
  readonly rabbitmq: string;
  readonly gluster: string;
  /** Of the backend with the number, from 1. */
  sharesFileOf(backend: number): string;
  readonly adminPassword: string;
  readonly ticketSecret: string;
  /** Keys of encrypted volumes, and what seals them. */
  readonly keys: string;
  readonly keyStoreSecret: string;
  /** The backup store of an installation on one machine. */
  readonly backups: string;
  readonly openrc: string;
  readonly mounts: string;
  readonly startLock: string;
  configOf(service: ProcessName): string;
  pidFileOf(service: ProcessName): string;
  logOf(service: ProcessName): string;
  /** What the running process was started from: build and configuration. */
  versionOf(service: ProcessName): string;
  /** The worker's own state. */
  ownStateOf(service: 'volume-worker' | 'compute-worker'): string;
}

export function placesOf(state: string): Places {
  const at = (...names: string[]): string => path.join(state, ...names);
  return {
    state,
    postgres: at('postgres'),
    rabbitmq: at('rabbitmq'),
    gluster: at('gluster'),
    sharesFileOf: (backend) => at('config', backend === 1 ? 'shares.conf' : `shares${backend}.conf`),
    adminPassword: at('secrets', 'admin-password'),
    backups: at('backups'),
    ticketSecret: at('secrets', 'ticket-secret'),
    keys: at('keys'),
    keyStoreSecret: at('secrets', 'key-store-master-key'),
    openrc: at('openrc'),
    mounts: at('mnt'),
    startLock: at('run', 'start.pid.json'),
    configOf: (service) => at('config', `${service}.yaml`),
    pidFileOf: (service) => at('run', `${service}.pid.json`),
    logOf: (service) => at('log', `${service}.log`),
    versionOf: (service) => at('run', `${service}.version`),
    ownStateOf: (service) => at(service),
  };
}
