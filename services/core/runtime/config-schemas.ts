// JSON schemas of the four configuration files, key for key the types of config-types.ts. Unknown keys are refused everywhere but in a
// backend's `options`, which belong to its driver. Formats of our own: `x-path` is made absolute, `x-secret` is wrapped.
import { hostname } from 'node:os';
import type { ProcessName } from './config-types.js';
import { logLevels } from './config-types.js';

export interface ConfigSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, ConfigSchema>>;
  readonly items?: ConfigSchema;
  readonly 'x-path'?: true;
  readonly 'x-secret'?: true;
  readonly [keyword: string]: unknown;
}

const object = (
  required: readonly string[],
  properties: Record<string, ConfigSchema>,
  more: Record<string, unknown> = {},
): ConfigSchema => ({ type: 'object', additionalProperties: false, required, properties, ...more });

const path = { type: 'string', minLength: 1, 'x-path': true } as const;
const optionalPath = { ...path, type: ['string', 'null'], default: null } as const;
const seconds = (initial: number): ConfigSchema => ({ type: 'integer', minimum: 1, default: initial });
const hostWord = { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$', maxLength: 200 } as const;
const httpUrl = { type: 'string', pattern: '^https?://[^\\s]*[^\\s/]$' } as const;

const listen = object(['port'], {
  host: { type: 'string', minLength: 1, default: '127.0.0.1' },
  port: { type: 'integer', minimum: 0, maximum: 65535 },
});
const tls = {
  ...object(['certFile', 'keyFile'], { certFile: path, keyFile: path }),
  type: ['object', 'null'],
  default: null,
};
const log = object(
  [],
  { level: { type: 'string', enum: logLevels, default: 'info' }, file: optionalPath },
  { default: {} },
);
// pg checks the certificate and its name in every mode of TLS but these.
const checkedTls = '^(?!.*(sslmode=no-verify|uselibpqcompat))';
const database = object(['url'], {
  url: { type: 'string', pattern: '^(postgres(ql)?://|socket:|/)', allOf: [{ pattern: checkedTls }], 'x-secret': true },
  poolSize: { type: 'integer', minimum: 1, maximum: 1000, default: 10 },
});
const amqp = object(['url'], {
  url: { type: 'string', pattern: '^amqps?://', 'x-secret': true },
  caFile: optionalPath,
  prefix: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$', maxLength: 64, default: 'saggar' },
});
const word = { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$', maxLength: 200 } as const;
const notifications = object(
  [],
  {
    enabled: { type: 'boolean', default: false },
    topics: { type: 'array', minItems: 1, uniqueItems: true, items: word, default: ['notifications'] },
    exchange: { ...word, default: 'openstack' },
    durable: { type: 'boolean', default: false },
    url: { type: ['string', 'null'], pattern: '^amqps?://', 'x-secret': true, default: null },
    caFile: optionalPath,
  },
  { default: {} },
);
const domain = { type: 'string', minLength: 1, default: 'Default' } as const;
const optionalText = { type: ['string', 'null'], minLength: 1, default: null } as const;
// An application credential brings its own project; a user needs to be told one.
const keystoneService = object(
  [],
  {
    username: optionalText,
    passwordFile: optionalPath,
    userDomain: domain,
    project: { type: 'string', minLength: 1, default: 'service' },
    projectDomain: domain,
    applicationCredentialId: optionalText,
    applicationCredentialSecretFile: optionalPath,
  },
  {
    if: { properties: { applicationCredentialId: { type: 'string' } }, required: ['applicationCredentialId'] },
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own keyword
    then: {
      required: ['applicationCredentialSecretFile'],
      properties: { applicationCredentialSecretFile: { type: 'string' } },
    },
    else: {
      required: ['username', 'passwordFile'],
      properties: { username: { type: 'string' }, passwordFile: { type: 'string' } },
    },
  },
);
const keystone = object(['authUrl', 'service'], {
  authUrl: httpUrl,
  publicAuthUrl: { ...httpUrl, type: ['string', 'null'], default: null },
  caFile: optionalPath,
  timeoutSeconds: { type: 'integer', minimum: 1, maximum: 60, default: 10 },
  service: keystoneService,
});
const identity = object(
  [],
  {
    mode: { type: 'string', enum: ['embedded', 'keystone'], default: 'embedded' },
    adminPasswordFile: optionalPath,
    tokenSeconds: seconds(3600),
    allowExpiredSeconds: { type: 'integer', minimum: 0, default: 172_800 },
    cacheSeconds: { type: 'integer', minimum: 0, maximum: 60, default: 60 },
    region: { type: 'string', minLength: 1, default: 'RegionOne' },
    keystone: { ...keystone, type: ['object', 'null'], default: null },
  },
  {
    if: { properties: { mode: { const: 'embedded' } } },
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own keyword
    then: { required: ['adminPasswordFile'], properties: { adminPasswordFile: { type: 'string' } } },
    else: { required: ['keystone'], properties: { keystone: { type: 'object' } } },
  },
);
const host = { ...hostWord, default: hostname() } as const;
const zone = { type: 'string', minLength: 1, default: 'nova' } as const;
const dataServer = object(
  [],
  {
    listen: object(
      [],
      {
        host: { type: 'string', minLength: 1, default: '127.0.0.1' },
        port: { type: 'integer', minimum: 0, maximum: 65535, default: 0 },
      },
      { default: {} },
    ),
    advertiseUrl: { ...httpUrl, type: ['string', 'null'], default: null },
    maxStreams: { type: 'integer', minimum: 1, maximum: 1024, default: 32 },
    maxStreamsOfProject: { type: 'integer', minimum: 1, maximum: 1024, default: 8 },
    tls,
  },
  { default: {} },
);
const backend = object(['name', 'driver'], {
  name: hostWord,
  driver: { type: 'string', enum: ['glusterfs', 'directory'] },
  volume_backend_name: { type: 'string', minLength: 1 },
  options: { type: 'object', default: {} },
});

const text = { type: 'string', minLength: 1 } as const;
const backups = object(['target'], {
  target: { type: 'string', enum: ['directory', 's3', 'swift'] },
  directory: optionalPath,
  s3: {
    ...object(['endpoint', 'bucket', 'accessKeyId', 'secretKeyFile'], {
      endpoint: httpUrl,
      region: { ...text, default: 'us-east-1' },
      bucket: word,
      accessKeyId: text,
      secretKeyFile: path,
    }),
    type: ['object', 'null'],
    default: null,
  },
  swift: {
    ...object(['authUrl', 'user', 'passwordFile'], {
      authUrl: httpUrl,
      authVersion: { type: 'string', enum: ['v1', 'v3'], default: 'v3' },
      user: text,
      passwordFile: path,
      project: { ...text, default: 'service' },
      userDomain: domain,
      projectDomain: domain,
      region: optionalText,
    }),
    type: ['object', 'null'],
    default: null,
  },
  keyFile: optionalPath,
  compressionLevel: { type: 'integer', minimum: 1, maximum: 19, default: 3 },
});

const metrics = object([], { listen: { ...listen, type: ['object', 'null'], default: null } }, { default: {} });

const count = (initial: number): ConfigSchema => ({
  type: 'integer',
  minimum: 1,
  maximum: 1_000_000,
  default: initial,
});
const rate = (initial: number): ConfigSchema => ({
  type: 'number',
  minimum: 0.001,
  maximum: 1_000_000,
  default: initial,
});
const askerLimits = object([], { perSecond: rate(2000), burst: count(20_000), underWay: count(512) }, { default: {} });
const failureLimits = (perMinute: number, burst: number): ConfigSchema =>
  object([], { perMinute: rate(perMinute), burst: count(burst) }, { default: {} });
const limits = object(
  [],
  {
    enabled: { type: 'boolean', default: true },
    ofAddress: askerLimits,
    ofProject: askerLimits,
    underWay: count(1024),
    failedLogins: object([], { ofAddress: failureLimits(60, 300), ofUser: failureLimits(6, 30) }, { default: {} }),
    trustedProxies: {
      type: 'array',
      items: { type: 'string', pattern: '^[0-9A-Fa-f.:]+(/[0-9]{1,3})?$' },
      default: [],
    },
  },
  { default: {} },
);

const keyStore = {
  ...object([], {
    mode: { type: 'string', enum: ['file', 'barbican'], default: 'file' },
    directory: optionalPath,
    masterKeyFile: optionalPath,
    barbican: {
      ...object(['url', 'authUrl', 'user', 'passwordFile'], {
        url: httpUrl,
        authUrl: httpUrl,
        user: text,
        passwordFile: path,
        project: { ...text, default: 'service' },
        userDomain: domain,
        projectDomain: domain,
      }),
      type: ['object', 'null'],
      default: null,
    },
  }),
  type: ['object', 'null'],
  default: null,
};

const glanceCall = {
  url: { ...httpUrl, pattern: '^https?://(?!.*/v[0-9]+$)[^\\s]*[^\\s/]$' },
  caFile: optionalPath,
  timeoutSeconds: { type: 'integer', minimum: 1, maximum: 60, default: 10 },
} as const;
const apiGlance = object(['url'], {
  ...glanceCall,
  publicUrl: { ...httpUrl, type: ['string', 'null'], default: null },
});
const { publicAuthUrl: _, ...keystoneCall } = keystone.properties ?? {};
const workerGlance = object(['url', 'keystone'], {
  ...glanceCall,
  idleSeconds: { type: 'integer', minimum: 1, maximum: 3600, default: 120 },
  keystone: object(['authUrl', 'service'], keystoneCall),
});

export const configSchemas: Readonly<Record<ProcessName, ConfigSchema>> = {
  api: object(['listen', 'publicUrl', 'database', 'identity', 'ticketSecretFile'], {
    listen,
    tls,
    publicUrl: httpUrl,
    database,
    identity,
    ticketSecretFile: path,
    hostName: host,
    metrics,
    images: object(
      [],
      {
        mode: { type: 'string', enum: ['embedded', 'glance'], default: 'embedded' },
        glance: { ...apiGlance, type: ['object', 'null'], default: null },
        cache: object(
          [],
          {
            maxEntries: { type: 'integer', minimum: 0, maximum: 10_000, default: 20 },
            maxGib: { type: 'integer', minimum: 0, maximum: 1_000_000, default: 1024 },
          },
          { default: {} },
        ),
        maxBytes: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER, default: 1024 ** 4 },
        projectBytes: { type: 'integer', minimum: -1, maximum: Number.MAX_SAFE_INTEGER, default: -1 },
        workerCaFile: optionalPath,
      },
      {
        default: {},
        if: { properties: { mode: { const: 'glance' } }, required: ['mode'] },
        // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own keyword
        then: { required: ['glance'], properties: { glance: { type: 'object' } } },
      },
    ),
    instantCopies: object(
      [],
      { maxLayers: { type: 'integer', minimum: 0, maximum: 100, default: 16 } },
      { default: {} },
    ),
    notifications,
    limits,
    log,
    faultPlan: optionalPath,
  }),
  conductor: object(['database', 'amqp'], {
    database,
    amqp,
    reconcileMs: { type: 'integer', minimum: 10, default: 1000 },
    retryBaseMs: { type: 'integer', minimum: 1, default: 1000 },
    serviceDownSeconds: seconds(60),
    flatten: object(
      [],
      {
        perPool: { type: 'integer', minimum: 0, maximum: 100, default: 1 },
        bytesPerSecond: { type: ['integer', 'null'], minimum: 65_536, default: null },
        delaySeconds: { type: 'integer', minimum: 0, default: 60 },
      },
      { default: {} },
    ),
    custodySeconds: { type: 'integer', minimum: 0, maximum: 60, default: 10 },
    auditSeconds: { type: 'integer', minimum: 0, maximum: 86_400, default: 60 },
    hostName: host,
    notifications,
    log,
    faultPlan: optionalPath,
  }),
  'volume-worker': object(['amqp', 'stateDirectory', 'backends'], {
    amqp,
    stateDirectory: path,
    host,
    zone,
    reportSeconds: seconds(10),
    dataServer,
    backends: { type: 'array', minItems: 1, items: backend },
    backups: { ...backups, type: ['object', 'null'], default: null },
    glance: { ...workerGlance, type: ['object', 'null'], default: null },
    keyStore,
    log,
    faultPlan: optionalPath,
  }),
  'compute-worker': object(['amqp', 'stateDirectory', 'listen', 'advertiseUrl', 'ticketSecretFile'], {
    amqp,
    stateDirectory: path,
    host,
    zone,
    hypervisor: { type: 'string', enum: ['qemu', 'fake'], default: 'qemu' },
    qemuBinary: optionalPath,
    listen,
    advertiseUrl: httpUrl,
    ticketSecretFile: path,
    reportSeconds: seconds(10),
    maxDisks: { type: 'integer', minimum: 1, maximum: 256, default: 24 },
    keyStore,
    log,
    faultPlan: optionalPath,
  }),
};
