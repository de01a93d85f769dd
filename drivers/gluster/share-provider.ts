// Where shares come from: a shares file of Gluster volumes, or plain local directories. The image code above is the same for both,
// which is how it is tested without a Gluster volume; only an explicit backend option chooses directories.
import type { HealthFinding, PoolFigures, ShareAccess } from '../volume-driver.js';

export interface ShareRoot {
  readonly access: ShareAccess;
  /** Absolute path of the directory that holds the image files. */
  readonly path: string;
  readonly kind: 'mount' | 'plain';
  /** Why reads here may show old data although a guest has written since; null when they cannot. */
  readonly incoherence: string | null;
}

export interface ShareListing {
  readonly shares: readonly string[];
  /** Known, and configured no more. */
  readonly retired: readonly string[];
  /** About the list itself, not about one share. */
  readonly findings: readonly HealthFinding[];
}

export interface ShareProvider {
  readonly storageProtocol: string;
  /** The configured shares, read anew. Errors: an Error when the configuration cannot be read at all. */
  list(): Promise<ShareListing>;
  /** How guests reach the share; also for one that is down. null when it is not (and never was) configured. */
  accessOf(share: string): ShareAccess | null;
  /** Makes the share usable (mounts it). Errors: `backend_offline`. */
  open(share: string): Promise<ShareRoot>;
  /** After its client died: makes it usable again. */
  reopen(share: string): Promise<ShareRoot>;
  /** The share should be opened anew when it is idle, for the configuration has changed. */
  renewalDue(share: string): boolean;
  /** Opens the share anew if nobody on this host uses it; its root either way. The caller has let go of it. Errors: as `open`. */
  renew(share: string): Promise<ShareRoot>;
  /** Bytes of the largest file on the share, for what depends on it. */
  tellLargestFile(share: string, bytes: number): void;
  /** What the last looks at the share found; looks again in the background when that was long ago. */
  findingsOf(share: string): readonly HealthFinding[];
  /** What those looks have counted. */
  figuresOf(share: string): PoolFigures;
  /** Waits for that look, when one is due. Never rejects. */
  lookAt(share: string): Promise<void>;
  close(): void;
}
