// Users of this machine by name, number or `user:group`, as an administrator writes them. Read once at start from /etc/passwd and
// /etc/group; users of a directory service are given as numbers.
// Source: passwd(5), group(5).
import { readFileSync } from 'node:fs';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

const MAX_ID = 2 ** 32 - 2;

/** `107:107`, `qemu`, `qemu:kvm`, `107`. Throws an Error that says what is wrong with it. */
export function readAccount(text: string, files = { passwd: '/etc/passwd', group: '/etc/group' }): Account {
  const [user = '', group, ...rest] = text.split(':');
  if (rest.length > 0 || user === '' || group === '') throw new Error(`"${text}" is not a user, or user:group`);
  const known = linesOf(files.passwd).find(([name, , uid]) => name === user || uid === user);
  const uid = numberOf(user) ?? numberOf(known?.[2] ?? '');
  if (uid === null) throw new Error(`there is no user "${user}" on this machine`);
  if (group !== undefined) return { uid, gid: readGroup(group, files.group) };
  const gid = numberOf(known?.[3] ?? '');
  if (gid === null) throw new Error(`the user ${user} is not on this machine: name a group too, as ${user}:GROUP`);
  return { uid, gid };
}

function readGroup(group: string, file: string): number {
  const gid = numberOf(group) ?? numberOf(linesOf(file).find(([name]) => name === group)?.[2] ?? '');
  if (gid === null) throw new Error(`there is no group "${group}" on this machine`);
  return gid;
}

function numberOf(text: string): number | null {
  return /^\d{1,10}$/.test(text) && Number(text) <= MAX_ID ? Number(text) : null;
}

function linesOf(file: string): readonly (readonly string[])[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
}
