// The actions of servers that commands use, typed by hand after the documents' x-actions: the shared POST is described there only as
// "an object with one key", and this is the one place that says otherwise to the compiler.
import type { Session } from '../session.js';

export type ServerAction =
  | { readonly 'os-start': null }
  | { readonly 'os-stop': null }
  | { readonly forceDelete: null }
  | { readonly reboot: { readonly type: 'SOFT' | 'HARD' } }
  | { readonly 'os-getConsoleOutput': { readonly length?: number } };

/** The answer's body; undefined for actions that answer without one. */
export async function actOnServer(session: Session, serverId: string, action: ServerAction): Promise<unknown> {
  const body = action as unknown as Record<string, never>;
  return session.compute.post('/v2.1/servers/{server_id}/action', { path: { server_id: serverId }, body });
}

/**
 * The header of one call that needs a newer compute version than the oldest, at which the shapes are the ones that are read here. A
 * version chosen with --os-compute-api-version goes before it.
 */
export function computeAt(version: string): Readonly<Record<string, string>> {
  return { 'openstack-api-version': `compute ${version}` };
}
