// Names of disks as clients see them: /dev/vda for the first. The guest's kernel numbers disks by itself, so the name is a
// label; guests find a volume by its serial (the volume's id).

/** Index 0 is /dev/vda, 25 is /dev/vdz, 26 is /dev/vdaa. */
export function guestDeviceName(index: number): string {
  let letters = '';
  for (let rest = index; rest >= 0; rest = Math.floor(rest / 26) - 1) {
    letters = String.fromCharCode(97 + (rest % 26)) + letters;
  }
  return `/dev/vd${letters}`;
}

/** The wished name when it is of our kind and free, else the first free one after the boot disk's. */
export function chooseDeviceName(taken: ReadonlySet<string>, wished: string | null): string {
  const full = wished === null || wished === '' ? null : wished.startsWith('/dev/') ? wished : `/dev/${wished}`;
  if (full !== null && /^\/dev\/vd[a-z]{1,2}$/.test(full) && !taken.has(full)) return full;
  let index = 1;
  while (taken.has(guestDeviceName(index))) index += 1;
  return guestDeviceName(index);
}
