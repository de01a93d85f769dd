// `saggar`'s one-command deployment: start, stop and status of everything on one machine. Called by bootstrap.mjs after it has made
// sure that all packages and the build are there. Exit code 0 when the command did what it says, else 1 with what, why, what to do.
import { parseArgs } from 'node:util';
import { clientEnvironment, publicUrlOf } from './config-files.js';
import { DeployError, describeFailure } from './deploy-error.js';
import { type Places, placesOf } from './places.js';
import { openProgress } from './progress.js';
import { bringSchemaUpToDate, startAll } from './start.js';
import {
  defaultStateDirectory,
  ensureLayout,
  ensureStateDirectory,
  type Layout,
  tryReadLayout,
} from './state-directory.js';
import { readStatus } from './status.js';
import { stopAll } from './stop.js';
import { tellStory } from './story.js';
import { rememberStory, storyPassedAt } from './story-passed.js';

const usage = `Usage: npm start [-- --story | --no-story]
       npm stop
       node deploy/bootstrap.mjs status | migrate

  npm start   installs what is missing, starts or adopts every part on private ports, does the main job once for each build, leaves it running
  --story     does the main job although this build has done it here already
  --no-story  does not do it
  npm stop    ends every process, mount and namespace that npm start made; volumes stay
  status      one line for each part
  migrate     brings the schema of DATABASE_URL up to date, for installations beside existing servers

Environment:
  SAGGAR_STATE=DIR   where all state lives (default ${defaultStateDirectory({})})
  SAGGAR_BACKENDS=2  so many private shares, each a backend; the default is one
  DATABASE_URL, AMQP_URL, SAGGAR_SHARES
                     use these servers and this shares file (Cinder's format) instead of private ones
`;

/** `once`: unless it has passed here with this very build. */
type StoryWish = 'always' | 'once' | 'never';

async function start(state: string, story: StoryWish): Promise<void> {
  const since = performance.now();
  await ensureStateDirectory(state);
  const layout = await ensureLayout(state);
  const places = placesOf(state);
  const progress = openProgress();
  progress.say(`Starting Saggar in ${state}`);
  try {
    await startAll(places, layout, progress);
    progress.say(`Ready after ${((performance.now() - since) / 1000).toFixed(1)} s`);
    const passedAt = story === 'once' ? storyPassedAt(places) : null;
    if (passedAt !== null) {
      progress.say(`The main job passed here with this build on ${passedAt}; npm start -- --story does it again`);
    } else if (story !== 'never') {
      progress.say('The main job, step by step');
      await tellStory(places, layout, progress);
      rememberStory(places);
    }
  } finally {
    progress.close();
  }
  process.stdout.write(describeService(places, layout));
}

function describeService(places: Places, layout: Layout): string {
  const base = publicUrlOf(layout);
  const environment = Object.keys(clientEnvironment(places, layout)).join(' ');
  return [
    '',
    'Saggar runs.',
    `  identity       ${base}/identity/v3`,
    `  block storage  ${base}/volume/v3`,
    `  compute        ${base}/compute/v2.1`,
    `  image          ${base}/image/v2`,
    `  reference      ${base}/docs`,
    `  logs           ${places.state}/log`,
    'For a client (openstack, or npx saggar):',
    `  . ${places.openrc}`,
    `  which exports ${environment}`,
    'npm stop ends everything; volumes stay.',
    '',
  ].join('\n');
}

async function stop(state: string): Promise<void> {
  const layout = tryReadLayout(state);
  if (layout === null) {
    process.stdout.write(`Nothing was ever started in ${state}.\n`);
    return;
  }
  const progress = openProgress();
  progress.say(`Stopping Saggar in ${state}`);
  try {
    await stopAll(placesOf(state), layout, progress);
  } finally {
    progress.close();
  }
  process.stdout.write('Nothing is left running; data stays.\n');
}

async function status(state: string): Promise<void> {
  const layout = tryReadLayout(state);
  if (layout === null) {
    process.stdout.write(`Nothing was ever started in ${state}.\n`);
    return;
  }
  for (const part of await readStatus(placesOf(state), layout)) {
    process.stdout.write(`${part.part.padEnd(16)} ${part.state.padEnd(10)} ${part.detail}\n`);
  }
}

/** For installations beside existing servers: before the services of a new version are started. */
async function migrateExisting(): Promise<void> {
  const url = process.env['DATABASE_URL'];
  if (url === undefined || url === '') {
    throw new DeployError(
      'no database was named',
      'DATABASE_URL is not set',
      'DATABASE_URL=postgresql://... and again',
    );
  }
  await bringSchemaUpToDate(url);
  process.stdout.write('The schema is up to date.\n');
}

function readCommandLine() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        story: { type: 'boolean', default: false },
        'no-story': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new DeployError('the command line cannot be understood', why, 'npm start -- --help shows what there is', {
      cause: thrown,
    });
  }
}

async function main(): Promise<void> {
  const { positionals, values } = readCommandLine();
  const [command] = positionals;
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const state = defaultStateDirectory();
  if (positionals.length !== 1) {
    process.stderr.write(usage);
    process.exitCode = 1;
  } else if (command === 'start') await start(state, values['no-story'] ? 'never' : values.story ? 'always' : 'once');
  else if (command === 'stop') await stop(state);
  else if (command === 'status') await status(state);
  else if (command === 'migrate') await migrateExisting();
  else {
    process.stderr.write(usage);
    process.exitCode = 1;
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = 1;
});
