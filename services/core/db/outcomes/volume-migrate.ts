// Outcomes of a move to another pool. The record moves with the verified copy, all at once: chain, pool, promises; the new type is shown at
// the end. Before that a
// failure leaves the volume as it was; after it the move only goes forward.
import { ServiceError } from '../../domain/errors.js';
import type { StepContext } from '../../operations/definition.js';
import type { OperationParams } from '../../operations/params.js';
import type { Transaction } from '../connection.js';
import { forgetBacking } from '../engine/dependants.js';
import type { Outcomes } from './outcomes.js';
import { deriveVolumeStatus, promise, storeChain, tellUser, updateVolume } from './rows.js';

type Move = OperationParams['volume-migrate'];

async function switchRecord(tx: Transaction, move: Move, context: StepContext<'volume-migrate'>): Promise<void> {
  const { plan, facts } = context;
  const to = facts.places?.to;
  const size = facts.volume?.sizeGib;
  if (plan === null || to === undefined || size === undefined) {
    throw new ServiceError('internal', 'The copy has no place.');
  }
  const { volumeId, nameId, format, preallocation, newKey } = move;
  await promise(tx, volumeId, -size);
  await storeChain(tx, volumeId, plan.after);
  // The copy holds all that the volume stood on.
  await forgetBacking(tx, volumeId);
  await updateVolume(tx, volumeId, {
    host: to.name,
    provider_location: to.access.share,
    availability_zone: to.zone,
    base_format: format,
    preallocation,
    name_id: nameId,
    ...(newKey === undefined ? {} : { encrypted: newKey !== null, encryption_key_id: newKey?.keyId ?? null }),
  });
}

async function endMove(tx: Transaction, move: Move, migrationStatus: 'success' | 'error'): Promise<void> {
  const { volumeId, newTypeId } = move;
  await updateVolume(tx, volumeId, {
    migration_status: migrationStatus,
    // With the end, not with the copy: who waits for the new type finds the move ended. The type may have been deleted meanwhile.
    ...(newTypeId === null || migrationStatus !== 'success'
      ? {}
      : {
          volume_type_id: tx.raw('coalesce((select id from volume_types where id = ?), volume_type_id)', [newTypeId]),
          multiattach: tx.raw(
            `coalesce((select coalesce(extra_specs->>'multiattach', '') = '<is> True' from volume_types where id = ?), multiattach)`,
            [newTypeId],
          ),
        }),
  });
  await deriveVolumeStatus(tx, volumeId, newTypeId === null ? 'maintenance' : 'retyping');
}

export const volumeMigrateOutcomes: Outcomes<'volume-migrate'> = {
  stepDone: {
    // The guest stands there from now on, so the record must name it before anything else happens.
    'mirror-live': (tx, row, context) => switchRecord(tx, row.params, context),
    'verify-chain': async (tx, row, context) => {
      if (context.outputs['mirror-live'] === undefined) await switchRecord(tx, row.params, context);
    },
  },
  async done(tx, row) {
    await endMove(tx, row.params, 'success');
  },
  async failed(tx, row, error) {
    const { volumeId, toPool } = row.params;
    await tx.raw(
      `update pools set provisioned_gib = greatest(0, provisioned_gib - coalesce((select size_gib from volumes where id = ?), 0))
       where name = ?`,
      [volumeId, toPool],
    );
    await endMove(tx, row.params, 'error');
    await tellUser(tx, row, 'VOLUME', volumeId, error);
  },
};
