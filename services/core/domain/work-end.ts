// Why work under way is interrupted. The reason of an AbortSignal tells the two apart: work that can go on without its worker (a job
// inside a guest's QEMU) is left running when the worker ends, and is stopped when the work itself is not wanted any more.
import { ServiceError } from './errors.js';

export const handOver = new Error('the worker ends; somebody else goes on');

/** True when the worker ends. Any other abort means that the work is to be stopped. */
export function isHandOver(signal: AbortSignal): boolean {
  return signal.aborted && signal.reason === handOver;
}

export function cancelledError(): ServiceError {
  return new ServiceError('cancelled', 'The work was cancelled.');
}
