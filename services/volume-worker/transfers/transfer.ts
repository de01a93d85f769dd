// What the data server and the commands know of one another: a transfer is open from its command until that ends, and answers the requests of
// whoever carries its ticket. `TransferDesk` finds it by the id in the URL.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BoundedMap } from '../../core/bus/bounded-map.js';
import { ServiceError } from '../../core/domain/errors.js';
import { newTransferTicket, ticketFits } from '../../core/domain/transfer-ticket.js';

export interface OpenTransfer {
  readonly ticketSha256: string;
  /** Whose it is; null: not known. */
  readonly project: string | null;
  /** `part`: what stood in the URL behind the id, e.g. `digest`; '' for nothing. Rejects with a ServiceError that becomes the answer. */
  answer(request: IncomingMessage, response: ServerResponse, part: string): Promise<void>;
}

const REMEMBERED = 1000;

export class TransferDesk {
  private readonly open = new Map<string, OpenTransfer>();
  /** Ticket hashes of those that are over, so that their holders are told so. */
  private readonly over = new BoundedMap<string, string>(REMEMBERED);
  /** Compared with when there is none of the id, so that a wrong id takes as long as a wrong ticket. */
  private readonly nobodys = newTransferTicket().ticketSha256;

  get count(): number {
    return this.open.size;
  }

  /** Open while `work` runs. Errors: those of the work; `conflict` when it is open already. */
  async during<T>(id: string, transfer: OpenTransfer, work: () => Promise<T>): Promise<T> {
    if (this.open.has(id)) throw new ServiceError('conflict', 'The transfer is open already.', { context: { id } });
    this.open.set(id, transfer);
    try {
      return await work();
    } finally {
      this.open.delete(id);
      this.over.set(id, transfer.ticketSha256);
    }
  }

  /** null: there is none, or it is another's; the two look the same. `over`: the ticket was good once. */
  find(id: string, ticket: string): OpenTransfer | 'over' | null {
    const transfer = this.open.get(id);
    const hash = transfer?.ticketSha256 ?? this.over.get(id) ?? this.nobodys;
    if (!ticketFits(ticket, hash)) return null;
    return transfer ?? 'over';
  }
}

export function interrupted(text = 'The transfer of the data was interrupted.', cause?: unknown): ServiceError {
  return new ServiceError('transfer_interrupted', text, cause === undefined ? {} : { cause });
}

/** A small answer without a body that matters. */
export function end(response: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'cache-control': 'no-store', 'content-length': '0', ...headers });
  response.end();
}

export function endWithJson(response: ServerResponse, status: number, body: object): void {
  beginJson(response, status, body);
  response.end();
}

/** All of the answer but its end. */
export function beginJson(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'cache-control': 'no-store',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
  });
  response.write(text);
}
