// Puts copies that people take away into a directory of their own on the share, each with a text that says what it is, inside the helper
// process. The text is written last: where it is, the copy is complete. Nothing that a volume uses is moved.
//
//   export-X (complete)  ->  leave-D/NAME  (link, then unlink)  ->  leave-D/NAME.json (beside, then rename)
import { lstat, mkdir, rename } from 'node:fs/promises';
import { errno, isErrno, moveFile, syncDirectory, writeBeside } from './share-io-files.js';

export interface ExportPlace {
  readonly directory: string;
  readonly name: string;
}

export interface PlaceExportParams extends ExportPlace {
  /** Of the share's root, to be moved; null: only the text is written, about a file that stays where it is. */
  readonly file: string | null;
  readonly text: string;
  readonly mode: number;
}

function textNameOf({ directory, name }: ExportPlace): string {
  return `${directory}/${name}.json`;
}

/** True when the export is there, complete. */
export async function hasExport(place: ExportPlace): Promise<boolean> {
  try {
    return (await lstat(textNameOf(place))).isFile();
  } catch (thrown) {
    if (isErrno(thrown, 'ENOENT') || isErrno(thrown, 'ENOTDIR')) return false;
    throw thrown;
  }
}

async function ensureDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o770 });
    await syncDirectory('.');
  } catch (thrown) {
    if (!isErrno(thrown, 'EEXIST')) throw thrown;
  }
  // A link would lead anywhere.
  if (!(await lstat(directory)).isDirectory()) throw errno('ENOTDIR', directory);
}

export async function placeExport(params: PlaceExportParams): Promise<null> {
  const { directory, name, file, text, mode } = params;
  await ensureDirectory(directory);
  if (await hasExport(params)) return null;
  if (file !== null) {
    await moveFile(file, `${directory}/${name}`, mode);
    await syncDirectory(directory);
  }
  const part = `${directory}/.${name}.json.part`;
  await writeBeside(part, text, mode);
  await rename(part, textNameOf(params));
  await syncDirectory(directory);
  return null;
}
