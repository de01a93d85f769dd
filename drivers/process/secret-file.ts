// Hands a secret to a program: a file without a name in memory, which the program reads as /dev/fd/N. Nothing of it is on a disk, in an
// argument or in the environment, and a crash of this process leaves nothing behind. A pipe would not do: a program that runs as another
// user may not open this user's pipe again by its descriptor.
import { closeSync, fchownSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import type { Passphrase } from '../key-store/key-store.js';
import type { ToolUser } from './command-runner.js';

/** A file system in memory. Source: shm_overview(7). */
const MEMORY = '/dev/shm';
/** O_TMPFILE | O_RDWR of Linux, which Node does not name. Source: open(2), asm-generic/fcntl.h. */
const O_TMPFILE_RDWR = 0o20200002;

export class SecretFile {
  readonly fd: number;

  constructor(secret: Passphrase, reader: ToolUser | undefined) {
    this.fd = openSync(MEMORY, O_TMPFILE_RDWR, 0o600);
    try {
      writeSync(this.fd, secret.reveal());
      if (reader !== undefined) fchownSync(this.fd, reader.uid, reader.gid);
    } catch (thrown) {
      this.empty();
      throw thrown;
    }
  }

  /** A program that lives on (a guest) keeps the descriptor; what it would read is gone. */
  empty(): void {
    ftruncateSync(this.fd, 0);
    closeSync(this.fd);
  }
}
