// Loaded by mocha in every lane (--require): stretches the limits of tests and hooks as patience.ts says, and notes how long each test file took, its hooks included, so that the runner can say where a
// lane's time goes. Written after each file, so that a lane that is killed can tell too, to the file that SAGGAR_TEST_TIMES names, as JSON:
// [{ file, seconds }], slowest first.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import Mocha from 'mocha';
import { readPatience } from './patience.js';

export interface FileTime {
  /** Relative to the project. */
  readonly file: string;
  readonly seconds: number;
}

export const timesVariable = 'SAGGAR_TEST_TIMES';

stretchLimits(readPatience());

/** Of what mocha runs; a suite hands its limit to each test and hook once, and that is the moment in which it becomes longer. */
function stretchLimits(times: number): void {
  const { prototype } = Mocha.Runnable;
  const written = prototype.timeout as (this: Mocha.Runnable, limit?: string | number) => unknown;
  prototype.timeout = function timeout(this: Mocha.Runnable, ...limit: [] | [string | number]): never {
    const [ms] = limit;
    return written.apply(this, typeof ms === 'number' ? [ms * times] : limit) as never;
  };
}

/** Mocha calls it before the first test, with the runner as `this`. */
export function mochaGlobalSetup(this: Mocha.Runner): void {
  const target = process.env[timesVariable];
  if (target === undefined) return;
  const { EVENT_SUITE_BEGIN, EVENT_SUITE_END } = Mocha.Runner.constants;
  const milliseconds = new Map<string, number>();
  let since = 0;
  // Only the outermost suites of a file: what is in them is part of their time.
  this.on(EVENT_SUITE_BEGIN, (suite) => {
    if (suite.parent?.root === true) since = performance.now();
  });
  this.on(EVENT_SUITE_END, (suite) => {
    if (suite.parent?.root !== true || suite.file === undefined) return;
    const file = path.relative(process.cwd(), suite.file);
    milliseconds.set(file, (milliseconds.get(file) ?? 0) + performance.now() - since);
    const times = [...milliseconds].map(([name, spent]): FileTime => ({ file: name, seconds: spent / 1000 }));
    writeFileSync(target, JSON.stringify(times.sort((one, other) => other.seconds - one.seconds)));
  });
}
