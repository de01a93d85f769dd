// Copies a volume, or what a snapshot has kept of it, into one plain file that people can take away, in a directory of their choice on the same
// share, with a text beside it that says what it is. Nothing of the original is changed or removed. Done already is done.
//
//   V <- V.S1 <- V.S2   =>   the same, and  leave-D/V.raw, leave-D/V.raw.json, a line in leave-D/SHA256SUMS
//
// A volume that is one plain file already is not copied: only the text is written, which names the file.
import { trySnapshotLayers } from '../domain/chain.js';
import { ServiceError } from '../domain/errors.js';
import { gibToBytes } from '../domain/size.js';
import { demandUnattached, needVolume, SECOND } from './common-steps.js';
import { ask, defineOperation, outputOf, type StepContext } from './definition.js';

type Context = StepContext<'volume-export'>;

function place({ params: { directory, name } }: Context): { directory: string; name: string } {
  return { directory, name };
}

function isPresent(context: Context): boolean {
  return outputOf(context, 'look', 'export.look')?.present === true;
}

/** What has to be copied; null when the file stays where it is. */
function temporaryFile({ params: { exportId } }: Context): string | null {
  return exportId === null ? null : `export-${exportId}`;
}

function needFile(context: Context): string {
  const file = temporaryFile(context);
  if (file === null) throw new ServiceError('internal', 'Nothing is to be copied.');
  return file;
}

/** The one file of a volume that stays where it is, or the copy. */
function fileOf(context: Context): string {
  const only = needVolume(context).chain.at(-1)?.file;
  const file = temporaryFile(context) ?? only;
  if (file === undefined) throw new ServiceError('not_found', 'There is no data to read.');
  return file;
}

/** Beside the text, and in it; relative to the directory, as `sha256sum -c` reads it there. */
function withSum(context: Context): { text: string; sum?: { path: string; sha256: string } } {
  const { text, name } = context.params;
  const sha256 = outputOf(context, 'checksum', 'image.checksum')?.sha256;
  if (sha256 === undefined) return { text };
  const path = temporaryFile(context) === null ? `../${fileOf(context)}` : name;
  const told = { ...(JSON.parse(text) as object), sha256 };
  return { text: `${JSON.stringify(told, null, 1)}\n`, sum: { path, sha256 } };
}

export const volumeExport = defineOperation({
  type: 'volume-export',
  // A snapshot's layers are frozen, so that a guest may write above them; the volume itself must be at rest.
  locks: ({ volumeId, sourceSnapshotId }) => [
    { resource: `volume:${volumeId}`, mode: sourceSnapshotId === null ? 'chain' : 'read' },
  ],
  locksAttachedServer: false,
  cancellable: true,
  plan: ({ sourceSnapshotId }, { volume }) => {
    if (sourceSnapshotId === null) demandUnattached(volume);
    return null;
  },
  steps: [
    {
      name: 'look',
      on: 'volume-worker',
      timeoutMs: 30 * SECOND,
      readOnly: true,
      do: (context) => {
        const { id, access } = needVolume(context);
        return ask('export.look', { volumeId: id, share: access.share, ...place(context) });
      },
    },
    {
      name: 'copy-image',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      when: (context) => temporaryFile(context) !== null && !isPresent(context),
      do: (context) => {
        const { id, access, chain, sizeGib } = needVolume(context);
        const { sourceSnapshotId, format } = context.params;
        const source = sourceSnapshotId === null ? chain : trySnapshotLayers(chain, sourceSnapshotId);
        const active = source?.at(-1);
        if (source === null || active === undefined) throw new ServiceError('not_found', 'There is no data to copy.');
        const sizeBytes = sourceSnapshotId === null ? gibToBytes(sizeGib) : active.virtualSizeBytes;
        return ask('image.copy', {
          volumeId: id,
          sourceShare: access.share,
          source: [...source] as [(typeof source)[number]],
          target: { share: access.share, file: needFile(context), format, sizeBytes, preallocation: 'off' },
        });
      },
      undo: (context) => {
        const { id, access } = needVolume(context);
        return ask('files.remove', { volumeId: id, share: access.share, files: [needFile(context)] });
      },
    },
    {
      name: 'checksum',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      readOnly: true,
      when: (context) => context.params.checksum === true && !isPresent(context),
      do: (context) => {
        const { id, access } = needVolume(context);
        return ask('image.checksum', { volumeId: id, share: access.share, file: fileOf(context) });
      },
    },
    {
      name: 'place-export',
      on: 'volume-worker',
      timeoutMs: 60 * SECOND,
      when: (context) => !isPresent(context),
      do: (context) => {
        const { id, access } = needVolume(context);
        return ask('export.place', {
          volumeId: id,
          share: access.share,
          ...place(context),
          file: temporaryFile(context),
          ...withSum(context),
        });
      },
    },
  ],
});
