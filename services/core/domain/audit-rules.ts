// What the audit compares, as a table: one row per rule. `why` says, for a rule that is repaired, why the repair can lose nothing; `cure` what a person
// does about one that is not, or when the repair did not help. Codes are stored and are labels of a metric: they never change.
//
// The rules about files are those of a chain check (chain-check.ts), under their own codes.
import { type ChainFindingCode, chainFindingRules } from './chain-check.js';

export interface AuditRuleFacts {
  readonly severity: 'error' | 'warning';
  /** What is compared with what. */
  readonly compares: string;
  /** Why the audit may repair it by itself; null: it only tells. */
  readonly why: string | null;
  readonly cure: string;
}

const byHand = 'set the status with "openstack volume set --state" once you know what is there';

export const ownAuditRules = {
  'promise-differs': {
    severity: 'warning',
    compares: 'what a pool has promised, with the sizes of its volumes',
    why: 'the sum is made anew under the lock that every promise takes',
    cure: 'nothing: the figure is derived',
  },
  'lock-left': {
    severity: 'error',
    compares: 'locks with the operations that hold them',
    why: 'an operation that has ended does nothing any more',
    cure: 'restart the conductors when it comes back',
  },
  'lock-lost': {
    severity: 'error',
    compares: 'operations under way with the locks that they need',
    why: null,
    cure: 'ask for nothing of its volumes until it has ended; see "saggar admin operation show"',
  },
  'operation-asleep': {
    severity: 'error',
    compares: 'operations under way with the time at which they are looked at again',
    why: 'it is asked again with a higher epoch, as after any silence',
    cure: 'see "saggar admin operation show"',
  },
  'cancel-left': {
    severity: 'warning',
    compares: 'wishes to cancel with the operations that they are about',
    why: 'an operation that has ended cannot be cancelled',
    cure: 'restart the conductors when it comes back',
  },
  'scan-left': {
    severity: 'warning',
    compares: 'scans of shares with the operations that read their pages',
    why: 'a scan only reads; ended as failed, it is asked for again',
    cure: 'scan the share again',
  },
  'volume-abandoned': {
    severity: 'error',
    compares: 'volumes that are being changed with the operations that change them',
    why: 'nobody works on it; no file is touched, and the new status lets its owner delete it or try again',
    cure: byHand,
  },
  'snapshot-abandoned': {
    severity: 'error',
    compares: 'snapshots that are being changed with the operations that change them',
    why: 'nobody works on it; no file is touched, and the new status lets its owner delete it or try again',
    cure: 'set the status with "openstack volume snapshot set --state" once you know what is there',
  },
  'backup-abandoned': {
    severity: 'error',
    compares: 'backups that are being changed with the operations that change them',
    why: 'nobody works on it; no object is touched, and the new status lets its owner delete it or try again',
    cure: 'set the status with "openstack volume backup set --state" once you know what is there',
  },
  'server-abandoned': {
    severity: 'error',
    compares: 'servers with a task under way with the operations that do it',
    why: 'nobody works on it; the guest is not touched, and what it does is told by its worker',
    cure: 'stop and start the server, or delete it',
  },
  'in-use-by-nobody': {
    severity: 'error',
    compares: 'volumes in use with their attachments, and with what guests have open',
    why: 'no attachment is on record, and every compute host has just said that no guest has it open',
    cure: 'find out which guest has it: "saggar admin chain check"',
  },
  'attached-but-available': {
    severity: 'error',
    compares: 'free volumes with their attachments',
    why: 'a volume that counts as in use can neither be deleted nor be given to another server',
    cure: 'detach it, or delete the attachment',
  },
  'record-lost': {
    severity: 'error',
    compares: 'volumes with the layers on record',
    why: null,
    cure: 'write nothing to it; its record beside the data (.saggar/ID.json) and "saggar admin share adopt" know its files',
  },
  'chain-broken': {
    severity: 'error',
    compares: 'the layers of a volume with each other',
    why: null,
    cure: 'write nothing to it; compare with "qemu-img info --backing-chain" of its active file and its .info',
  },
  'snapshot-without-layer': {
    severity: 'error',
    compares: 'snapshots with the layers on record',
    why: null,
    cure: 'make no use of the snapshot; compare with the .info of its volume',
  },
  'share-down': {
    severity: 'error',
    compares: 'pools that volumes lie on with their mounts and probes',
    why: null,
    cure: '"saggar admin share show" names the cause; the worker mounts the share again by itself',
  },
  'worker-silent': {
    severity: 'error',
    compares: 'commands that were sent with the workers that have to answer them',
    why: null,
    cure: 'start the worker again; what it was asked is asked again by itself',
  },
  'stray-file': {
    severity: 'warning',
    compares: 'files of a share with the volumes on record',
    why: null,
    cure: '"saggar admin chain orphans POOL" lists them and moves them to the trash; "saggar admin share adopt" takes volumes over',
  },
  'record-missing': {
    severity: 'warning',
    compares: 'volumes with the records beside their data',
    why: 'it is written anew from the rows, as after any change',
    cure: 'see whether the share is full, and the log of its worker',
  },
  'record-differs': {
    severity: 'warning',
    compares: 'records beside the data with the rows',
    why: 'it is written anew from the rows, as after any change',
    cure: 'see whether the share is full, and the log of its worker',
  },
  'record-left': {
    severity: 'warning',
    compares: 'records beside the data with the volumes of the pool and with its files',
    why: 'the volume is not there: neither a row of this pool nor a file of its name, nor one that names it or that the record names',
    cure: 'remove .saggar/ID.json on the share',
  },
  'guest-unknown': {
    severity: 'error',
    compares: 'guests that run with the servers on record',
    why: null,
    cure: 'find out whose it is, and end its QEMU on that host',
  },
  'guest-elsewhere': {
    severity: 'error',
    compares: 'where a guest runs with the host on record',
    why: null,
    cure: 'end the guest that is not on its host before it writes to the same disks',
  },
  'guest-extra-disk': {
    severity: 'error',
    compares: 'disks of guests with the attachments on record',
    why: null,
    cure: 'detach the disk in its QEMU, or stop the server; attach the volume to nothing else before',
  },
  'two-writers': {
    severity: 'error',
    compares: 'guests with the volumes that they have open',
    why: null,
    cure: 'stop all but one of the guests at once, then check the file system of the disk',
  },
} as const satisfies Record<string, AuditRuleFacts>;

/** Of a chain check, those that the audit can see from a scan and a guest's report. */
const chainCompares: Readonly<Record<ChainFindingCode, string>> = {
  'missing-file': 'layers on record with the files of the share',
  'no-regular-file': 'layers on record with what has their names',
  'hostile-header': 'headers with what may stand in one',
  'wrong-format': 'formats on record with headers',
  'wrong-backing-file': 'the order of layers on record with headers',
  'wrong-backing-format': 'formats on record with headers',
  'wrong-size': 'sizes on record with headers',
  'several-names': 'files of volumes with their hard links',
  'open-to-others': 'files of volumes with their permissions',
  'info-missing': 'layers on record with Cinder’s record beside them',
  'info-unreadable': 'layers on record with Cinder’s record beside them',
  'info-differs': 'layers on record with Cinder’s record beside them',
  'guest-differs': 'layers on record with the block graph of the guest',
  'guest-lacks-disk': 'attachments on record with the disks of the guest',
};

export type AuditRule = keyof typeof ownAuditRules | ChainFindingCode;

function chainRules(): [AuditRule, AuditRuleFacts][] {
  return (Object.keys(chainCompares) as ChainFindingCode[]).map((code) => [
    code,
    { ...chainFindingRules[code], compares: chainCompares[code], why: null },
  ]);
}

/** Every rule, by its code. */
export const auditRules: ReadonlyMap<AuditRule, AuditRuleFacts> = new Map<AuditRule, AuditRuleFacts>([
  ...(Object.entries(ownAuditRules) as [AuditRule, AuditRuleFacts][]),
  ...chainRules(),
]);
