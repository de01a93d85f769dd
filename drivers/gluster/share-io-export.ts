// Puts copies that people take away into a directory of their own on the share, each with a text that says what it is, inside the helper
// process. The text is written last: where it is, the copy is complete. Nothing that a volume uses is moved.
//
//   export-X (complete)  ->  leave-D/NAME  (link, then unlink)  ->  a line in leave-D/SHA256SUMS  ->  a line in leave-D/manifest.jsonl
//     ->  leave-D/NAME.json (beside, then rename)
//
// The manifest has the same texts, one a line; one that was cut off before its text was written comes a second time, and so does its sum.
import { lstat, mkdir, rename } from 'node:fs/promises';
import { appendLine, inDirectory, isErrno, moveFile, syncDirectory, writeBeside } from './share-io-files.js';
import type { ExportPlace, PlaceExportParams } from './share-io-protocol.js';

const MANIFEST = 'manifest.jsonl';
/** For `sha256sum -c SHA256SUMS`, asked in the directory. */
const SUMS = 'SHA256SUMS';

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
}

export async function placeExport(params: PlaceExportParams): Promise<null> {
  const { directory, name, file, text, sum, mode } = params;
  await ensureDirectory(directory);
  if (await hasExport(params)) return null;
  // Through an open handle: a link put in the directory's place would lead anywhere.
  await inDirectory(directory, async (here) => {
    if (file !== null) {
      await moveFile(file, `${here}/${name}`, mode);
      await syncDirectory(`${here}/.`);
    }
    if (sum !== null) await appendLine(`${here}/${SUMS}`, sum, mode);
    // Line ends inside JSON are only between its parts.
    await appendLine(`${here}/${MANIFEST}`, text.trim().replaceAll(/\n\s*/g, ''), mode);
    const part = `${here}/.${name}.json.part`;
    await writeBeside(part, text, mode);
    await rename(part, `${here}/${name}.json`);
    await syncDirectory(`${here}/.`);
  });
  return null;
}
