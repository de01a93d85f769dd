// Writes to image files as a guest does: through libgfapi, beside the FUSE mount. A qemu-io process opens one layer by the gluster
// driver, does each command and is then killed: its orderly end would take ten seconds (libgfapi waits for a timer in glfs_fini).
// Assumes: qemu-io with the gluster block driver; writes of whole clusters, as the layers below are not opened (qemu-io cannot name
// them inline: "Cannot generate a base directory for gluster nodes"). What is to be seen afterwards must end with a flush.
import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Layer } from '../../services/core/domain/chain.js';
import { waitFor } from '../contract/volume-driver/harness.js';

export interface LibgfapiPlace {
  readonly host: string;
  readonly glusterVolumeName: string;
}

const PROMPT = 'qemu-io> ';

/** Commands of qemu-io on the layer, one after another. Errors: an AssertionError with what qemu-io said. */
export async function writeThroughLibgfapi(
  place: LibgfapiPlace,
  layer: Pick<Layer, 'file' | 'format'>,
  ...commands: readonly string[]
): Promise<void> {
  const child = spawn('qemu-io', [describe(place, layer)], { stdio: 'pipe' });
  const ended = once(child, 'exit');
  try {
    await converse(child, commands);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

async function converse(child: ChildProcessWithoutNullStreams, commands: readonly string[]): Promise<void> {
  let output = '';
  let said = ''; // libgfapi logs there too
  child.stdout.on('data', (piece: Buffer) => {
    output += piece.toString();
  });
  child.stderr.on('data', (piece: Buffer) => {
    said += piece.toString();
  });
  const prompts = () => output.split(PROMPT).length - 1;
  for (const [done, command] of ['', ...commands].entries()) {
    // qemu-io reads one line each time its input becomes readable, so lines are sent one by one.
    if (command !== '') child.stdin.write(`${command}\n`);
    await waitFor(() => prompts() > done || child.exitCode !== null, `qemu-io did "${command}"`, 15_000);
    assert.equal(child.exitCode, null, `${output}\n${said}`);
  }
  assert.ok(!/error|fail|invalid|unknown/i.test(output), output);
}

function describe(
  { host, glusterVolumeName }: LibgfapiPlace,
  { file, format }: Pick<Layer, 'file' | 'format'>,
): string {
  const server = [{ type: 'inet', host, port: '24007' }];
  const node = { driver: format, file: { driver: 'gluster', volume: glusterVolumeName, path: file, server } };
  return `json:${JSON.stringify(format === 'qcow2' ? { ...node, backing: null } : node)}`;
}
