// Limits in tests are against hanging and measure nothing: what is fast enough is said by a test that reads the clock itself. So a lane
// run stretches them all, mocha's and those of waits, and a machine that is busy with other things ends no test that goes on.
// A file that is run alone keeps the limits as they are written.

/** A whole number, how many times the written limit. */
export const patienceVariable = 'SAGGAR_TEST_PATIENCE';

/** 1 unless the variable says more. Throws when it is set to anything else than a whole number from 1 to 20. */
export function readPatience(env: NodeJS.ProcessEnv = process.env): number {
  const wanted = env[patienceVariable];
  if (wanted === undefined || wanted === '') return 1;
  const times = Number(wanted);
  if (!Number.isInteger(times) || times < 1 || times > 20) {
    throw new Error(`${patienceVariable} must be a whole number from 1 to 20, not ${wanted}`);
  }
  return times;
}
