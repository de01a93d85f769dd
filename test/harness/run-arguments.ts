// The command line of `npm test`: its options, and the text of --help.
import { availableParallelism, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { chooseLanes, type LaneChoice, type LaneName, laneNames, lanes } from './lanes.js';
import { rotationVariable } from './rotation.js';

export interface RunArguments {
  readonly help: boolean;
  readonly verbose: boolean;
  readonly times: boolean;
  /** Lanes at the same time, 1 or 2. */
  readonly tracks: 1 | 2;
  readonly chosen: readonly LaneChoice[];
}

/** Two whole installations with guests, and room for the machine's file cache. */
const TWO_TRACKS_BYTES = 6 * 1024 ** 3;

/** Throws what a user can read. */
export function readArguments(root: string, argv: readonly string[]): RunArguments {
  const { positionals, values } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      verbose: { type: 'boolean', default: false },
      times: { type: 'boolean', default: false },
      tracks: { type: 'string' },
    },
  });
  const { help, verbose, times, tracks } = values;
  if (tracks !== undefined && tracks !== '1' && tracks !== '2')
    throw new Error(`--tracks must be 1 or 2, not ${tracks}`);
  const chosen = help ? [] : chooseLanes(root, positionals);
  // What is printed while a lane runs can be read of one lane only.
  const two = tracks === undefined ? !verbose && hasRoomForTwo() : tracks === '2';
  return { help, verbose, times, chosen, tracks: two && chosen.length > 1 ? 2 : 1 };
}

function hasRoomForTwo(): boolean {
  return availableParallelism() >= 2 && totalmem() >= TWO_TRACKS_BYTES;
}

export function usage(): string {
  const about = (name: LaneName): string =>
    name === 'lint' ? 'format, types, import directions, house rules' : lanes[name].about;
  return [
    'Usage: npm test -- [options] [lane or file ...]',
    '',
    'Runs the test lanes and prints one line of counts for each. Fails when a test fails, when a lane leaves a process, mount or file',
    'behind, or when it does not end by itself. Without words: all lanes.',
    '',
    'Lanes:',
    ...laneNames.map((name) => `  ${name.padEnd(12)} ${about(name)}`),
    '',
    'Options:',
    '  --times      how long each test file took, not only the long ones',
    '  --verbose    every test’s line as it ends (one lane at a time)',
    '  --tracks N   1: one lane after the other; 2: two at a time (the default with 2 processors and 6 GiB of memory)',
    '  -h, --help   this text',
    '',
    'Environment:',
    `  ${rotationVariable}=N      the shares of the long suites that run N did (0 to 9999; it is printed first)`,
    '  SAGGAR_TEST_PATIENCE=N  limits of tests and waits are N times as long as written (1 to 20; a lane run has 3)',
    '',
    'Examples:',
    '  npm test                                             everything',
    '  npm test -- lint unit                                two lanes',
    '  npm test -- test/contract/image/image-api.test.ts    one file, in the environment of its lane',
    '',
  ].join('\n');
}
