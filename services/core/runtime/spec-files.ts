// Finds the contracts (api-spec/generated/*.json) from the sources as well as from the build in dist/.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json: two or three levels above this file, depending on sources or dist. */
export function projectRoot(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error('package.json was not found above the program files');
    folder = parent;
  }
  return folder;
}

/** The parsed contract document, e.g. `block-storage` or `messages`. Throws when it was not generated. */
export function readSpec(name: string): unknown {
  return JSON.parse(readFileSync(path.join(projectRoot(), 'api-spec', 'generated', `${name}.json`), 'utf8'));
}

/** Recorded requests and answers by operation id, for the reference page; empty for an API that has none. */
export function readExamples(name: string): unknown {
  const file = path.join(projectRoot(), 'api-spec', 'examples', `${name}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}
