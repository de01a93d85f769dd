// Remembers that the main job has passed in this state directory with this very build, so that a later start is quick. Another build,
// or another state directory, does it again.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../services/core/runtime/spec-files.js';
import type { Places } from './places.js';

const fileOf = (places: Places): string => path.join(places.state, 'run', 'story-passed.json');

/** Written by bootstrap.mjs when it has built; empty when this runs from the sources. */
function buildStamp(): string {
  const file = path.join(projectRoot(), 'dist', '.built-from');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}

/** When it passed (ISO 8601), or null when it has to be done (again). */
export function storyPassedAt(places: Places): string | null {
  const file = fileOf(places);
  const build = buildStamp();
  if (build === '' || !existsSync(file)) return null;
  const passed = JSON.parse(readFileSync(file, 'utf8')) as { readonly build: string; readonly at: string };
  return passed.build === build ? passed.at : null;
}

export function rememberStory(places: Places): void {
  writeFileSync(fileOf(places), `${JSON.stringify({ build: buildStamp(), at: new Date().toISOString() })}\n`);
}
