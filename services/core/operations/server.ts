// Life of a server (guest): its disks are the attachments on record, given in full with every start.
//
//   create:  volumes attaching  =>  guest runs      =>  server `active`, volumes `in-use`     (undo: guest removed)
//   stop:    guest runs         =>  process gone    =>  server `stopped`, volumes stay `in-use`
//   delete:  anything           =>  nothing on the host  =>  attachments gone, volumes `available`
import { ServiceError } from '../domain/errors.js';
import { diskSpec, needServer, SECOND } from './common-steps.js';
import { ask, defineOperation, type LockWish, type Step, type StepContext } from './definition.js';

const GRACE_MS = 20 * SECOND;

function lockServer({ serverId }: { readonly serverId: string }): readonly LockWish[] {
  return [{ resource: `server:${serverId}`, mode: 'chain' }];
}

function startStep<T extends 'server-create' | 'server-start'>(undoable: boolean): Step<T> {
  const removeServer = (context: StepContext<T>) => ask('server.delete', { serverId: needServer(context).id });
  return {
    name: 'start-server',
    on: 'compute-worker',
    timeoutMs: 90 * SECOND,
    do: (context) => {
      const { id: serverId, name, vcpus, memoryMib, disks } = needServer(context);
      return ask('server.start', { serverId, name, vcpus, memoryMib, disks: disks.map(diskSpec) });
    },
    ...(undoable ? { undo: removeServer } : {}),
  };
}

export const serverCreate = defineOperation({
  type: 'server-create',
  locks: ({ serverId, volumeIds }) => [
    ...lockServer({ serverId }),
    ...volumeIds.map((id) => ({ resource: `volume:${id}` as const, mode: 'use' as const })),
  ],
  locksAttachedServer: false,
  // Volumes that are made for it were accepted before it, so they are there, or never will be.
  plan: (_params, { server }) => {
    const missing = server?.disks.find(({ volume }) => volume.chain.length === 0);
    if (missing === undefined) return null;
    throw new ServiceError('not_found', `Build of the server aborted: Volume ${missing.volume.id} could not be made.`);
  },
  steps: [startStep(true)],
});

export const serverStart = defineOperation({
  type: 'server-start',
  locks: lockServer,
  locksAttachedServer: false,
  steps: [startStep(false)],
});

export const serverStop = defineOperation({
  type: 'server-stop',
  locks: lockServer,
  locksAttachedServer: false,
  steps: [
    {
      name: 'stop-server',
      on: 'compute-worker',
      timeoutMs: GRACE_MS + 40 * SECOND,
      do: (context) => ask('server.stop', { serverId: needServer(context).id, graceMs: GRACE_MS }),
    },
  ],
});

export const serverDelete = defineOperation({
  type: 'server-delete',
  locks: lockServer,
  locksAttachedServer: false,
  steps: [
    {
      name: 'delete-server',
      on: 'compute-worker',
      timeoutMs: 60 * SECOND,
      do: (context) => ask('server.delete', { serverId: needServer(context).id }),
    },
  ],
});
