// Life of a server (guest): its disks are the attachments on record, given in full with every start.
//
//   create:  volumes attaching  =>  headers read back  =>  guest runs  =>  server `active`, volumes `in-use`     (undo: guest removed)
//   start:   volumes `in-use`   =>  headers read back  =>  guest runs  =>  server `active`
//   stop:    guest runs         =>  process gone    =>  server `stopped`, volumes stay `in-use`
//   delete:  anything           =>  nothing on the host  =>  attachments gone, volumes `available`
import { ServiceError } from '../domain/errors.js';
import { checkHeadersStep, diskSpec, needServer, SECOND } from './common-steps.js';
import { ask, defineOperation, type LockWish, type Step, type StepContext } from './definition.js';

const GRACE_MS = 20 * SECOND;

/** More than a guest has slots for. How many disks there are is known only when the operation begins, so the table has a step for each. */
export const MAX_DISKS = 128;

function lockServer({ serverId }: { readonly serverId: string }): readonly LockWish[] {
  return [{ resource: `server:${serverId}`, mode: 'chain' }];
}

function checkDisk<T extends 'server-create' | 'server-start'>(index: number): Step<T> {
  const diskAt = ({ facts }: StepContext<T>) => facts.server?.disks[index]?.volume;
  return {
    ...checkHeadersStep<T>(diskAt),
    name: `check-headers:${index}`,
    when: (context) => diskAt(context) !== undefined,
  };
}

/** The volume whose headers the step looks at; null for every other step. */
export function volumeChecked({ facts }: Pick<StepContext, 'facts'>, step: string | undefined): string | null {
  const index = /^check-headers:(\d+)$/.exec(step ?? '')?.[1];
  return index === undefined ? null : (facts.server?.disks[Number(index)]?.volume.id ?? null);
}

function startStep<T extends 'server-create' | 'server-start'>(undoable: boolean): Step<T> {
  const removeServer = (context: StepContext<T>) => ask('server.delete', { serverId: needServer(context).id });
  return {
    name: 'start-server',
    on: 'compute-worker',
    timeoutMs: 90 * SECOND,
    do: (context) => {
      const { id: serverId, name, vcpus, memoryMib, disks } = needServer(context);
      if (disks.length > MAX_DISKS)
        throw new ServiceError('bad_request', `The server has more than ${MAX_DISKS} disks.`);
      return ask('server.start', { serverId, name, vcpus, memoryMib, disks: disks.map(diskSpec) });
    },
    ...(undoable ? { undo: removeServer } : {}),
  };
}

function startSteps<T extends 'server-create' | 'server-start'>(disks: number, undoable: boolean): readonly Step<T>[] {
  return [...Array.from({ length: disks }, (_, index) => checkDisk<T>(index)), startStep<T>(undoable)];
}

const createSteps = startSteps<'server-create'>(MAX_DISKS, true);
const startingSteps = startSteps<'server-start'>(MAX_DISKS, false);

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
  steps: startSteps(1, true),
  stepsFor: () => createSteps,
});

export const serverStart = defineOperation({
  type: 'server-start',
  locks: lockServer,
  locksAttachedServer: false,
  steps: startSteps(1, false),
  stepsFor: () => startingSteps,
});

export const serverStop = defineOperation({
  type: 'server-stop',
  locks: lockServer,
  locksAttachedServer: false,
  waitsForGuest: true,
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
