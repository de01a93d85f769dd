// Starts everything: engines side by side, schema, configuration, services; then waits until all of it is up. What already runs is
// adopted. When a part fails, the parts that this start made are stopped again, newest first; what ran before stays.
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { migrate, openDatabase } from '../services/core/db/connection.js';
import { ensureSecrets, writeConfigFiles, writeOpenrc } from './config-files.js';
import { DeployError } from './deploy-error.js';
import { externalEngines, startEngines } from './engines.js';
import { type Places, serviceNames } from './places.js';
import { findLiving, identify, writePidFile } from './processes.js';
import type { Progress } from './progress.js';
import { ensureService, stopService, waitUntilUp } from './services.js';
import type { Layout } from './state-directory.js';
import { stopServices } from './stop.js';

/** Returns when everything is up. Throws when it is not, after undoing. */
export async function startAll(places: Places, layout: Layout, progress: Progress): Promise<void> {
  const release = takeStartLock(places);
  const undo: (() => Promise<void>)[] = [];
  try {
    const engines = await startEngines(places, layout, externalEngines(), progress, undo);
    await progress.during('database schema', () => bringSchemaUpToDate(engines.databaseUrl));
    ensureSecrets(places);
    writeConfigFiles(places, layout, engines);
    writeOpenrc(places, layout);
    await progress.during('api, conductor, volume worker, compute worker', async () => {
      await startServices(places, undo);
      await waitUntilUp(places, layout);
    });
  } catch (error) {
    if (undo.length > 0) progress.say('  stopping what this start had started');
    for (const step of undo.reverse()) {
      await step().catch((failure: unknown) => progress.say(`  while stopping: ${String(failure)}`));
    }
    throw error;
  } finally {
    release();
  }
}

async function startServices(places: Places, undo: (() => Promise<void>)[]): Promise<void> {
  const fresh = serviceNames.every((service) => findLiving(places.pidFileOf(service)) === null);
  if (fresh) undo.push(() => stopServices(places));
  for (const service of serviceNames) {
    if ((await ensureService(service, places)) && !fresh) undo.push(() => stopService(service, places));
  }
}

/** Safe when several do it at once. */
export async function bringSchemaUpToDate(databaseUrl: string): Promise<void> {
  const database = openDatabase({ url: databaseUrl, poolSize: 2 });
  try {
    await migrate(database);
  } finally {
    await database.destroy();
  }
}

/** Two starts at once would start everything twice. */
function takeStartLock(places: Places): () => void {
  const holder = findLiving(places.startLock);
  if (holder !== null) {
    throw new DeployError(
      'another start is under way',
      `process ${holder.pid} holds ${places.startLock}`,
      'wait until it is done',
    );
  }
  mkdirSync(path.dirname(places.startLock), { recursive: true, mode: 0o700 });
  const self = identify(process.pid);
  if (self !== null) writePidFile(places.startLock, self);
  return () => rmSync(places.startLock, { force: true });
}
