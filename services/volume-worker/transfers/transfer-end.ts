// How a transfer ends: once, by whoever comes first, told to the command that waits for it.
import { cancelledError } from '../../core/domain/work-end.js';

export class TransferEnd<T> {
  private settle: { readonly done: (value: T) => void; readonly failed: (error: Error) => void } | null = null;
  private readonly over: Promise<T>;

  constructor() {
    this.over = new Promise((done, failed) => {
      this.settle = { done, failed };
    });
    this.over.catch(() => undefined); // told to whoever waits
  }

  done(value: T): void {
    this.settle?.done(value);
  }

  fail(error: Error): void {
    this.settle?.failed(error);
  }

  /** `cancel` is called with the error when the command is cancelled, and has to end the transfer. */
  async wait(signal: AbortSignal, cancel: (error: Error) => void): Promise<T> {
    const onAbort = (): void => cancel(cancelledError());
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      return await this.over;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }
}
