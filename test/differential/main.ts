// `npm run differential`: starts a private real Cinder and a Saggar, asks both the same, prints what differs, writes the result to a
// file and renews the recording. Exit code 1 when a difference is not listed or a listed one is none any more.
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startPeerCinder } from '../harness/peer-cinder.js';
import { readProgramOptions } from '../harness/program-options.js';
import { compareAnswers } from './compare.js';
import { judge } from './judge.js';
import { knownDifferences } from './known-differences.js';
import { readRecording, writeRecording } from './recording.js';
import { isGood, printVerdict } from './report.js';
import { hexId, people } from './row.js';
import { rows } from './rows.js';
import { openSaggarSide } from './saggar-side.js';
import type { Seen } from './seen.js';
import { runRows } from './side.js';

const usage = `Usage: npm run differential -- [options]

Starts Debian's real Cinder privately and a Saggar, sends both the same requests (test/differential/rows), prints what differs and renews the
recording that the contract lane compares with. Exit code 1 when a difference is not listed with its reason (test/differential/known),
or a listed one is none any more.

  --recorded     compare with the recording instead of a running Cinder
  --verbose      also list texts and values that differ
  --result FILE  where the result goes as JSON (default: below the temporary directory, named at the end)
  -h, --help     this text
`;

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** Ends as soon as it may, and leaves nothing: the peer is many processes. */
async function askPeer(signal: AbortSignal): Promise<ReadonlyMap<string, Seen>> {
  const started = performance.now();
  const peer = await startPeerCinder(
    Object.entries(people).map(([token, { project, roles }]) => ({
      token,
      userId: hexId(token),
      projectId: hexId(project),
      projectName: project,
      roles,
    })),
    signal,
  );
  try {
    print(`Cinder ${peer.packageVersion} answers after ${((performance.now() - started) / 1000).toFixed(1)} s`);
    const side = { name: 'cinder', url: peer.url, origin: peer.url, settle: () => Promise.resolve(), signal };
    const answers = await runRows(side, rows);
    writeRecording(peer.packageVersion, rows, answers);
    return answers;
  } finally {
    await peer.stop();
  }
}

function recordedAnswers(): ReadonlyMap<string, Seen> {
  const recording = readRecording();
  if (recording === null) throw new Error('nothing was recorded yet: run npm run differential');
  return new Map(Object.entries(recording.answers));
}

async function askSaggar(): Promise<ReadonlyMap<string, Seen>> {
  const side = await openSaggarSide();
  try {
    return await runRows(side, rows);
  } finally {
    await side.close();
  }
}

async function main(): Promise<void> {
  const { values } = readProgramOptions(usage, {
    options: { verbose: { type: 'boolean' }, recorded: { type: 'boolean' }, result: { type: 'string' } },
  });
  const started = performance.now();
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interruption.abort());
  const theirs = values.recorded === true ? recordedAnswers() : await askPeer(interruption.signal);
  interruption.signal.throwIfAborted();
  const ours = await askSaggar();
  const differences = rows.flatMap((row) => {
    const [peer, own] = [theirs.get(row.name), ours.get(row.name)];
    if (peer === undefined || own === undefined) throw new Error(`no answer to "${row.name}" was recorded`);
    return compareAnswers(row, peer, own);
  });
  const verdict = judge(rows.length, differences, knownDifferences);
  const result = values.result ?? path.join(os.tmpdir(), 'saggar-differential', 'result.json');
  mkdirSync(path.dirname(result), { recursive: true });
  writeFileSync(result, `${JSON.stringify(verdict, null, 1)}\n`);
  printVerdict(verdict, print, { verbose: values.verbose === true });
  print(`took ${((performance.now() - started) / 1000).toFixed(1)} s; the result is in ${result}`);
  process.exitCode = isGood(verdict) ? 0 : 1;
}

await main();
