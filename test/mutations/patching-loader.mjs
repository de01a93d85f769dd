// The half of patch-at-load.mjs that runs in the loader's thread: modules that are imported.
import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

let mutation = null;

export function initialize(data) {
  mutation = data;
}

export async function load(url, context, next) {
  const loaded = await next(url, context);
  if (mutation === null || !url.startsWith('file:')) return loaded;
  const { file, find, replace } = mutation;
  if (fileURLToPath(url.split('?')[0]) !== file || loaded.source === undefined || loaded.source === null) return loaded;
  const source = typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source).toString('utf8');
  if (!source.includes(find)) return loaded;
  appendFileSync(process.env.SAGGAR_MUTATION_LOG, `${process.pid}\n`);
  return { ...loaded, source: source.replace(find, () => replace) };
}
