// How chains and their checks look to administrators. Pure.
import type { components } from '../../../api-spec/generated/admin.js';
import type { ChainRecord, LayerRecord } from '../../core/db/admin/chains.js';
import type { FlattenRecord } from '../../core/db/admin/flatten.js';
import type { OperationRecord } from '../../core/db/admin/operations.js';
import { type ChainFinding, checkChain, type GuestWitness } from '../../core/domain/chain-check.js';
import { INSPECT_CHAIN } from '../../core/operations/chain-check.js';
import { guestIsLive } from '../../core/operations/common-steps.js';
import { outputOf } from '../../core/operations/definition.js';
import { naiveTime, naiveTimeOrNull } from '../block-storage/naive-time.js';
import { errorOf, viewOperation } from './operation-view.js';

type Schemas = components['schemas'];

function viewLayer(layer: LayerRecord, isActive: boolean): Schemas['ChainLayer'] {
  const { snapshotId, snapshot } = layer;
  return {
    file: layer.file,
    format: layer.format,
    virtual_size_bytes: layer.virtualSizeBytes,
    allocated_bytes: layer.allocatedBytes,
    volume_id: layer.volumeId,
    foreign: layer.isForeign,
    active: isActive,
    snapshot:
      snapshotId === null ? null : { id: snapshotId, name: snapshot?.name ?? null, status: snapshot?.status ?? null },
    dependants: [...layer.dependants],
  };
}

export function viewFlatten(record: FlattenRecord): Schemas['Flatten'] {
  return {
    backing_volume_id: record.backing_volume_id,
    requested_at: naiveTimeOrNull(record.flatten_requested_at),
    not_before: naiveTimeOrNull(record.flatten_not_before),
    failures: record.flatten_failures,
    error: errorOf({ error: record.flatten_error }),
  };
}

export function viewChain(record: ChainRecord): Schemas['VolumeChain'] {
  const { layers } = record;
  return {
    volume: record.volume,
    layers: layers.map((layer, index) => viewLayer(layer, index === layers.length - 1)),
    attachments: [...record.attachments],
    operations: record.operations.map(viewOperation),
    flatten: record.flatten === null ? null : viewFlatten(record.flatten),
    measured_at: naiveTimeOrNull(record.measuredAt),
  };
}

/** null when no guest runs with the disk, or none was asked. */
function guestWitness(record: OperationRecord, volumeId: string): GuestWitness {
  if (!guestIsLive(record)) return null;
  const server = outputOf(record, 'inspect-guest', 'server.inspect')?.server ?? null;
  return { disk: server?.disks.find((disk) => disk.volumeId === volumeId)?.layers ?? null };
}

function findingsOf(record: OperationRecord, volumeId: string): ChainFinding[] {
  // A check is of one volume, so it has one plan.
  const plan = [record.plan].flat()[0] ?? null;
  const seen = outputOf(record, INSPECT_CHAIN, 'chain.inspect');
  if (plan === null || seen === undefined) return [];
  return checkChain(
    { chain: plan.before, foreignLayers: plan.foreignBefore ?? 0 },
    seen,
    guestWitness(record, volumeId),
  );
}

export function viewChainCheck(record: OperationRecord): Schemas['ChainCheck'] {
  const { volumeId } = record.params as { volumeId: string };
  const asked = [
    ...(Object.hasOwn(record.outputs, INSPECT_CHAIN) ? (['files'] as const) : []),
    ...(Object.hasOwn(record.outputs, 'inspect-guest') ? (['guest'] as const) : []),
  ];
  return {
    operation_id: record.id,
    volume_id: volumeId,
    state: record.state,
    witnesses: asked,
    findings: findingsOf(record, volumeId),
    error: errorOf(record),
    created_at: naiveTime(record.created_at),
    finished_at: naiveTimeOrNull(record.finished_at),
  };
}
