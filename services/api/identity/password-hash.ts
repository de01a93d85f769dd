// Passwords: scrypt with a salt of their own, in a self-describing text, so that the cost can be raised later.
//   scrypt$<log2 N>$<r>$<p>$<salt, base64>$<key, base64>
// One hash costs 16 MiB and about 50 ms of a thread of the pool, so only two run at a time and a bounded number waits:
// a flood of logins must not starve the process's other work (node:crypto's scrypt runs on libuv's pool).
// Never logs, never keeps a password.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { ServiceError } from '../../core/domain/errors.js';

const LOG2_COST = 14;
const BLOCK_SIZE = 8;
const PARALLELISM = 1;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const RUNNING_LIMIT = 2;
const WAITING_LIMIT = 200;

let running = 0;
const waiting: (() => void)[] = [];

async function takeTurn(): Promise<void> {
  if (running < RUNNING_LIMIT) {
    running += 1;
    return;
  }
  if (waiting.length >= WAITING_LIMIT) {
    throw new ServiceError('database_offline', 'Too many logins are waiting. Please try again later.');
  }
  await new Promise<void>((resolve) => waiting.push(resolve));
}

function endTurn(): void {
  const next = waiting.shift();
  if (next === undefined) running -= 1;
  else next();
}

async function deriveKey(password: string, salt: Buffer, log2Cost: number, r: number, p: number): Promise<Buffer> {
  await takeTurn();
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const options = { N: 2 ** log2Cost, r, p, maxmem: 2 ** log2Cost * r * 256 + 2 ** 20 };
      scrypt(password, salt, KEY_BYTES, options, (error, key) => (error === null ? resolve(key) : reject(error)));
    });
  } finally {
    endTurn();
  }
}

/** The text to store for a password. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await deriveKey(password, salt, LOG2_COST, BLOCK_SIZE, PARALLELISM);
  return ['scrypt', LOG2_COST, BLOCK_SIZE, PARALLELISM, salt.toString('base64'), key.toString('base64')].join('$');
}

// A login of an unknown user must take as long as a wrong password, or names could be probed by the clock.
const nobody = `scrypt$${LOG2_COST}$${BLOCK_SIZE}$${PARALLELISM}$${Buffer.alloc(SALT_BYTES).toString('base64')}$`;

const storedForm = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]*)$/;

/** True when the password fits the stored text; null (no password, no such user) is always false, after the same work. */
export async function passwordFits(password: string, stored: string | null): Promise<boolean> {
  const parts = storedForm.exec(stored ?? nobody);
  if (parts === null) throw new ServiceError('internal', 'A stored password cannot be read.');
  const [, log2Cost, r, p, salt = '', wanted = ''] = parts;
  const key = await deriveKey(password, Buffer.from(salt, 'base64'), Number(log2Cost), Number(r), Number(p));
  const expected = Buffer.from(wanted, 'base64');
  return stored !== null && expected.length === key.length && timingSafeEqual(expected, key);
}
