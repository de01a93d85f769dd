// The ticket of a transfer of bulk bytes: whoever carries it may send (or read) the bytes of that one transfer at the data server of a
// volume worker. Told once, to the party that transfers; everybody else (database, broker, worker) knows only its SHA-256.
// 256 random bits cannot be guessed, so a plain hash without salt is enough.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export interface TransferTicket {
  /** 64 hex digits. */
  readonly ticket: string;
  /** 64 hex digits. */
  readonly ticketSha256: string;
}

function digestOf(ticket: string): Buffer {
  return createHash('sha256').update(ticket, 'utf8').digest();
}

export function newTransferTicket(): TransferTicket {
  const ticket = randomBytes(32).toString('hex');
  return { ticket, ticketSha256: digestOf(ticket).toString('hex') };
}

/** Takes the same time whether the ticket is nearly right or all wrong. */
export function ticketFits(ticket: string, ticketSha256: string): boolean {
  const wanted = Buffer.from(ticketSha256, 'hex');
  const given = digestOf(ticket);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
