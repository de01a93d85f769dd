// Contexts for every operation in every shape that its table tells apart: without a server, with a stopped one, with a running
// one; with a source; with a snapshot that never reached the chain. Plain data, no database.
import { type Chain, encryptionOf, type Layer } from '../../../services/core/domain/chain.js';
import { GIB } from '../../../services/core/domain/size.js';
import type { StepContext } from '../../../services/core/operations/definition.js';
import type {
  MemberFacts,
  OperationFacts,
  PlacesFacts,
  ServerFacts,
  VolumeFacts,
} from '../../../services/core/operations/facts.js';
import type { OperationParams, OperationType } from '../../../services/core/operations/params.js';
import { definitionOf, operationRegistry } from '../../../services/core/operations/registry.js';

export const ids = {
  volume: '11111111-1111-4111-8111-111111111111',
  source: '22222222-2222-4222-8222-222222222222',
  snapshot: '33333333-3333-4333-8333-333333333333',
  newSnapshot: '44444444-4444-4444-8444-444444444444',
  server: '55555555-5555-4555-8555-555555555555',
  attachment: '66666666-6666-4666-8666-666666666666',
  copy: '77777777-7777-4777-8777-777777777777',
  group: '88888888-8888-4888-8888-888888888888',
  otherVolume: '99999999-9999-4999-8999-999999999999',
  key: 'cccccccc-cccc-4ccc-8ccc-cccccccccccc',
  backup: 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb',
  otherSnapshot: 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa',
} as const;

const access = {
  share: 'dir:/share',
  glusterVolumeName: 'share',
  directory: '',
  servers: [{ host: '127.0.0.1', port: 24007 }],
  mountOptions: null,
};

function chainWithSnapshot(volumeId: string, snapshotId: string): Chain {
  return [
    { file: `volume-${volumeId}`, format: 'qcow2', virtualSizeBytes: GIB, snapshotId: null },
    { file: `volume-${volumeId}.${snapshotId}`, format: 'qcow2', virtualSizeBytes: GIB, snapshotId },
  ];
}

function volumeFacts(id: string, chain: Chain): VolumeFacts {
  return {
    id,
    sizeGib: 1,
    backendHost: 'host@backend',
    access,
    chain,
    foreignLayers: 0,
    baseMustBeRaw: false,
    hasSnapshots: false,
    hasAttachments: false,
    format: 'qcow2',
    preallocation: 'off',
  };
}

/** The volume above the base of another one. */
function standing(volume: VolumeFacts): VolumeFacts {
  const chain = [...chainWithSnapshot(ids.source, snapshotId).slice(0, 1), ...volume.chain];
  return { ...volume, chain, foreignLayers: 1 };
}

function serverFacts(volume: VolumeFacts): ServerFacts {
  const disks = [{ volume, attachmentId: ids.attachment, readOnly: false, bootIndex: 0 }];
  return { id: ids.server, name: 'guest', computeHost: 'host', vcpus: 1, memoryMib: 256, disks };
}

/** Where the sample volume is, and another backend of the same worker. */
const places: PlacesFacts = {
  from: {
    name: 'host@backend#dir:/share',
    backendHost: 'host@backend',
    access,
    zone: 'nova',
  },
  to: {
    name: 'host@other#dir:/other',
    backendHost: 'host@other',
    access: { ...access, share: 'dir:/other' },
    zone: 'nova',
  },
};

const { volume: volumeId, snapshot: snapshotId, server: serverId, attachment: attachmentId } = ids;
/** Two volumes; a guest that has one has both. */
const members = [
  { volumeId, snapshotId: ids.newSnapshot },
  { volumeId: ids.otherVolume, snapshotId: ids.otherSnapshot },
];
function membersOf(guest: GuestShape): readonly MemberFacts[] {
  const server = guest === 'none' ? null : { id: ids.server, computeHost: 'host' };
  return members.map((one) => ({
    volume: volumeFacts(one.volumeId, chainWithSnapshot(one.volumeId, snapshotId)),
    server,
  }));
}

const backup = {
  id: ids.backup,
  objectsOf: ids.backup,
  objectsAreShared: false,
  encryption: null,
  container: 'volumebackups',
  sizeGib: 1,
  manifestSha256: 'ab'.repeat(32),
  snapshotId: null,
  parent: null,
  worker: 'host@backend',
};

const exported = {
  volumeId,
  directory: 'leave-today',
  name: `volume-${volumeId}.raw`,
  format: 'raw',
  text: '{}',
  checksum: true,
} as const;
const imageTransfer = {
  ...{ volumeId, imageId: ids.copy, transferId: ids.newSnapshot },
  ...{ ticketSha256: '0'.repeat(64), idleSeconds: 60 },
};
const paramsOf: { readonly [T in OperationType]: readonly OperationParams[T][] } = {
  'volume-create': [
    { volumeId, source: null },
    { volumeId, source: { volumeId: ids.source, snapshotId } },
    { volumeId, source: { volumeId: ids.source, snapshotId }, instant: { maxLayers: 16 } },
  ],
  'volume-clone': [{ volumeId, source: { volumeId: ids.source, snapshotId: ids.newSnapshot } }],
  'image-cache-fill': [
    { volumeId, source: { volumeId: ids.source, snapshotId: null }, sourceFormat: 'vmdk' },
    { volumeId, source: null, remote: { imageId: ids.copy, declared: 'qcow2' }, sourceFormat: 'qcow2' },
    { volumeId, source: null, remote: { imageId: ids.copy, declared: 'vmdk' }, sourceFormat: 'vmdk' },
  ],
  'volume-to-image': [
    { volumeId, imageId: ids.copy, source: { volumeId: ids.source, snapshotId: null }, format: 'raw' },
    { volumeId, imageId: ids.copy, source: { volumeId: ids.source, snapshotId }, format: 'qcow2' },
    { volumeId, imageId: ids.copy, source: { volumeId: ids.source, snapshotId: null }, format: 'raw', remote: true },
  ],
  'volume-reimage': [false, true].map((instant) => ({
    volumeId,
    source: { volumeId: ids.source, snapshotId: null },
    newFile: `volume-${volumeId}.${ids.copy}`,
    reserved: false,
    imageMetadata: {},
    ...(instant ? { instant: { maxLayers: 16 } } : {}),
  })),
  'volume-flatten': [{ volumeId, bytesPerSecond: 1024 ** 2 }],
  'volume-manage': [{ volumeId, sourceFile: 'disk.qcow2' }],
  'volume-delete': [{ volumeId }],
  'volume-extend': [{ volumeId, newSizeGib: 2 }],
  'volume-migrate': [
    {
      volumeId,
      fromPool: places.from.name,
      toPool: places.to.name,
      nameId: ids.copy,
      newTypeId: null,
      format: 'raw',
      preallocation: 'off',
    },
  ],
  'volume-revert': [{ volumeId, snapshotId, newFile: `volume-${volumeId}.${ids.copy}` }],
  'volume-unmanage': [{ volumeId }],
  'snapshot-create': [{ volumeId, snapshotId: ids.newSnapshot }],
  'group-snapshot-create': [{ groupSnapshotId: ids.group, consistent: true, members }],
  'snapshot-delete': [
    { volumeId, snapshotId },
    { volumeId, snapshotId: ids.newSnapshot },
  ],
  'attachment-create': [{ volumeId, attachmentId, serverId }],
  'attachment-delete': [{ volumeId, attachmentId, serverId }],
  'server-create': [{ serverId, volumeIds: [volumeId] }],
  'server-start': [{ serverId }],
  'server-stop': [{ serverId }],
  'server-delete': [{ serverId }],
  'assisted-snapshot-create': [{ volumeId, snapshotId: ids.newSnapshot, newFile: `volume-${volumeId}.new` }],
  'assisted-snapshot-delete': [{ volumeId, snapshotId, fileToMerge: `volume-${volumeId}.${snapshotId}` }],
  'snapshot-manage': [
    { volumeId, snapshotId: ids.newSnapshot, file: `volume-${volumeId}.${snapshotId}`, oldId: snapshotId },
  ],
  'snapshot-unmanage': [{ volumeId, snapshotId }],
  'volume-export': [
    { ...exported, sourceSnapshotId: snapshotId, exportId: ids.copy },
    { ...exported, sourceSnapshotId: null, exportId: null },
  ],
  'volume-receive': [false, true].map((convert) => ({
    ...{ volumeId, convert, transferId: ids.copy, ticketSha256: 'ab'.repeat(32), idleSeconds: 60 },
    ...{ format: 'qcow2' as const, expectedBytes: null },
  })),
  'volume-send': (['raw', 'qcow2'] as const).map((format) => ({
    ...{ volumeId, snapshotId, format, transferId: ids.copy, ticketSha256: 'ab'.repeat(32) },
    ...{ idleSeconds: 60, lifeSeconds: 3600 },
  })),
  'backup-create': [{ backupId: ids.backup, volumeId, snapshotId }],
  'backup-restore': [{ backupId: ids.backup, volumeId, nameId: ids.copy }],
  'backup-delete': [{ backupId: ids.backup }],
  'backup-verify': [false, true].map((deep) => ({ backupId: ids.backup, deep })),
  'orphan-remove': [{ pool: places.from.name, orphanOf: ids.copy, files: [`volume-${ids.copy}`] }],
  'chain-check': [{ volumeId }],
  'share-scan': [{ pool: places.from.name, scanId: ids.copy, page: 0, after: null }],
  'volume-settle': [{ volumeId }],
  'custody-write': [{ pool: places.from.name, recordsOf: [volumeId] }],
  'image-upload': (['raw', 'qcow2', 'opaque'] as const).map((format) => ({
    ...imageTransfer,
    format,
    maxBytes: 1024 ** 3,
    ...(format === 'raw' ? { expectedBytes: 512 } : {}),
    declared: format === 'opaque' ? null : format,
  })),
  'image-download': [{ ...imageTransfer, lifeSeconds: 600, bytes: 512 }],
  'image-delete': [{ volumeId, imageId: ids.copy }],
};

/** `stopped` and `running` say what the hypervisor would answer; `none` that no server of ours has the volume. */
export type GuestShape = 'none' | 'stopped' | 'running';

export interface SampleContext {
  readonly type: OperationType;
  readonly guest: GuestShape;
  readonly context: StepContext;
}

/** Operations that are about a server cannot be without one. */
function shapesOf(type: OperationType): readonly GuestShape[] {
  if (/^(server|attachment|assisted)-/.test(type)) return ['stopped', 'running'];
  return definitionOf(type).locksAttachedServer ? ['none', 'stopped', 'running'] : ['none'];
}

/** Empty before the volume is made; one layer where the operation wants a volume without snapshots. */
function chainOf(type: OperationType): Chain {
  const chain = chainWithSnapshot(volumeId, snapshotId);
  if (type === 'volume-create' || type === 'volume-manage' || type === 'image-cache-fill') return [];
  return type === 'volume-unmanage' ? chain.slice(0, 1) : chain;
}

/** What earlier steps answered, where later ones cannot be made without. */
function outputsOf(type: OperationType, key: Pick<Layer, 'keyId'>): Readonly<Record<string, object>> {
  const layer = { file: `volume-${volumeId}`, format: 'qcow2', virtualSizeBytes: GIB / 2, snapshotId: null, ...key };
  const hashes = { md5: 'ab'.repeat(16), sha512: 'ab'.repeat(64) };
  const received = { layer, bytes: 65_536, ...hashes, detected: ['qcow2'] };
  if (type === 'volume-receive' || type === 'image-upload') return { 'receive-data': received };
  if (type === 'image-cache-fill') return { 'fetch-image': { ...received, detected: ['vmdk'] } };
  if (type === 'volume-to-image') {
    return { 'convert-image': { layer }, 'digest-image': { sizeBytes: 65_536, ...hashes } };
  }
  return {};
}

function sampleOf<T extends OperationType>(
  type: T,
  params: OperationParams[T],
  guest: GuestShape,
  encryption?: NonNullable<VolumeFacts['encryption']>,
): SampleContext {
  const bare = { ...volumeFacts(volumeId, chainOf(type)), ...(encryption === undefined ? {} : { encryption }) };
  const volume = type === 'volume-flatten' ? standing(bare) : bare;
  const facts: OperationFacts = {
    volume: type.startsWith('server-') ? null : volume,
    source: {
      ...volumeFacts(ids.source, chainWithSnapshot(ids.source, snapshotId)),
      // An image has the key of its volume.
      ...(encryption === undefined || type !== 'volume-to-image' ? {} : { encryption }),
    },
    places: ['volume-migrate', 'share-scan', 'custody-write', 'orphan-remove'].includes(type) ? places : null,
    server: guest === 'none' ? null : serverFacts(volumeFacts(volumeId, chainWithSnapshot(volumeId, snapshotId))),
    ...(type.startsWith('backup-') ? { backup: { ...backup, encryption: encryption ?? null } } : {}),
    ...(type.startsWith('group-') ? { members: membersOf(guest) } : {}),
  };
  const definition = definitionOf(type);
  const plan = definition.plan?.(params, facts) ?? null;
  const plans = definition.plans?.(params, facts) ?? [];
  return {
    type,
    guest,
    context: { params, facts, plan, plans, outputs: outputsOf(type, encryptionOf(encryption ?? {})) },
  };
}

/** Of volumes that are encrypted, without a server. Behind all others, so that they have the last number of their type. */
function encryptedSamples(): readonly SampleContext[] {
  const encryption = { keyId: ids.key, bits: 512, keyIsShared: false } as const;
  const [move] = paramsOf['volume-migrate'];
  if (move === undefined) throw new Error('no sample of a move');
  const newKey = { keyId: ids.copy, bits: 256 } as const;
  return [
    sampleOf('volume-create', { volumeId, source: null }, 'none', encryption),
    sampleOf('volume-delete', { volumeId }, 'none', encryption),
    sampleOf('volume-migrate', { ...move, format: 'qcow2', newKey }, 'none', encryption),
    sampleOf('backup-delete', { backupId: ids.backup }, 'none', encryption),
    sampleOf('image-delete', { volumeId, imageId: ids.copy }, 'none', encryption),
    sampleOf(
      'volume-to-image',
      { volumeId, imageId: ids.copy, source: { volumeId: ids.source, snapshotId: null }, format: 'qcow2' },
      'none',
      encryption,
    ),
  ];
}

export function sampleContexts(): readonly SampleContext[] {
  const samples: SampleContext[] = [];
  for (const type of Object.keys(operationRegistry) as OperationType[]) {
    for (const params of paramsOf[type])
      for (const guest of shapesOf(type)) samples.push(sampleOf(type, params, guest));
  }
  return [...samples, ...encryptedSamples()];
}

/** What `inspect-guest` would have answered. */
export function inspectOutput(guest: GuestShape): object {
  const powerState = guest === 'running' ? 1 : 4;
  return { server: guest === 'none' ? null : { serverId, powerState, disks: [] } };
}
