// Projects of volumes that come back, where the identity service of Saggar itself has never heard of them: a database that was lost has taken
// them along, and a Cinder's belong to its Keystone. Without them nobody could log in to where the volumes are. They come back under a name
// that says so, without people: an administrator gives roles and names. A Keystone of its own keeps its projects, and nothing is made.
import type { Transaction } from '../connection.js';

const domainId = 'default';

/** How a project is called that nobody remembers; at most 64 characters, as names of projects are. */
function nameOfLostProject(id: string): string {
  return `taken-over-${id}`.slice(0, 64);
}

/** Part of the recording: idempotent, and projects that exist stay as they are. */
export async function ensureProjects(tx: Transaction, projectIds: readonly string[]): Promise<void> {
  // The embedded service writes its bootstrap row at its first start; beside a Keystone there is none.
  const embedded: unknown = await tx('identity_bootstrap').first('user_id');
  if (embedded === undefined || projectIds.length === 0) return;
  const rows = [...new Set(projectIds)].map((id) => ({
    id,
    domain_id: domainId,
    name: nameOfLostProject(id),
    description: 'Its volumes were found on a share',
  }));
  await tx('identity_projects').insert(rows).onConflict().ignore();
}
