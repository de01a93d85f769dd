// The helper process of a backup store in a directory: does every file call there, so that a mount that hangs costs this process and not the worker's
// threads. Started by SeparateDirectory with the root as its argument. Must stay lean.
import { asServiceError } from '../../services/core/domain/errors.js';
import { type DirectoryCalls, DirectoryFiles } from './directory-files.js';
import type { DirectoryRequest } from './separate-directory.js';

const [root = '/nonexistent'] = process.argv.slice(2);
process.umask(0o077);
const files: DirectoryCalls = new DirectoryFiles(root);

async function answer({ id, call }: DirectoryRequest): Promise<void> {
  try {
    // Name and arguments come from SeparateDirectory, which has their types.
    const deed = files[call.name] as (...args: unknown[]) => Promise<unknown>;
    process.send?.({ id, value: await deed.apply(files, [...call.args]) });
  } catch (thrown) {
    const { code, message } = asServiceError(thrown);
    process.send?.({ id, failure: { code, message } });
  }
}

process.on('message', (request: DirectoryRequest) => void answer(request));
process.on('disconnect', () => process.exit(0));
