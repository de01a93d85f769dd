// The two units of size and the only place that converts between them: GiB in API and domain, bytes in drivers.

export const GIB = 1024 ** 3;

export function gibToBytes(sizeGib: number): number {
  return sizeGib * GIB;
}

/** Whole GiB that hold the bytes, rounded up. */
export function bytesToGib(sizeBytes: number): number {
  return Math.ceil(sizeBytes / GIB);
}
