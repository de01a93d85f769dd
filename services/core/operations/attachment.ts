// Attach and detach of a volume to a server of ours. A stopped guest needs no worker: it gets its disks when it starts.
//
//   attach:  volume reserved/attaching  =>  headers read back  =>  device in the guest  =>  attachment `attached`, volume `in-use`
//   detach:  volume detaching           =>  device gone, nodes closed  =>  attachment row gone, volume `available`
import { ServiceError } from '../domain/errors.js';
import {
  checkHeadersStep,
  diskSpec,
  guestIsLive,
  inspectGuestStep,
  needServer,
  needVolume,
  SECOND,
} from './common-steps.js';
import { ask, defineOperation, type StepContext } from './definition.js';

type Context = StepContext<'attachment-create' | 'attachment-delete'>;

function detach(context: Context) {
  return ask('disk.detach', { serverId: needServer(context).id, volumeId: needVolume(context).id });
}

export const attachmentCreate = defineOperation({
  type: 'attachment-create',
  locks: ({ volumeId, serverId }) => [
    { resource: `volume:${volumeId}`, mode: 'use' },
    { resource: `server:${serverId}`, mode: 'chain' },
  ],
  locksAttachedServer: false,
  steps: [
    inspectGuestStep(),
    { ...checkHeadersStep<'attachment-create'>(({ facts }) => facts.volume ?? undefined), when: guestIsLive },
    {
      name: 'attach-disk',
      on: 'compute-worker',
      timeoutMs: 40 * SECOND,
      when: guestIsLive,
      do: (context) => {
        const server = needServer(context);
        const disk = server.disks.find((one) => one.attachmentId === context.params.attachmentId);
        if (disk === undefined) throw new ServiceError('internal', 'The attachment of the operation is gone.');
        return ask('disk.attach', { serverId: server.id, disk: diskSpec(disk) });
      },
      undo: detach,
    },
  ],
});

export const attachmentDelete = defineOperation({
  type: 'attachment-delete',
  locks: ({ volumeId, serverId }) => [
    { resource: `volume:${volumeId}`, mode: 'use' },
    { resource: `server:${serverId}`, mode: 'chain' },
  ],
  locksAttachedServer: false,
  waitsForGuest: true,
  steps: [
    inspectGuestStep(),
    { name: 'detach-disk', on: 'compute-worker', timeoutMs: 120 * SECOND, when: guestIsLive, do: detach },
  ],
});
