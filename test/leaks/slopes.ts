// The slope of what was measured again and again: least squares, in units per cycle. Pure.

export interface Sample {
  readonly cycle: number;
  readonly values: Readonly<Record<string, number>>;
}

export interface Slope {
  readonly name: string;
  /** First and last value that was measured. */
  readonly first: number;
  readonly last: number;
  /** Per cycle. */
  readonly slope: number;
}

/** Of every value that all samples have, in the order of the first. Throws a RangeError for fewer than two samples. */
export function slopesOf(samples: readonly Sample[]): readonly Slope[] {
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || last === undefined || samples.length < 2) throw new RangeError('two samples at least');
  const meanCycle = samples.reduce((sum, { cycle }) => sum + cycle, 0) / samples.length;
  const spread = samples.reduce((sum, { cycle }) => sum + (cycle - meanCycle) ** 2, 0);
  return Object.keys(first.values).flatMap((name) => {
    const values = samples.map((sample) => sample.values[name]);
    if (values.some((value) => value === undefined)) return [];
    const known = values as number[];
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    const product = samples.reduce(
      (sum, { cycle }, index) => sum + (cycle - meanCycle) * ((known[index] ?? 0) - mean),
      0,
    );
    return [{ name, first: known[0] ?? 0, last: known.at(-1) ?? 0, slope: product / spread }];
  });
}
