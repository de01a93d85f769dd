// Steps and lookups that several operations share: asking the hypervisor whether a guest has the volume open, reading headers
// back, writing Cinder's record. Facts that an operation cannot do without are demanded here with one clear error.
import type { Chain } from '../domain/chain.js';
import { ServiceError } from '../domain/errors.js';
import { powerStates } from '../domain/server.js';
import type { CommandParams, DiskSpecMessage } from '../messages/envelope.js';
import { ask, type ChainPlan, outputOf, ownLayersAfter, type Step, type StepContext } from './definition.js';
import type { AttachedDiskFacts, EncryptionFacts, ServerFacts, VolumeFacts } from './facts.js';
import type { OperationType } from './params.js';

export const SECOND = 1000;

export function needVolume(context: StepContext): VolumeFacts {
  if (context.facts.volume === null) throw new ServiceError('internal', 'The volume of the operation is gone.');
  return context.facts.volume;
}

export function needServer(context: StepContext): ServerFacts {
  if (context.facts.server === null) throw new ServiceError('internal', 'The server of the operation is gone.');
  return context.facts.server;
}

export function needPlan(context: StepContext): ChainPlan {
  if (context.plan === null) throw new ServiceError('internal', 'The operation has no plan.');
  return context.plan;
}

/**
 * A request for a volume at rest was accepted while nobody had it. It may have waited, and an administrator may have reset the status
 * meanwhile: then somebody may have the files open now. Throws `volume_busy`.
 */
export function demandUnattached(volume: VolumeFacts | null): void {
  if (volume?.hasAttachments === true) throw new ServiceError('volume_busy', 'The volume is attached.');
}

/** The files of the layers from this position on. */
export function filesFrom(chain: Chain, position: number): readonly string[] {
  return chain.slice(position).map((layer) => layer.file);
}

/** What virtio-blk can carry of a volume id: its first 20 characters. */
export function diskSerial(volumeId: string): string {
  return volumeId.slice(0, 20);
}

export function diskSpec(disk: AttachedDiskFacts): DiskSpecMessage {
  return {
    volumeId: disk.volume.id,
    serial: diskSerial(disk.volume.id),
    access: disk.volume.access,
    chain: disk.volume.chain,
    ...(disk.volume.foreignLayers === 0 ? {} : { foreignLayers: disk.volume.foreignLayers }),
    readOnly: disk.readOnly,
    bootIndex: disk.bootIndex,
  };
}

/** The key of a volume whose file is about to be made; before the file, so that none is ever there without its key. */
export function createKeyStep<T extends OperationType>(
  when: (context: StepContext<T>) => boolean,
  wanted: (context: StepContext<T>) => Pick<EncryptionFacts, 'keyId' | 'bits'> | undefined,
  at: Pick<Step<T>, 'at'> = {},
): Step<T> {
  const need = (context: StepContext<T>) => {
    const key = wanted(context);
    if (key === undefined) throw new ServiceError('internal', 'The volume is not encrypted.');
    return key;
  };
  return {
    name: 'create-key',
    on: 'volume-worker',
    ...at,
    timeoutMs: 30 * SECOND,
    when,
    do: (context) => {
      const { keyId, bits } = need(context);
      return ask('key.create', { volumeId: needVolume(context).id, keyId, bits });
    },
    undo: (context) => {
      const keyId = outputOf(context, 'create-key', 'key.create')?.keyId ?? need(context).keyId;
      // The row may have been deleted when a move that had let its locks go is undone.
      return ask('key.remove', { volumeId: (context.params as { volumeId: string }).volumeId, keyId });
    },
  };
}

const INSPECT = 'inspect-guest';

/** Asks the hypervisor, not the word `in-use`, whether a guest has the files open. */
export function inspectGuestStep<T extends OperationType>(): Step<T> {
  return {
    name: INSPECT,
    on: 'compute-worker',
    timeoutMs: 10 * SECOND,
    readOnly: true,
    when: (context) => context.facts.server !== null,
    do: (context) => ask('server.inspect', { serverId: needServer(context).id }),
  };
}

/** True when `inspect-guest` found a hypervisor process for the guest: then only it may touch the active layer. */
export function guestIsLive(context: Pick<StepContext, 'outputs'>): boolean {
  const observed = outputOf(context, INSPECT, 'server.inspect')?.server ?? null;
  return (
    observed !== null && observed.powerState !== powerStates.shutdown && observed.powerState !== powerStates.nostate
  );
}

/**
 * Of a step in a running guest that has a sibling for volumes at rest behind it: a guest that ends meanwhile may have been told already what to do,
 * and have done it. Only going on says what the files are; a server that were started from the old record could lose what was written since.
 */
export const guestHasEnded = ['guest_not_running'] as const;

/** True when a step in the guest has not done it: there was none, or it ended first. Then the volume is at rest. */
export function remainsToBeDone(context: Pick<StepContext, 'outputs'>, liveStep: string): boolean {
  return context.outputs[liveStep] === undefined;
}

/**
 * Before a hypervisor opens a disk: a header that names a file of the host, or of another volume, would make it open that. The worker of the
 * volume's own pool looks.
 */
export function checkHeadersStep<T extends OperationType>(
  diskOf: (context: StepContext<T>) => VolumeFacts | undefined,
): Step<T> {
  const need = (context: StepContext<T>): VolumeFacts => {
    const volume = diskOf(context);
    if (volume === undefined) throw new ServiceError('internal', 'A disk of the operation is gone.');
    return volume;
  };
  return {
    name: 'check-headers',
    on: 'volume-worker',
    timeoutMs: 30 * SECOND,
    readOnly: true,
    worker: (context) => need(context).backendHost,
    do: (context) => {
      const { id, access, chain } = need(context);
      return ask('chain.verify', { volumeId: id, share: access.share, chain });
    },
  };
}

/** Reads every header of the planned chain back; the operation is not done before they agree. */
export function verifyPlanStep<T extends OperationType>(
  when: (context: StepContext<T>) => boolean = (context) => context.plan !== null,
): Step<T> {
  return {
    name: 'verify-chain',
    on: 'volume-worker',
    timeoutMs: 30 * SECOND,
    readOnly: true,
    pivot: true,
    when,
    do: (context) => {
      const volume = needVolume(context);
      return ask('chain.verify', { volumeId: volume.id, share: volume.access.share, chain: needPlan(context).after });
    },
  };
}

/** Derives Cinder's `.info` record from the planned chain: the volume's own part of it. */
export function writePlanRecordStep<T extends OperationType>(
  when: (context: StepContext<T>) => boolean = (context) => context.plan !== null,
): Step<T> {
  return {
    name: 'write-record',
    on: 'volume-worker',
    timeoutMs: 30 * SECOND,
    when,
    do: (context) => {
      const volume = needVolume(context);
      const chain = [...ownLayersAfter(needPlan(context))] as CommandParams<'record.write'>['chain'];
      return ask('record.write', { volumeId: volume.id, share: volume.access.share, chain });
    },
  };
}

/**
 * Puts the overlay that the plan adds above the chain, reads all headers back and writes the record, in one command: for a volume that no
 * guest has open. Undone, it is as if it had never been there.
 */
export function appendOverlayStep<T extends OperationType>(when: (context: StepContext<T>) => boolean): Step<T> {
  return {
    name: 'append-overlay',
    on: 'volume-worker',
    timeoutMs: 30 * SECOND,
    when,
    do: (context) => {
      const volume = needVolume(context);
      const { after: chain, foreignAfter: foreignLayers = 0 } = needPlan(context);
      return ask('overlay.append', { volumeId: volume.id, share: volume.access.share, chain, foreignLayers });
    },
    undo: (context) => {
      const volume = needVolume(context);
      const { before: chain, foreignBefore: foreignLayers = 0, file: overlayFile } = needPlan(context);
      return ask('overlay.withdraw', {
        volumeId: volume.id,
        share: volume.access.share,
        chain,
        foreignLayers,
        overlayFile,
      });
    },
  };
}
