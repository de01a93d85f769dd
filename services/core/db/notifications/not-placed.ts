// The event of a volume that no pool can take. Cinder's scheduler is its publisher, and its only one that tells a failure:
// cinder/scheduler/flows/create_volume.py.
import type { NotificationContext } from '../../notifications/envelope.js';
import { volumePayload } from '../../notifications/usage.js';
import type { Transaction } from '../connection.js';
import { loadVolumeUsage } from './load-usage.js';
import { notificationSettings } from './settings.js';
import { type Told, writeNotifications } from './write.js';

export async function tellNotPlaced(
  tx: Transaction,
  context: NotificationContext,
  volumeId: string,
  reason: string,
): Promise<void> {
  if (notificationSettings(tx) === null) return;
  const [volume] = await loadVolumeUsage(tx, [volumeId]);
  if (volume === undefined) return;
  const properties = {
    size: volume.sizeGib,
    status: volume.status,
    project_id: volume.projectId,
    user_id: volume.userId,
    display_name: volume.name,
    availability_zone: volume.zone,
    volume_type_id: volume.typeId,
    snapshot_id: volume.snapshotId,
    metadata: volume.metadata,
  };
  const payload = {
    request_spec: { volume_id: volumeId, volume_properties: properties },
    volume_properties: properties,
    volume_id: volumeId,
    state: 'error',
    method: 'create_volume',
    reason,
  };
  const failed: Omit<Told, 'publisher' | 'eventType' | 'payload'> = { host: null, priority: 'ERROR' };
  await writeNotifications(tx, context, [
    { ...failed, publisher: 'scheduler', eventType: 'scheduler.create_volume', payload },
    { ...failed, publisher: 'volume', eventType: 'volume.create.error', payload: volumePayload(volume) },
  ]);
}
