// Gives image tools the secrets of the encrypted layers that they are asked to open. Which ones is read from the arguments themselves, where every
// encrypted layer names its key (image-source.ts), so that no caller can forget it. The tool reads each from a descriptor.
import { ServiceError } from '../../services/core/domain/errors.js';
import type { KeyStore } from '../key-store/key-store.js';
import type { Argv, CommandResult, CommandRunner, RunOptions } from '../process/command-runner.js';

/** The first descriptor behind stdin, stdout and stderr. */
const FIRST_FD = 3;

/** Name of a key's secret inside a QEMU program. */
export function secretIdOf(keyId: string): string {
  return `key-${keyId}`;
}

/** QEMU's arguments for secrets that are read from the descriptors behind `first`, in this order. */
export function secretArguments(keyIds: readonly string[], option = '--object'): readonly string[] {
  return keyIds.flatMap((id, index) => [option, `secret,id=${secretIdOf(id)},file=/dev/fd/${FIRST_FD + index}`]);
}

export class KeyedTools implements CommandRunner {
  constructor(
    private readonly runner: CommandRunner,
    private readonly keys: KeyStore,
  ) {}

  /** Errors: those of the program's run, and of reading a key. */
  async run(argv: Argv, options: RunOptions): Promise<CommandResult> {
    const keyIds = findKeys(argv);
    if (keyIds.length === 0) return this.runner.run(argv, options);
    if (options.secrets !== undefined) throw new ServiceError('internal', 'A tool was given secrets twice.');
    const secrets = await Promise.all(keyIds.map((id) => this.keys.readKey(id)));
    return this.runner.run(withObjects(argv, secretArguments(keyIds)), { ...options, secrets });
  }
}

function findKeys(argv: Argv): readonly string[] {
  const found = argv
    .filter((word) => word.startsWith('json:'))
    .flatMap((word) => [...word.matchAll(/"key-secret":"key-([0-9a-f-]{36})"/g)].map(([, id]) => id ?? ''));
  return [...new Set(found)];
}

/** qemu-img wants its verb first. */
function withObjects([program, ...words]: Argv, objects: readonly string[]): Argv {
  if (!/(^|\/)qemu-img$/.test(program)) return [program, ...objects, ...words];
  const [verb = '', ...rest] = words;
  return [program, verb, ...objects, ...rest];
}
