// Asks a Gluster server whether it is alive, before QEMU does: QEMU's own connect to a server that accepts TCP and never answers
// holds its global lock for minutes, and the guest stands still (measured: > 200 s).
// So a TCP connect is no proof. One call of Gluster's DUMP program (its list of RPC programs, what every client asks first) is
// sent; any reply with our transaction id, even a refusal, shows a server that works.
// Source: glusterfs rpc/rpc-lib/src/xdr-common.h (GLUSTER_DUMP_PROGRAM 123451501, version 1), RFC 5531 for the envelope.
import { connect } from 'node:net';
import { ServiceError } from '../../services/core/domain/errors.js';
import type { ShareServer } from '../volume-driver.js';

const DUMP_PROGRAM = 123_451_501;
const PROBE_ID = 0x5a66;
const LAST_FRAGMENT = 0x80000000;

/** One record: mark, id, CALL, RPC version 2, program, version 1, procedure 1, no credentials, no verifier, 64-bit argument 0. */
export function dumpCall(): Buffer {
  const words = [PROBE_ID, 0, 2, DUMP_PROGRAM, 1, 1, 0, 0, 0, 0, 0, 0];
  const bytes = Buffer.alloc(4 + words.length * 4);
  bytes.writeUInt32BE(LAST_FRAGMENT + words.length * 4, 0);
  for (const [index, word] of words.entries()) bytes.writeUInt32BE(word, 4 + index * 4);
  return bytes;
}

/** True for the beginning of a reply to `dumpCall`. */
export function isDumpReply(bytes: Buffer): boolean {
  return bytes.length >= 12 && bytes.readUInt32BE(4) === PROBE_ID && bytes.readUInt32BE(8) === 1;
}

function probeServer(server: ShareServer, limitMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const socket = connect({ host: server.host, port: server.port });
    const finish = (problem: string | null) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(problem === null ? null : `${server.host}:${server.port} ${problem}`);
    };
    const timer = setTimeout(() => finish(`gave no answer within ${limitMs} ms`), limitMs);
    socket.on('connect', () => socket.write(dumpCall()));
    socket.on('error', (error) => finish(error.message));
    socket.on('close', () => finish('closed the connection'));
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      if (received.length < 12) return;
      finish(isDumpReply(received) ? null : 'gave an answer that is not Gluster’s');
    });
  });
}

/**
 * The servers that answered, in the given order. Throws `backend_offline` when none did. QEMU tries servers in order and waits
 * seconds for each dead one, so give it the living ones first.
 */
export async function probeGlusterServers(
  servers: readonly ShareServer[],
  limitMs: number,
): Promise<readonly ShareServer[]> {
  const problems = await Promise.all(servers.map((server) => probeServer(server, limitMs)));
  const alive = servers.filter((_, index) => problems[index] === null);
  if (alive.length === 0) {
    throw new ServiceError('backend_offline', 'The servers of the share do not answer.', { context: { problems } });
  }
  return alive;
}
