// What a compute worker asks of a hypervisor, verb by verb. Guests outlive the worker; the driver finds them again.
//
// Rules for every verb:
// - idempotent: what is already so is success with the same answer;
// - a lost monitor connection means "unknown": the driver re-reads the block graph before it decides anything;
// - chains are given explicitly, oldest first, with formats; nothing is probed;
// - after every change of a chain the block graph is read back, and the answer is what was observed;
// - errors: `not_found` (no such server here), `guest_not_running`, `hypervisor_offline` (monitor dead or hung),
//   `backend_offline` (share's servers do not answer), `chain_mismatch`, `deadline_exceeded`, `bad_request`.
//
// The driver knows no message, no database and no HTTP.

import type { Chain, ObservedLayer } from '../services/core/domain/chain.js';
import type { MergeDirection } from '../services/core/domain/chain-merge.js';
import type { PowerState } from '../services/core/domain/server.js';
import type { LongWork, ShareAccess } from './volume-driver.js';

/** One disk as the guest shall see it. */
export interface DiskSpec {
  readonly volumeId: string;
  /** First 20 characters of the volume id: what virtio-blk can carry; the guest's /dev/disk/by-id/virtio-<serial>. */
  readonly serial: string;
  readonly access: ShareAccess;
  readonly chain: Chain;
  readonly readOnly: boolean;
  /** 0 for the disk to boot from, null for others. */
  readonly bootIndex: number | null;
  /** So many layers at the beginning of the chain are other volumes'; they are opened for reading only. Default 0. */
  readonly foreignLayers?: number;
}

export interface ServerSpec {
  readonly serverId: string;
  readonly name: string;
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly disks: readonly DiskSpec[];
}

export interface ObservedDisk {
  readonly volumeId: string;
  /** Oldest first, read from the hypervisor's block graph. */
  readonly layers: readonly ObservedLayer[];
}

export interface ListedDisk {
  readonly volumeId: string;
  /** Of its layers, oldest first. */
  readonly files: readonly string[];
}

export interface ListedServer {
  readonly serverId: string;
  readonly powerState: PowerState;
  /** null: they could not be asked for. None where no process runs. */
  readonly disks: readonly ListedDisk[] | null;
}

export interface ObservedServer {
  readonly serverId: string;
  readonly powerState: PowerState;
  readonly disks: readonly ObservedDisk[];
}

export interface SwitchSpec {
  readonly serverId: string;
  /** All switched in one hypervisor transaction: one point in time. */
  readonly disks: readonly { readonly volumeId: string; readonly chain: Chain; readonly overlayFile: string }[];
  /** `try`: the guest's agent, when there is one, freezes the guest's file systems for the moment of the switch. Default `none`. */
  readonly freeze?: 'none' | 'try';
}

/**
 * Why file systems were not frozen: nobody asked; no program in the guest has the agent's port open; the agent did not answer, or
 * refused; the moment took too long, so that they were thawed in the middle; nobody knows (the switch was done by an earlier ask).
 */
export type FreezeReason = 'not_asked' | 'no_agent' | 'agent_silent' | 'agent_refused' | 'too_slow' | 'unknown';

export interface FreezeReport {
  readonly frozen: boolean;
  /** How many the agent says it froze; 0 when the guest has none mounted. */
  readonly fileSystems: number;
  /** null when frozen. */
  readonly reason: FreezeReason | null;
}

export interface SwitchOutcome {
  readonly disks: readonly ObservedDisk[];
  readonly freeze: FreezeReport;
}

/** What the world says about an unfinished switch: whether the guest writes to the overlay already. */
export type SwitchState = 'switched' | 'not-switched';

export interface MergeSpec {
  readonly serverId: string;
  readonly volumeId: string;
  /** The chain before the merge. */
  readonly chain: Chain;
  /** The layer that the chain loses; downwards it may be the active one. */
  readonly file: string;
  /** Where its data goes: into the layer below it (default) or above it. */
  readonly direction?: MergeDirection;
  /** Most bytes to move in a second; no limit without it. */
  readonly bytesPerSecond?: number;
}

export interface FlattenSpec {
  readonly serverId: string;
  readonly volumeId: string;
  /** The chain before the flatten. */
  readonly chain: Chain;
  /** The layer that receives all that is below it; may be the active one. */
  readonly file: string;
  readonly bytesPerSecond?: number;
}

export interface MirrorSpec {
  readonly serverId: string;
  readonly volumeId: string;
  /** The disk's whole chain before. */
  readonly chain: Chain;
  /** Its first layers that belong to other volumes. */
  readonly foreignLayers: number;
  /**
   * Where it goes: all files are there, those below the active one with the contents of the layers at the same places of the disk's own chain;
   * the active one is empty, or what an earlier attempt has left of it.
   */
  readonly target: { readonly access: ShareAccess; readonly chain: Chain };
  readonly bytesPerSecond?: number;
}

/** The disk as the guest has it, when it was switched; null when the mirror was ended before that. */
export interface MirrorState {
  readonly switched: ObservedDisk | null;
}

/**
 * `not-needed`: the guest does not stand because of its disks. `recovered`: it runs again. `share-away`: the share does not answer yet, nothing was
 * touched. `share-full`: the guest stands for want of room, and nothing was touched. `busy`: a block job has the disks in use; ask again.
 */
export type RecoveryState = 'not-needed' | 'recovered' | 'share-away' | 'share-full' | 'busy';

export interface HypervisorDriver {
  /** Finds the guests that run on this host; called once at start. */
  setup(): Promise<void>;

  /** Starts the guest with its disks; already running is success. */
  startServer(spec: ServerSpec): Promise<ObservedServer>;
  /**
   * Ends the guest: asks it to shut down, waits up to `graceMs`, then cuts the power. Resolves when its process is gone. An abort ends the
   * waiting, not the deed.
   */
  stopServer(serverId: string, graceMs: number, signal?: AbortSignal): Promise<void>;
  /** Cuts the power and removes all that the server kept on this host. Unknown server is success. */
  deleteServer(serverId: string): Promise<void>;
  /** `not_found` when this host has no such server; a stopped guest is reported with power state 4 and no disks. */
  inspectServer(serverId: string): Promise<ObservedServer>;
  /** Asked every few seconds, so a guest does not notice it. */
  listServers(): Promise<readonly ListedServer[]>;

  /** Hot-plugs the disk; resolves when the hypervisor shows the device. Answers the guest device name that we promise (`/dev/vdb`). */
  attachDisk(serverId: string, disk: DiskSpec): Promise<ObservedDisk>;
  /**
   * Unplugs; resolves when the guest has let go and the block nodes are closed. Not attached is success. Errors: `server_state` when the guest
   * has not let go in time (without an operating system it never does); the wish stays with it until it is started anew.
   */
  detachDisk(serverId: string, volumeId: string, signal?: AbortSignal): Promise<void>;

  /**
   * Makes the guest write to the prepared overlays. A freeze that fails does not fail the switch; frozen file systems are thawed
   * whatever happens, by the next worker when this one dies.
   */
  switchToOverlays(spec: SwitchSpec): Promise<SwitchOutcome>;
  /** Undo of a switch: closes the overlay's nodes when the guest does not use them; never takes a layer from the guest. */
  closeOverlays(spec: SwitchSpec): Promise<SwitchState>;
  /**
   * Live merge by block-commit (down) or block-stream (up), in the safe order (pending, flush, finalize, flush, dismiss). Resumes a job
   * that is under way. Cancelled, the guest's chain is as before or as after; the same call goes on later, or the offline one
   * (`commitLayer`) when the guest is gone. A guest that stands is left standing.
   */
  mergeLayer(spec: MergeSpec, work: LongWork): Promise<ObservedDisk>;
  /** Live form of `flattenLayer`, with the promises of `mergeLayer`; the nodes of the layers below are closed afterwards. */
  flattenDisk(spec: FlattenSpec, work: LongWork): Promise<ObservedDisk>;
  /**
   * Makes the guest's disk stand on the target's files, with all that it holds and all that the guest writes meanwhile. Takes up a job that is
   * under way. Cancelled, or failed, the disk is as before. `guest_not_running` says that the guest has ended before it was switched: one that
   * ended later is answered as switched.
   */
  mirrorDisk(spec: MirrorSpec, work: LongWork): Promise<ObservedDisk>;
  /** Undo of a mirror: ends the job and closes the target's nodes; a guest that was switched, dead or alive, stays so. */
  endMirror(spec: MirrorSpec): Promise<MirrorState>;
  /** Tells the guest that its disk grew; the active image file is grown by the hypervisor too. */
  resizeDisk(serverId: string, volumeId: string, chain: Chain, newSizeBytes: number): Promise<ObservedDisk>;

  /**
   * Lets a guest go on that was stopped when its share was away, with its disks opened anew. Safe to ask at any time, beside no other change
   * of the server. Errors: `not_found`, `guest_not_running`, `hypervisor_offline`, `chain_mismatch` (then the guest stands).
   */
  recoverDisks(serverId: string): Promise<RecoveryState>;

  /** The last `lines` lines of the serial console (all when null), as text. */
  consoleOutput(serverId: string, lines: number | null): Promise<string>;

  /** Closes monitor connections. Guests run on. */
  close(): Promise<void>;
}
