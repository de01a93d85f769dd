// Plain local directories as shares, named `dir:/absolute/path`: for tests and for trying the service without GlusterFS. Only the
// backend option `driver: directory` leads here; a share text alone never does. No guest on another host can reach such a share.
import { mkdir } from 'node:fs/promises';
import { ServiceError } from '../../services/core/domain/errors.js';
import type { HealthFinding, PoolFigures, ShareAccess } from '../volume-driver.js';
import type { ShareListing, ShareProvider, ShareRoot } from './share-provider.js';

export function directoryShareName(path: string): string {
  return `dir:${path}`;
}

export class DirectoryShareProvider implements ShareProvider {
  readonly storageProtocol = 'file';
  private readonly paths: ReadonlyMap<string, string>;

  constructor(directories: readonly string[]) {
    this.paths = new Map(directories.map((path) => [directoryShareName(path), path]));
  }

  async list(): Promise<ShareListing> {
    return { shares: [...this.paths.keys()], retired: [], findings: [] };
  }

  accessOf(share: string): ShareAccess | null {
    const path = this.paths.get(share);
    if (path === undefined) return null;
    return { share, glusterVolumeName: '', directory: path, servers: [], mountOptions: null };
  }

  async open(share: string): Promise<ShareRoot> {
    const access = this.accessOf(share);
    if (access === null)
      throw new ServiceError('backend_offline', 'The share is not configured.', { context: { share } });
    await mkdir(access.directory, { recursive: true });
    return { access, path: access.directory, kind: 'plain', incoherence: null };
  }

  reopen(share: string): Promise<ShareRoot> {
    return this.open(share);
  }

  renewalDue(): boolean {
    return false;
  }

  renew(share: string): Promise<ShareRoot> {
    return this.open(share);
  }

  tellLargestFile(): void {
    // nothing depends on it
  }

  findingsOf(): readonly HealthFinding[] {
    return [];
  }

  figuresOf(): PoolFigures {
    return {};
  }

  async lookAt(): Promise<void> {
    // a plain directory has no settings
  }

  close(): void {
    // nothing was opened
  }
}
