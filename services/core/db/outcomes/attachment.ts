// Outcomes of attach and detach to a server of ours.
import { lockVolumes } from './lock-volumes.js';
import type { Outcomes } from './outcomes.js';
import { deriveVolumeStatus, tellUser } from './rows.js';

export const attachmentCreateOutcomes: Outcomes<'attachment-create'> = {
  async done(tx, row) {
    const { attachmentId, volumeId } = row.params;
    await lockVolumes(tx, [volumeId]);
    await tx('attachments')
      .where({ id: attachmentId })
      .update({ status: 'attached', attached_at: tx.raw('utc_now()'), updated_at: tx.raw('utc_now()') });
    await deriveVolumeStatus(tx, volumeId);
  },
  async failed(tx, row, error) {
    const { attachmentId, volumeId } = row.params;
    await lockVolumes(tx, [volumeId]);
    await tx('attachments').where({ id: attachmentId }).delete();
    await deriveVolumeStatus(tx, volumeId);
    await tellUser(tx, row, 'VOLUME', volumeId, error);
  },
};

export const attachmentDeleteOutcomes: Outcomes<'attachment-delete'> = {
  async done(tx, row) {
    const { attachmentId, volumeId } = row.params;
    await lockVolumes(tx, [volumeId]);
    await tx('attachments').where({ id: attachmentId }).delete();
    await deriveVolumeStatus(tx, volumeId);
  },
  async failed(tx, row, error) {
    // The guest did not let go: the disk is still attached, so that is what is shown.
    const { attachmentId, volumeId } = row.params;
    await lockVolumes(tx, [volumeId]);
    await tx('attachments')
      .where({ id: attachmentId })
      .update({ status: 'attached', updated_at: tx.raw('utc_now()') });
    await deriveVolumeStatus(tx, volumeId);
    await tellUser(tx, row, 'VOLUME', volumeId, error);
  },
};
