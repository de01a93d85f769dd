// What a fresh identity service needs before anybody can log in: projects admin, demo and service, and the user admin with
// the password of the operator's file. Runs at every start, in one transaction, one process at a time.
//
// Projects are made with the first user only: deleted later, they stay deleted. The password follows the file when the
// file has changed; a password changed through the API stays until then.

import type { Database, Transaction } from '../../core/db/connection.js';
import { loadBootstrapHash, lockBootstrap, storeBootstrapHash } from '../../core/db/identity/bootstrap.js';
import { insertProject } from '../../core/db/identity/projects.js';
import { grantRole, listRoles } from '../../core/db/identity/roles.js';
import { insertUser, listUsers, updateUser } from '../../core/db/identity/users.js';
import { newHexId } from './hex-id.js';
import { hashPassword, passwordFits } from './password-hash.js';

export const defaultDomainId = 'default';
const adminName = 'admin';
const firstProjects = [
  { name: 'admin', description: 'The administrators’ project', adminHasRole: true },
  { name: 'demo', description: 'A project to try things in', adminHasRole: true },
  { name: 'service', description: 'Accounts of services', adminHasRole: false },
] as const;

async function createFirstUser(tx: Transaction, passwordHash: string): Promise<string> {
  const userId = newHexId();
  await insertUser(
    tx,
    {
      id: userId,
      domainId: defaultDomainId,
      name: adminName,
      enabled: true,
      defaultProjectId: null,
      description: null,
      extra: {},
    },
    passwordHash,
  );
  const [adminRole] = await listRoles(tx, { name: 'admin' });
  if (adminRole === undefined) throw new Error('The role admin is missing although the schema is current.');
  await grantRole(tx, userId, { domainId: defaultDomainId }, adminRole.id);
  for (const { name, description, adminHasRole } of firstProjects) {
    const projectId = newHexId();
    await insertProject(tx, {
      id: projectId,
      domainId: defaultDomainId,
      name,
      description,
      enabled: true,
      tags: [],
      extra: {},
    });
    if (adminHasRole) await grantRole(tx, userId, { projectId }, adminRole.id);
  }
  return userId;
}

export type BootstrapOutcome = 'created' | 'password-changed' | 'unchanged';

/** `adminPassword` is the content of the operator's file without the line end; it is never stored as it is. */
export async function bootstrapIdentity(database: Database, adminPassword: string): Promise<BootstrapOutcome> {
  if (adminPassword === '') throw new Error('The file with the password of the user admin is empty.');
  const passwordHash = await hashPassword(adminPassword);
  return database.transaction(async (tx): Promise<BootstrapOutcome> => {
    await lockBootstrap(tx);
    const [admin] = await listUsers(tx, { name: adminName, domainId: defaultDomainId });
    if (admin === undefined) {
      await storeBootstrapHash(tx, await createFirstUser(tx, passwordHash), passwordHash);
      return 'created';
    }
    if (await passwordFits(adminPassword, await loadBootstrapHash(tx, admin.id))) return 'unchanged';
    await updateUser(tx, admin.id, { passwordHash });
    await storeBootstrapHash(tx, admin.id, passwordHash);
    return 'password-changed';
  });
}
