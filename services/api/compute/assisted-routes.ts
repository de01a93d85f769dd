// Calls of a volume service, not of people: assisted snapshots and events about servers.
import { createAssistedSnapshot, deleteAssistedSnapshot } from '../../core/db/compute/assisted-snapshots.js';
import { listPlacement } from '../../core/db/compute/servers.js';
import { ServiceError } from '../../core/domain/errors.js';
import { tryCanonicalUuid } from '../../core/domain/ids.js';
import { defineRoute, type Route } from '../shell/route.js';
import { type ComputeApi, requesterOf } from './compute-api.js';
import { has } from './microversions.js';

interface AssistedBody {
  readonly snapshot: {
    readonly volume_id: string;
    readonly create_info: { readonly snapshot_id: string; readonly new_file: string; readonly id?: string };
  };
}

interface DeleteInfo {
  readonly volumeId: string;
  readonly fileToMerge: string | null;
  readonly mergeTargetFile: string | null;
}

function fileName(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Throws `bad_request` unless the text is a JSON object with a volume_id. */
export function readDeleteInfo(text: string | null): DeleteInfo {
  let info: unknown;
  try {
    info = JSON.parse(text ?? '');
  } catch {
    info = null;
  }
  const given = typeof info === 'object' && info !== null ? (info as Record<string, unknown>) : {};
  const volumeId = typeof given['volume_id'] === 'string' ? tryCanonicalUuid(given['volume_id']) : null;
  if (volumeId === null) throw new ServiceError('bad_request', 'Invalid delete_info');
  return {
    volumeId,
    fileToMerge: fileName(given['file_to_merge']),
    mergeTargetFile: fileName(given['merge_target_file']),
  };
}

function snapshotRoutes({ database }: ComputeApi): readonly Route[] {
  return [
    defineRoute<AssistedBody>({
      method: 'POST',
      path: '/v2.1/os-assisted-volume-snapshots',
      operationId: 'computeCreateAssistedSnapshot',
      policy: 'assisted-snapshot:create',
      success: 200,
      handler: async (context, { body: { snapshot } }) => {
        const { snapshot_id, new_file: newFile, id = null } = snapshot.create_info;
        const volumeId = tryCanonicalUuid(snapshot.volume_id) ?? snapshot.volume_id;
        const snapshotId = tryCanonicalUuid(snapshot_id) ?? snapshot_id;
        await createAssistedSnapshot(database, { volumeId, snapshotId, newFile }, requesterOf(context));
        return { body: { snapshot: { id, volumeId } } };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v2.1/os-assisted-volume-snapshots/{snapshot_id}',
      operationId: 'computeDeleteAssistedSnapshot',
      policy: 'assisted-snapshot:delete',
      success: 204,
      handler: async (context, { param, query }) => {
        const snapshotId = tryCanonicalUuid(param('snapshot_id')) ?? param('snapshot_id');
        const wish = { ...readDeleteInfo(query.get('delete_info')), snapshotId };
        await deleteAssistedSnapshot(database, wish, requesterOf(context));
        return {};
      },
    }),
  ];
}

interface ExternalEvent {
  readonly name: string;
  readonly server_uuid: string;
  readonly tag?: string;
  readonly status?: string;
}

/**
 * Nothing has to be done for any of them: guests have no network, and a grown volume is shown to the guest by the operation that
 * grew it. What the sender needs is to learn per event whether the server is there.
 */
function eventRoute({ database }: ComputeApi): Route {
  return defineRoute<{ readonly events: readonly ExternalEvent[] }>({
    method: 'POST',
    path: '/v2.1/os-server-external-events',
    operationId: 'computeCreateExternalEvents',
    policy: 'server:external-events',
    success: 200,
    handler: async (context, { body: { events } }) => {
      const extended = events.some((event) => event.name === 'volume-extended');
      if (extended && !has(context.microversion, 'event-volume-extended')) {
        throw new ServiceError('bad_request', 'Invalid input for field/attribute name. Value: volume-extended.');
      }
      const placed = await listPlacement(
        database,
        events.flatMap((event) => tryCanonicalUuid(event.server_uuid) ?? []),
      );
      const answers = events.map((event) => {
        const host = placed.get(tryCanonicalUuid(event.server_uuid) ?? '');
        const code = host === undefined ? 404 : host === null ? 422 : 200;
        return { ...event, status: code === 200 ? (event.status ?? 'completed') : 'failed', code };
      });
      if (answers.every((answer) => answer.code !== 200)) {
        throw new ServiceError('not_found', 'No instances found for any event');
      }
      return { status: answers.every((answer) => answer.code === 200) ? 200 : 207, body: { events: answers } };
    },
  });
}

export function assistedRoutes(api: ComputeApi): readonly Route[] {
  return [...snapshotRoutes(api), eventRoute(api)];
}
