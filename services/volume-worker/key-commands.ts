// Commands about keys of encrypted volumes. Only ids pass here: a key is made, kept and forgotten where the store is.
import type { KeyStore } from '../../drivers/key-store/key-store.js';
import type { CommandOutput, CommandParams } from '../core/messages/envelope.js';

export type KeyCommandHandlers = {
  readonly [T in 'key.create' | 'key.remove']: (params: CommandParams<T>) => Promise<CommandOutput<T>>;
};

export function keyCommandHandlers(keys: KeyStore): KeyCommandHandlers {
  return {
    'key.create': async ({ keyId, bits }) => ({ keyId: await keys.ensureKey(keyId, bits) }),
    'key.remove': async ({ keyId }) => {
      await keys.removeKey(keyId);
      return {};
    },
  };
}
