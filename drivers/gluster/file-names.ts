// Which names may be a file of this service on a share. Strict on purpose: a name that could be an option, a path, a protocol
// (`nbd:...`) or a hidden file never reaches a tool. Temporary and trash names start with a dot, so no valid name can meet them.
import { ServiceError } from '../../services/core/domain/errors.js';

const filePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,240}$/;

/** Private directory of this service on every share. */
export const PRIVATE_DIRECTORY = '.saggar';
export const TRASH_DIRECTORY = '.saggar/trash';
/** A small file that always exists, for block graphs that keep one connection to the share open. */
export const ANCHOR_FILE = '.saggar/anchor';

/** Errors: `bad_request`. */
export function requireFileName(file: string): string {
  if (!filePattern.test(file) || file.endsWith('.info')) {
    throw new ServiceError('bad_request', 'The file name is not allowed on a share.', { context: { file } });
  }
  return file;
}

/** Where a file is made before it gets its name. The form `.NAME.x` makes Gluster's distribution place it as NAME (rsync rule). */
export function partNameOf(file: string): string {
  return `.${file}.part`;
}

/** What was observed of a file that came over the data server, beside it while its transfer may still be asked about. */
export function receivedNameOf(file: string): string {
  return `.${file}.received`;
}

export function recordNameOf(volumeId: string): string {
  requireFileName(volumeId);
  return `volume-${volumeId}.info`;
}

export function isTemporaryName(name: string): boolean {
  return name.startsWith('.');
}

/** Directories of what people take away. Errors: `bad_request`. */
/** A line that `sha256sum -c` reads. The path is a name, or one of the share's root, seen from the directory of exports. */
export function requireSumLine({ path, sha256 }: { readonly path: string; readonly sha256: string }): string {
  requireFileName(path.startsWith('../') ? path.slice(3) : path);
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new ServiceError('bad_request', 'A SHA-256 has 64 hex digits.');
  return `${sha256}  ${path}`;
}

export function requireExportDirectory(directory: string): string {
  if (/^leave-[A-Za-z0-9-]{1,64}$/.test(directory)) return directory;
  throw new ServiceError('bad_request', 'The directory must be named leave-... on a share.', {
    context: { directory },
  });
}
