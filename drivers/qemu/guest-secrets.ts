// The secrets of encrypted layers inside a QEMU: there for the moment in which nodes are opened, and gone afterwards. QEMU needs a secret only to
// unlock the header of a layer; what it does with it later (snapshots, merges, growing) works with what it has unlocked (measured with 7.2).
// At a start they come by descriptors, into a running guest by its monitor's socket, which only the worker's own user can open.
import type { Chain } from '../../services/core/domain/chain.js';
import { secretIdOf } from '../image/keyed-tools.js';
import type { GuestMonitor } from './guest-monitor.js';
import type { JsonObject } from './qmp-messages.js';

/** Refusals that say that it is so already. Source: QEMU 7.2, qom/object.c and qom/qom-qmp-cmds.c. */
const secretExists = /duplicate property|duplicate id/i;
const secretGone = /object '.*' not found/i;

/** What a layer's node says of its encryption; nothing for one that is not encrypted. */
export function encryptOptions(keyId: string | undefined): JsonObject {
  return keyId === undefined ? {} : { encrypt: { format: 'luks', 'key-secret': secretIdOf(keyId) } };
}

/** Which keys the layers of these chains need, none twice. */
export function keysOf(chains: readonly Chain[]): readonly string[] {
  return [...new Set(chains.flat().flatMap(({ keyId }) => (keyId === undefined ? [] : [keyId])))];
}

/** Runs `open` while the guest's QEMU knows the secrets. Errors: those of reading a key, of the monitor, and of `open`. */
export async function withSecrets<T>(
  monitor: GuestMonitor,
  keyIds: readonly string[],
  open: () => Promise<T>,
): Promise<T> {
  if (keyIds.length === 0) return open();
  try {
    for (const keyId of keyIds) {
      const passphrase = await monitor.keys.readKey(keyId);
      const secret = { 'qom-type': 'secret', id: secretIdOf(keyId), data: passphrase.reveal() };
      await monitor.tryExecute('object-add', secret, secretExists);
    }
    return await open();
  } finally {
    await forgetSecrets(monitor, keyIds);
  }
}

/** Absent is success. */
export async function forgetSecrets(monitor: GuestMonitor, keyIds: readonly string[]): Promise<void> {
  for (const keyId of keyIds) await monitor.tryExecute('object-del', { id: secretIdOf(keyId) }, secretGone);
}
