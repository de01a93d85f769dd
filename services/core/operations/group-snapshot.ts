// Snapshots of several volumes at one point in time: all locks are taken at once, every overlay is prepared before any is used, and the
// volumes that one running server has open change to their overlays in one transaction of its hypervisor, with the file systems of the
// guest frozen when its agent does that.
//
//   before:                 [.. <- active a]               [.. <- active b]                guest writes to both
//   after prepare-overlay:* [.. <- active a] <- overlay a  [.. <- active b] <- overlay b   nobody uses an overlay yet; undo removes them
//   after switch-guest:0    [.. <- active a  <- overlay a] [.. <- active b  <- overlay b]  PIVOT; one moment for a and b
//   after verify-chain:*    headers say the same; then the records on the shares
//
// Volumes that no guest has open have no moment of their own: nobody writes to them while their locks are held, so whatever moment the
// others have is theirs too. Volumes at different servers have one moment for each server. What fails before the pivot takes all back;
// behind it all go forward, but for a second server that refuses its switch for good: its volumes stay as they were, without a snapshot.
//
//   switch-guest:1 refused, and the guest asked: [.. <- active c] (overlay c closed)     after remove-overlay:* [.. <- active c]
import { appendOverlay, overlayFileName } from '../domain/chain.js';
import { ServiceError } from '../domain/errors.js';
import { powerStates } from '../domain/server.js';
import type { CommandParams, WireError } from '../messages/envelope.js';
import { SECOND } from './common-steps.js';
import {
  ask,
  type ChainPlan,
  defineOperation,
  outputOf,
  ownLayersAfter,
  planFor,
  refusalOf,
  type Step,
  type StepContext,
} from './definition.js';
import type { MemberFacts, OperationFacts } from './facts.js';

type Type = 'group-snapshot-create';
type Context = StepContext<Type>;

interface Member extends MemberFacts {
  readonly plan: ChainPlan;
}

function memberAt(context: StepContext, index: number): Member {
  const facts = context.facts.members?.[index] ?? null;
  const plan = context.plans?.[index];
  if (facts === null || plan === undefined) throw new ServiceError('internal', 'A volume of the operation is gone.');
  return { ...facts, plan };
}

/** The servers that have members attached, each once. Their order is that of the members, and stays while the locks are held. */
export function serversOf(facts: OperationFacts): readonly { readonly id: string; readonly computeHost: string }[] {
  const byId = new Map((facts.members ?? []).flatMap((one) => (one?.server ? [[one.server.id, one.server]] : [])));
  return [...byId.values()];
}

function needServerAt(context: StepContext, guest: number): { readonly id: string; readonly computeHost: string } {
  const server = serversOf(context.facts)[guest];
  if (server === undefined) throw new ServiceError('internal', 'A server of the operation is gone.');
  return server;
}

/** True when `inspect-guest` found a process for the server: then only its hypervisor may touch the active layers. */
function isLiveServer(context: StepContext, guest: number): boolean {
  const state = outputOf(context, `inspect-guest:${guest}`, 'server.inspect')?.server?.powerState;
  return state !== undefined && state !== powerStates.shutdown && state !== powerStates.nostate;
}

/** Whether a guest had the member open when the operation began. */
export function isLiveMember(context: StepContext, index: number): boolean {
  const id = context.facts.members?.[index]?.server?.id;
  const guest = serversOf(context.facts).findIndex((server) => server.id === id);
  return guest !== -1 && isLiveServer(context, guest);
}

const noGuestIsLive = (context: StepContext): boolean =>
  serversOf(context.facts).every((_, guest) => !isLiveServer(context, guest));

/** Positions of the members that the guest has. */
export function membersOfGuest(context: StepContext, guest: number): readonly number[] {
  const id = serversOf(context.facts)[guest]?.id;
  return (context.facts.members ?? []).flatMap((one, index) => (one?.server?.id === id ? [index] : []));
}

/** Why the guest of the member was not switched although another was; null for every other member. */
export function refusalOfMember(context: StepContext, index: number): WireError | null {
  const id = context.facts.members?.[index]?.server?.id;
  const guest = serversOf(context.facts).findIndex((server) => server.id === id);
  return guest === -1 ? null : refusalOf(context, `switch-guest:${guest}`);
}

function switchParams(context: StepContext, guest: number) {
  const disks = membersOfGuest(context, guest).map((index) => {
    const { volume, plan } = memberAt(context, index);
    return { volumeId: volume.id, chain: plan.before, overlayFile: plan.file };
  });
  return { serverId: needServerAt(context, guest).id, disks };
}

function volumeStep(index: number, step: Pick<Step<Type>, 'name' | 'do'> & Partial<Step<Type>>): Step<Type> {
  return {
    on: 'volume-worker',
    timeoutMs: 30 * SECOND,
    worker: (context) => memberAt(context, index).volume.backendHost,
    ...step,
    name: `${step.name}:${index}`,
  };
}

function verifyParams(context: Context, index: number) {
  const { volume, plan } = memberAt(context, index);
  return { volumeId: volume.id, share: volume.access.share, chain: plan.after };
}

function prepareOverlay(index: number): Step<Type> {
  return volumeStep(index, {
    name: 'prepare-overlay',
    do: (context) => {
      const { volume, plan } = memberAt(context, index);
      const { before: chain, file: overlayFile } = plan;
      return ask('overlay.prepare', { volumeId: volume.id, share: volume.access.share, chain, overlayFile });
    },
    undo: (context) => removeOverlayOf(context, index),
  });
}

function removeOverlayOf(context: Context, index: number) {
  const { volume, plan } = memberAt(context, index);
  return ask('files.remove', { volumeId: volume.id, share: volume.access.share, files: [plan.file] });
}

/** Of a guest that was not switched, while another was. */
function removeOverlay(index: number): Step<Type> {
  return volumeStep(index, {
    name: 'remove-overlay',
    when: (context) => refusalOfMember(context, index) !== null,
    do: (context) => removeOverlayOf(context, index),
  });
}

/** What nobody has open is read back before the pivot, while all can still be taken back. */
function verifyIdle(index: number): Step<Type> {
  return volumeStep(index, {
    name: 'verify-idle',
    readOnly: true,
    when: (context) => !isLiveMember(context, index),
    do: (context) => ask('chain.verify', verifyParams(context, index)),
  });
}

/** Where no guest has anything open, the first volume is read once more: that is the pivot then. */
function verifyChain(index: number): Step<Type> {
  return volumeStep(index, {
    name: 'verify-chain',
    readOnly: true,
    pivot: true,
    when: (context) =>
      (isLiveMember(context, index) && refusalOfMember(context, index) === null) ||
      (index === 0 && noGuestIsLive(context)),
    do: (context) => ask('chain.verify', verifyParams(context, index)),
  });
}

function writeRecord(index: number): Step<Type> {
  return volumeStep(index, {
    name: 'write-record',
    when: (context) => refusalOfMember(context, index) === null,
    do: (context) => {
      const { volume, plan } = memberAt(context, index);
      const chain = [...ownLayersAfter(plan)] as CommandParams<'record.write'>['chain'];
      return ask('record.write', { volumeId: volume.id, share: volume.access.share, chain });
    },
  });
}

function inspectGuest(guest: number): Step<Type> {
  return {
    name: `inspect-guest:${guest}`,
    on: 'compute-worker',
    timeoutMs: 10 * SECOND,
    readOnly: true,
    worker: (context) => needServerAt(context, guest).computeHost,
    when: (context) => serversOf(context.facts).length > guest,
    do: (context) => ask('server.inspect', { serverId: needServerAt(context, guest).id }),
  };
}

function switchGuest(guest: number): Step<Type> {
  return {
    name: `switch-guest:${guest}`,
    on: 'compute-worker',
    // Freezing, and thawing an agent that is slow, takes its time.
    timeoutMs: 60 * SECOND,
    pivot: true,
    failsAlone: true,
    worker: (context) => needServerAt(context, guest).computeHost,
    when: (context) => serversOf(context.facts).length > guest && isLiveServer(context, guest),
    do: (context) => ask('guest.switch', { ...switchParams(context, guest), freeze: 'try' }),
    undo: (context) => ask('guest.close-overlays', switchParams(context, guest)),
  };
}

/** At most as many servers as volumes: what is left over does not apply. */
function stepsFor(members: number): readonly Step<Type>[] {
  const each = Array.from({ length: members }, (_, index) => index);
  // One volume has one server at most, whose switch is the pivot.
  const afterRefusal = members > 1 ? [removeOverlay] : [];
  return [inspectGuest, prepareOverlay, verifyIdle, switchGuest, ...afterRefusal, verifyChain, writeRecord].flatMap(
    (make) => each.map(make),
  );
}

export const groupSnapshotCreate = defineOperation({
  type: 'group-snapshot-create',
  locks: ({ members }) => members.map(({ volumeId }) => ({ resource: `volume:${volumeId}` as const, mode: 'use' })),
  locksAttachedServer: true,
  settlesBeforeUndone: true,
  plans: ({ members, consistent }, facts) => {
    if (consistent && serversOf(facts).length > 1) {
      throw new ServiceError('volume_state', 'The volumes are attached to different servers.');
    }
    return members.map(({ volumeId, snapshotId }, index) => {
      const volume = facts.members?.[index]?.volume;
      if (volume === undefined) throw new ServiceError('not_found', 'A volume of the group is gone.');
      const file = overlayFileName(volumeId, snapshotId);
      return planFor(volume, { after: appendOverlay(volume.chain, file, snapshotId), file });
    });
  },
  steps: stepsFor(1),
  stepsFor: ({ members }) => stepsFor(members.length),
});
