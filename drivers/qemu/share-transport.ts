// How a QEMU reaches the files of a share: libgfapi for Gluster shares, plain files for `dir:` shares (tests, one host).
// Options are built from typed, checked parts, never by joining strings into a URI: a `?logfile=` smuggled into a name would
// make QEMU write files. Every server of the share is given.
import path from 'node:path';
import { ServiceError } from '../../services/core/domain/errors.js';
import type { ShareAccess, ShareServer } from '../volume-driver.js';
import { probeGlusterServers } from './gluster-probe.js';
import { anchorNodeName } from './node-names.js';
import type { JsonObject } from './qmp-messages.js';

/** Made by the volume side on every share; see drivers/gluster/file-names.ts. */
export const ANCHOR_FILE = '.saggar/anchor';
/** Bypass the host's page cache: a host crash must not lose what the guest believes to be on disk. */
export const cacheOptions: JsonObject = { direct: true, 'no-flush': false };

export interface ShareTransport {
  /** null when opening and closing a file costs nothing, so that nothing has to be kept open. */
  readonly anchor: { readonly nodeName: string; readonly options: JsonObject } | null;
  /** Driver options of one file, without node-name and cache. */
  fileOptions(file: string): JsonObject;
  /** Throws `backend_offline` when the share cannot be reached within the limit. */
  probe(limitMs: number): Promise<void>;
}

/** Throws `bad_request` for names that could mean anything but a file of the share. */
export function transportOf(access: ShareAccess): ShareTransport {
  return access.share.startsWith('dir:') ? new FileTransport(access) : new GfapiTransport(access);
}

class GfapiTransport implements ShareTransport {
  readonly anchor: { readonly nodeName: string; readonly options: JsonObject };
  private servers: readonly ShareServer[];
  private readonly directory: string;

  constructor(private readonly access: ShareAccess) {
    // Source: glusterd's own rule for volume names (letters, digits, '-', '_'); a dot is allowed by older versions.
    if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,254}$/.test(access.glusterVolumeName)) throw refused('the Gluster volume name');
    if (access.servers.length === 0 || access.servers.length > 64) throw refused('the list of share servers');
    for (const { host, port } of access.servers) {
      if (!/^[A-Za-z0-9][A-Za-z0-9.:_-]{0,254}$/.test(host)) throw refused('the share server');
      if (!Number.isInteger(port) || port < 1 || port > 65_535) throw refused('the share server’s port');
    }
    this.servers = access.servers;
    this.directory = access.directory.replace(/^\/+|\/+$/g, '');
    if (this.directory !== '')
      for (const part of this.directory.split('/')) checkName(part, 'the directory of the share');
    const name = anchorNodeName(access.glusterVolumeName);
    this.anchor = { nodeName: name, options: { ...this.options(ANCHOR_FILE), 'node-name': name, 'read-only': true } };
  }

  fileOptions(file: string): JsonObject {
    checkName(file, 'the file name');
    return this.options(file);
  }

  async probe(limitMs: number): Promise<void> {
    const alive = await probeGlusterServers(this.access.servers, limitMs);
    this.servers = [...alive, ...this.access.servers.filter((server) => !alive.includes(server))];
  }

  private options(file: string): JsonObject {
    return {
      driver: 'gluster',
      volume: this.access.glusterVolumeName,
      path: this.directory === '' ? file : `${this.directory}/${file}`,
      server: this.servers.map(({ host, port }) => ({ type: 'inet', host, port: String(port) })),
    };
  }
}

class FileTransport implements ShareTransport {
  readonly anchor = null;
  private readonly directory: string;

  constructor(access: ShareAccess) {
    this.directory = access.share.slice('dir:'.length);
    if (!path.isAbsolute(this.directory)) throw refused('the directory of the share');
  }

  fileOptions(file: string): JsonObject {
    checkName(file, 'the file name');
    return { driver: 'file', filename: path.join(this.directory, file), aio: 'threads' };
  }

  async probe(): Promise<void> {
    // a local directory is there or the open fails at once
  }
}

function checkName(name: string, what: string): void {
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,254}$/.test(name)) throw refused(what);
}

function refused(what: string): ServiceError {
  return new ServiceError('bad_request', `A disk cannot be opened: ${what} is not acceptable.`);
}
