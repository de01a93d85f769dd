// What each process is told at its start. Absent values are null, defaults are filled in, paths are absolute, and everything that may
// hold a password is a Secret. The JSON schemas that the files are checked by are in config-schemas.ts, key for key.
import type { Secret } from './secret.js';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LogConfig {
  readonly level: LogLevel;
  /** Absolute path; null writes to standard output. */
  readonly file: string | null;
}

export interface ListenConfig {
  readonly host: string;
  readonly port: number;
}

export interface DatabaseConfig {
  /** As the pg driver reads it; UNIX sockets: `postgresql:///name?host=/directory&user=name`. */
  readonly url: Secret;
  readonly poolSize: number;
}

export interface AmqpConfig {
  readonly url: Secret;
  /** PEM of the authority behind the certificate of an `amqps:` broker; null: those that Node knows. */
  readonly caFile?: string | null;
  /** Name of the exchange and first part of every queue name, so that installations can share a broker. */
  readonly prefix: string;
}

/** What is told to the outside, in the terms of oslo.messaging. */
export interface NotificationsConfig {
  readonly enabled: boolean;
  /** Routing keys are `<topic>.info` and `<topic>.error`. */
  readonly topics: readonly string[];
  readonly exchange: string;
  /** As the listeners' `amqp_durable_queues`. */
  readonly durable: boolean;
  /** Another broker than that of the commands, or null. */
  readonly url: Secret | null;
  /** Of that broker, as in AmqpConfig. */
  readonly caFile?: string | null;
}

export interface IdentityConfig {
  readonly mode: 'embedded' | 'keystone';
  /** First password of the administrator; needed in mode `embedded`. */
  readonly adminPasswordFile: string | null;
  readonly tokenSeconds: number;
  /** How long after its expiry a user's token is accepted together with a service's; Keystone has its own setting for it. */
  readonly allowExpiredSeconds: number;
  readonly cacheSeconds: number;
  readonly region: string;
  /** Needed in mode `keystone`, unused in the other. */
  readonly keystone: KeystoneConfig | null;
}

export interface KeystoneConfig {
  /** With or without the version at its end, without a slash. */
  readonly authUrl: string;
  /** What a client that has no token is told; null: authUrl. */
  readonly publicAuthUrl: string | null;
  /** PEM; null: the authorities that Node knows. */
  readonly caFile: string | null;
  /** For one question to the Keystone, connection included. */
  readonly timeoutSeconds: number;
  readonly service: KeystoneServiceConfig;
}

/** The account by which tokens are validated: a user of a project, or an application credential. Secrets are in files. */
export interface KeystoneServiceConfig {
  readonly username: string | null;
  readonly passwordFile: string | null;
  readonly userDomain: string;
  readonly project: string;
  readonly projectDomain: string;
  readonly applicationCredentialId: string | null;
  readonly applicationCredentialSecretFile: string | null;
}

/** An image service that is there already, as requests use it: with the caller's own token. */
export interface GlanceConfig {
  /** Without the version and without a slash at its end. */
  readonly url: string;
  /** What the catalog tells clients; null: url. */
  readonly publicUrl: string | null;
  /** PEM; null: the authorities that Node knows. */
  readonly caFile: string | null;
  /** For one question, connection included. */
  readonly timeoutSeconds: number;
}

/** The same for a worker, which fetches and sends the data of images with an account of its own. */
export interface WorkerGlanceConfig extends Omit<GlanceConfig, 'publicUrl'> {
  /** How long a transfer may stand still. */
  readonly idleSeconds: number;
  readonly keystone: Omit<KeystoneConfig, 'publicAuthUrl'>;
}

export interface InstantCopiesConfig {
  /** Most layers of a volume that stands on its source's, those of other volumes included; below 2 every copy is made in full. */
  readonly maxLayers: number;
}

/** What the data of boot images may take. */
export interface ImagesConfig {
  /** `embedded`: images are kept here, and their API is served; `glance`: by another service. */
  readonly mode: 'embedded' | 'glance';
  /** Needed in mode `glance`, unused in the other. */
  readonly glance: GlanceConfig | null;
  /** Of converted copies, in each pool. */
  readonly cache: {
    /** One more is made all the same where all of them are in use. */
    readonly maxEntries: number;
    /** By their virtual size. */
    readonly maxGib: number;
  };
  /** Of one image, in bytes. */
  readonly maxBytes: number;
  /** Of all images of one project, in bytes; -1: no limit. */
  readonly projectBytes: number;
  /** PEM of the authority that signed the certificates of the workers' data servers; null: those that Node knows. */
  readonly workerCaFile: string | null;
}

/** How volumes are made independent of what they were copied from, in the background. */
export interface FlattenConfig {
  /** How many at once in one pool; 0: none by itself, only those that somebody waits for or an administrator asks for. */
  readonly perPool: number;
  /** Most that one may move, in bytes per second; null: no limit. None either for one that somebody waits for. */
  readonly bytesPerSecond: number | null;
  /** How long a new copy is left alone. */
  readonly delaySeconds: number;
}

/** PEM files of a server's certificate chain and its key. */
export interface TlsConfig {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface ApiConfig {
  readonly listen: ListenConfig;
  /** null: plain HTTP. */
  readonly tls: TlsConfig | null;
  /** Without a slash at the end. */
  readonly publicUrl: string;
  readonly database: DatabaseConfig;
  readonly identity: IdentityConfig;
  readonly ticketSecretFile: string;
  readonly hostName: string;
  readonly instantCopies: InstantCopiesConfig;
  readonly images: ImagesConfig;
  readonly notifications: NotificationsConfig;
  readonly metrics: MetricsConfig;
  readonly limits: LimitsConfig;
  readonly log: LogConfig;
  readonly faultPlan: string | null;
}

/** What one asker may take of an api process; a project by its token, an address before any token is looked at. */
interface AskerLimits {
  readonly perSecond: number;
  /** So many at once before `perSecond` counts. */
  readonly burst: number;
  /** Requests at the same time. */
  readonly underWay: number;
}

interface FailureLimits {
  readonly perMinute: number;
  readonly burst: number;
}

/** Of one process each; several behind a balancer allow as many times as much. */
export interface LimitsConfig {
  /** False: nothing is counted, because something before the service does it. */
  readonly enabled: boolean;
  readonly ofAddress: AskerLimits;
  readonly ofProject: AskerLimits;
  /** Requests of all at the same time. */
  readonly underWay: number;
  /** Wrong passwords: from one address, and for one user from one address. */
  readonly failedLogins: { readonly ofAddress: FailureLimits; readonly ofUser: FailureLimits };
  /** Addresses and networks whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
}

/** Figures for a monitoring system; off without an address. Whoever reaches it reads the names of hosts and pools. */
export interface MetricsConfig {
  readonly listen: ListenConfig | null;
}

export interface ConductorConfig {
  /** Where it runs, in the list of services. */
  readonly hostName: string;
  readonly database: DatabaseConfig;
  readonly amqp: AmqpConfig;
  readonly reconcileMs: number;
  /** Unit of the pauses between the tries of a step whose error may pass. */
  readonly retryBaseMs: number;
  readonly serviceDownSeconds: number;
  readonly flatten: FlattenConfig;
  /** How often changes of volumes are written beside their data; 0: never. */
  readonly custodySeconds: number;
  /** Within so many seconds the audit finds what is wrong; 0: no audit. */
  readonly auditSeconds: number;
  readonly notifications: NotificationsConfig;
  readonly log: LogConfig;
  readonly faultPlan: string | null;
}

export interface BackendConfig {
  /** Last part of the routing key and host column: `host@name`. */
  readonly name: string;
  readonly driver: 'glusterfs' | 'directory';
  /** What volume types ask for; the backend's name when not given. */
  readonly volume_backend_name: string;
  /** Cinder's own option names; the driver checks them. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Where clients send and read bulk bytes, by ticket. */
export interface DataServerConfig {
  /** Port 0: a free one. */
  readonly listen: ListenConfig;
  /** What clients are told, without a slash at the end; null: made of `listen`. */
  readonly advertiseUrl: string | null;
  /** PEM files; null: plain HTTP. */
  readonly tls: TlsConfig | null;
  /** At the same time. Each is a process and its buffers. */
  readonly maxStreams: number;
  /** Of them those of one project. */
  readonly maxStreamsOfProject: number;
}

/** Where backups are kept, and how. */
export interface BackupsConfig {
  readonly target: 'directory' | 's3' | 'swift';
  /** Of the target `directory`: there already, and mounted where it is to be. */
  readonly directory: string | null;
  readonly s3: {
    readonly endpoint: string;
    readonly region: string;
    readonly bucket: string;
    readonly accessKeyId: string;
    readonly secretKeyFile: string;
  } | null;
  readonly swift: {
    readonly authUrl: string;
    /** `v1`: the user is `account:user`; `v3`: Keystone. */
    readonly authVersion: 'v1' | 'v3';
    readonly user: string;
    readonly passwordFile: string;
    readonly project: string;
    readonly userDomain: string;
    readonly projectDomain: string;
    readonly region: string | null;
  } | null;
  /** Lines of a key id and 64 hexadecimal digits; the first seals what is written, the others open what was. null: nothing is sealed. */
  readonly keyFile: string | null;
  /** Of zstd. */
  readonly compressionLevel: number;
}

/** Where keys of encrypted volumes are; the same for all workers. */
export interface KeyStoreConfig {
  readonly mode: 'file' | 'barbican';
  /** Of mode file. */
  readonly directory: string | null;
  /** By which the keys in the directory are sealed. */
  readonly masterKeyFile: string | null;
  readonly barbican: {
    readonly url: string;
    readonly authUrl: string;
    readonly user: string;
    readonly passwordFile: string;
    readonly project: string;
    readonly userDomain: string;
    readonly projectDomain: string;
  } | null;
}

export interface VolumeWorkerConfig {
  readonly amqp: AmqpConfig;
  readonly stateDirectory: string;
  readonly host: string;
  readonly zone: string;
  readonly reportSeconds: number;
  readonly dataServer: DataServerConfig;
  readonly backends: readonly BackendConfig[];
  /** null: this worker makes no backups. */
  readonly backups: BackupsConfig | null;
  /** null: images are kept here. */
  readonly glance: WorkerGlanceConfig | null;
  /** null: this worker serves no encrypted volumes. */
  readonly keyStore: KeyStoreConfig | null;
  readonly log: LogConfig;
  readonly faultPlan: string | null;
}

export interface ComputeWorkerConfig {
  readonly amqp: AmqpConfig;
  readonly stateDirectory: string;
  readonly host: string;
  readonly zone: string;
  readonly hypervisor: 'qemu' | 'fake';
  /** Null: the driver looks for it. */
  readonly qemuBinary: string | null;
  readonly listen: ListenConfig;
  readonly advertiseUrl: string;
  readonly ticketSecretFile: string;
  readonly reportSeconds: number;
  readonly maxDisks: number;
  /** null: its guests get no encrypted disks. */
  readonly keyStore: KeyStoreConfig | null;
  readonly log: LogConfig;
  readonly faultPlan: string | null;
}

export interface ProcessConfigs {
  readonly api: ApiConfig;
  readonly conductor: ConductorConfig;
  readonly 'volume-worker': VolumeWorkerConfig;
  readonly 'compute-worker': ComputeWorkerConfig;
}
export type ProcessName = keyof ProcessConfigs;

/** The host column and routing key of one backend. */
export function backendHost(config: Pick<VolumeWorkerConfig, 'host'>, backend: Pick<BackendConfig, 'name'>): string {
  return `${config.host}@${backend.name}`;
}
