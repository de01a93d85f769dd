// Preloaded by the mutation runner (NODE_OPTIONS=--import) before tsx: changes the text of ONE source file while it is loaded, in this process
// and in every node process that is started from it. The mutation comes as JSON in SAGGAR_MUTATION; where it was applied, a line is added
// to the file SAGGAR_MUTATION_LOG, so that the runner can tell a guard that nobody misses from one that was never loaded.
// Plain JavaScript, because it runs before the loader of TypeScript. Both ways are served by which tsx loads a module:
//   require()  reads the file by fs.readFileSync in this thread            import  asks the next loader, which is ours
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { register, syncBuiltinESMExports } from 'node:module';
import path from 'node:path';

const text = process.env.SAGGAR_MUTATION;
if (text !== undefined) {
  const mutation = JSON.parse(text);
  patchReads(mutation);
  patchChildren(text);
  register('./patching-loader.mjs', import.meta.url, { data: mutation });
}

/** Kept before it is patched. */
const { appendFileSync } = fs;

function patchReads({ file, find, replace }) {
  const { readFileSync } = fs;
  fs.readFileSync = (name, ...rest) => {
    const content = readFileSync(name, ...rest);
    if (typeof name !== 'string' || path.resolve(name) !== file || !String(content).includes(find)) return content;
    appendFileSync(process.env.SAGGAR_MUTATION_LOG, `${process.pid}\n`);
    const changed = String(content).replace(find, () => replace);
    return typeof content === 'string' ? changed : Buffer.from(changed);
  };
  syncBuiltinESMExports();
}

/** Children from sources get the hook too, also those that are given an environment and options of their own. */
function patchChildren(mutationText) {
  const hook = ['--import', import.meta.url];
  const env = (given) => ({
    ...(given ?? process.env),
    SAGGAR_MUTATION: mutationText,
    SAGGAR_MUTATION_LOG: process.env.SAGGAR_MUTATION_LOG,
  });
  const { fork } = childProcess;
  childProcess.fork = (module, args, options = {}) => {
    const execArgv = options.execArgv ?? process.execArgv;
    const fromSources = execArgv.some((word) => word.includes('tsx'));
    if (!fromSources) return fork(module, args, options);
    return fork(module, args, { ...options, env: env(options.env), execArgv: [...hook, ...execArgv] });
  };
  syncBuiltinESMExports();
}
