// The bytes of an image between a local file and the image service, which sends and takes them itself. A file that is read back gets holes
// where the image is zero and its own name only when the hash that the service keeps has been compared.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, stat, unlink } from 'node:fs/promises';
import type http from 'node:http';
import path from 'node:path';
import { finished, pipeline } from 'node:stream/promises';
import { CliError, isApiError } from '../cli-error.js';
import type { Image } from '../resources/lookups.js';
import type { Session } from '../session.js';
import { answerOf, openByteCall } from './byte-call.js';
import { Bar, interrupted, patience, SparseTarget, writePieces } from './data-transfer.js';
import { cureOf, readFault } from './fault.js';

const MAX_FAULT_BYTES = 1_000_000;

async function request(
  session: Session,
  imageId: string,
  method: 'GET' | 'PUT',
  headers: Readonly<Record<string, string>> = {},
): Promise<http.ClientRequest> {
  const [{ url, token }, tls] = await Promise.all([session.imageData(imageId), session.tls()]);
  return openByteCall(url, method, tls, { accept: 'application/json', ...headers, 'x-auth-token': token });
}

async function refusal(response: http.IncomingMessage): Promise<CliError> {
  let text = '';
  for await (const piece of response.setEncoding('utf8') as AsyncIterable<string>) {
    text += piece;
    if (text.length > MAX_FAULT_BYTES) break;
  }
  const status = response.statusCode ?? 0;
  return new CliError(
    `${readFault(text) ?? 'The image service answered without a reason.'} (HTTP ${status})`,
    cureOf(status),
  );
}

/** `file` is `-` for standard input, whose length nobody knows. Errors: CliError with the service's words when it refuses. */
export async function sendImage(session: Session, imageId: string, file: string): Promise<void> {
  const bytes =
    file === '-' ? null : (await stat(file).catch((cause: unknown) => Promise.reject(unreadable(file, cause)))).size;
  const source = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 1024 * 1024 });
  const length = bytes === null ? {} : { 'content-length': String(bytes) };
  const bar = new Bar(session.progress, 'sending', bytes ?? 0);
  let sent = 0;
  source.on('data', (piece: Buffer | string) => {
    sent += piece.length;
    bar.moved(sent);
  });
  try {
    const call = await request(session, imageId, 'PUT', { 'content-type': 'application/octet-stream', ...length });
    const answer = answerOf(call);
    const piped = pipeline(source, call).catch((error: unknown) => error);
    const broken = await Promise.race([piped, answer.then(() => null)]);
    // A refusal may come while the rest is still being sent; then the pipe breaks, and the answer says why.
    const response = await Promise.race([answer, ...(broken == null ? [] : [patience()])]);
    if (response === null) throw interrupted('sent', broken);
    if (response.statusCode !== 204) throw await refusal(response);
    response.resume();
  } catch (error) {
    throw error instanceof CliError ? error : interrupted('sent', error);
  } finally {
    source.destroy();
    session.progress.clear();
  }
}

function unreadable(file: string, cause: unknown): CliError {
  return new CliError(`The file ${file} cannot be read.`, 'Check --file.', { cause });
}

/** What the service keeps of the whole: its own algorithm where it has one, MD5 otherwise. */
function hashOf(image: Image): { readonly algorithm: string; readonly value: string } | null {
  const { os_hash_algo: algorithm, os_hash_value: value, checksum } = image;
  if (algorithm !== null && value !== null && ['sha256', 'sha512'].includes(algorithm)) return { algorithm, value };
  return checksum === null ? null : { algorithm: 'md5', value: checksum };
}

/** Writes all of it to `file`; `-` is standard output. Errors: CliError; then a new file is removed and an old one as it was. */
export async function readImage(session: Session, image: Image, file: string): Promise<void> {
  try {
    const call = await request(session, image.id, 'GET');
    call.end();
    const response = await answerOf(call);
    if (response.statusCode === 204) throw new CliError('The image has no data.', 'It was created without any.');
    if (response.statusCode !== 200) throw await refusal(response);
    const kept = hashOf(image);
    const hash = kept === null ? null : createHash(kept.algorithm);
    const watch: Watch = {
      take: (piece) => hash?.update(piece),
      finish: () => {
        if (kept === null || hash?.digest('hex') === kept.value) return;
        throw new CliError(`What arrived is not what the service keeps: the ${kept.algorithm} differs.`, 'Try again.');
      },
    };
    if (file === '-') {
      response.on('data', watch.take);
      response.pipe(process.stdout, { end: false });
      await finished(response);
      watch.finish();
    } else await intoFile(response, file, image, session, watch);
  } catch (error) {
    throw error instanceof CliError ? error : interrupted('read', error);
  } finally {
    session.progress.clear();
  }
}

interface Watch {
  take(piece: Buffer): void;
  /** Throws when the whole is not what it should be. */
  finish(): void;
}

async function intoFile(
  response: http.IncomingMessage,
  file: string,
  image: Image,
  session: Session,
  watch: Watch,
): Promise<void> {
  // Under another name until it is complete, so that nobody takes a part for the whole.
  const part = path.join(path.dirname(file), `.${path.basename(file)}.${image.id}.part`);
  const handle = await open(part, 'wx', 0o600).catch((cause: unknown) => {
    response.destroy();
    throw new CliError(`The file ${part} cannot be made.`, 'Check --file.', { cause });
  });
  try {
    const target = new SparseTarget(handle, null);
    const bar = new Bar(session.progress, 'reading', image.size ?? 0);
    await writePieces(response, (piece) => {
      watch.take(piece);
      bar.moved(target.at);
      return target.write(piece);
    });
    await target.finish();
    await handle.truncate(target.at);
    watch.finish();
    await handle.sync();
    await rename(part, file);
  } catch (error) {
    await unlink(part).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
}

/** Takes back the record of an image whose data did not arrive; nobody else knows it yet. */
export async function forgetImage(session: Session, imageId: string): Promise<void> {
  try {
    await session.image.delete('/v2/images/{image_id}', { path: { image_id: imageId } });
  } catch (error) {
    if (!isApiError(error, 404)) throw error;
  }
}
