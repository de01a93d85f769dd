// What a hypervisor is told to limit, from the QoS specs of the volume's type. Pure.
//
// Limits per GiB become limits of this volume: `read_iops_sec_per_gb` times the size, not below `read_iops_sec_per_gb_min`, not above
// `read_iops_sec_max`. Source: cinder/volume/manager.py, _parse_connection_options.

export type FrontEndQos = Readonly<Record<string, string | number | null>>;

const limits = [
  'read_iops_sec',
  'read_bytes_sec',
  'write_iops_sec',
  'write_bytes_sec',
  'total_iops_sec',
  'total_bytes_sec',
];

function wholeNumber(text: string | null | undefined): number | null {
  return typeof text === 'string' && /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : null;
}

/** `sizeGib` is the volume's size now; the limits do not grow with it until it is connected anew. */
export function frontEndQos(specs: Readonly<Record<string, string | null>>, sizeGib: number): FrontEndQos {
  const told: Record<string, string | number | null> = { ...specs };
  for (const limit of limits) {
    const perGib = wholeNumber(specs[`${limit}_per_gb`]);
    if (perGib === null) continue;
    const least = Math.max(perGib * sizeGib, wholeNumber(specs[`${limit}_per_gb_min`]) ?? 0);
    told[limit] = Math.min(least, wholeNumber(specs[`${limit}_max`]) ?? least);
    for (const used of [`${limit}_per_gb`, `${limit}_per_gb_min`, `${limit}_max`]) delete told[used];
  }
  return told;
}
