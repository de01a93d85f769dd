// What the guest's background writer (deploy/guest/rootfs/bin/writer) must have left in its region: slots of 4 KiB written round and
// round, write k to slot k modulo the number of slots. A region frozen at one moment shows the first n writes and no other.
// Pure.

const SLOT_BYTES = 4096;

function slotBytes(counter: number): Buffer {
  return Buffer.from(`${`slot ${counter}`.padEnd(SLOT_BYTES - 1)}\n`);
}

/** The region after `writes` writes over what was there before. */
export function regionAfter(writes: number, before: Buffer): Buffer {
  const region = Buffer.from(before);
  const slots = region.length / SLOT_BYTES;
  for (let counter = Math.max(0, writes - slots); counter < writes; counter += 1)
    slotBytes(counter).copy(region, (counter % slots) * SLOT_BYTES);
  return region;
}

/** How many writes the region shows. Throws when it is no state that the region ever had. */
export function writesSeen(region: Buffer, before: Buffer): number {
  let writes = 0;
  for (let offset = 0; offset < region.length; offset += SLOT_BYTES) {
    const counter = /^slot (\d+) /.exec(region.toString('latin1', offset, offset + 24))?.[1];
    if (counter !== undefined) writes = Math.max(writes, Number(counter) + 1);
  }
  const wanted = regionAfter(writes, before);
  if (region.equals(wanted)) return writes;
  const slot = Math.floor(region.findIndex((byte, index) => byte !== wanted[index]) / SLOT_BYTES);
  throw new Error(`the region shows ${writes} writes, but slot ${slot} is not what it was then`);
}
