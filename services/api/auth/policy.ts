// Who may do what: one table, rule -> level. It guards the code, and a test is made of every row.
//
//   anyone   a valid token, scoped or not          reader   may look at what is its project's
//   member   may change what is its project's      admin    role admin on any project: administrator everywhere (Cinder's rule)
//   service  role service, or admin                self     the user named in the path, or admin
//
// Rules are named after what is done (`volume:create`). A foreign resource is "not found", never "forbidden": the answer must
// not tell whether it exists. A forbidden deed on one's own is 403 with the rule's name, as oslo.policy says it.
import { ServiceError } from '../../core/domain/errors.js';

export type PolicyLevel = 'anyone' | 'reader' | 'member' | 'admin' | 'service' | 'self';

const rolesOfLevel = {
  reader: ['reader', 'member', 'manager', 'admin'],
  member: ['member', 'manager', 'admin'],
  admin: ['admin'],
  service: ['service', 'admin'],
} as const satisfies Partial<Record<PolicyLevel, readonly string[]>>;

export const policyTable = {
  // Block storage
  'volume:list': 'reader',
  'volume:show': 'reader',
  'volume:summary': 'reader',
  'volume:create': 'member',
  'volume:update': 'member',
  'volume:delete': 'member',
  'volume:force-delete': 'admin',
  'volume:extend': 'member',
  'volume:retype': 'member',
  'volume:revert': 'member',
  'volume:reserve': 'member',
  'volume:attach': 'member',
  'volume:detach': 'member',
  'volume:force-detach': 'admin',
  'volume:initialize-connection': 'member',
  'volume:terminate-connection': 'member',
  'volume:set-bootable': 'member',
  'volume:readonly-flag': 'member',
  'volume:reset-status': 'admin',
  'volume:migrate': 'admin',
  'volume:extend-completion': 'admin',
  'volume:manage': 'admin',
  'volume:unmanage': 'admin',
  'volume:list-manageable': 'admin',
  'volume:encryption': 'reader',
  'volume:list-metadata': 'reader',
  'volume:update-metadata': 'member',
  'volume:image-metadata': 'member',
  'volume:upload-image': 'member',
  'volume:upload-public': 'admin',
  'snapshot:list': 'reader',
  'snapshot:show': 'reader',
  'snapshot:create': 'member',
  'snapshot:update': 'member',
  'snapshot:delete': 'member',
  'snapshot:force-delete': 'admin',
  'snapshot:reset-status': 'admin',
  // Nova reports with its user's token; a report counts only while no operation of ours is responsible.
  'snapshot:update-status': 'member',
  'snapshot:manage': 'admin',
  'snapshot:unmanage': 'admin',
  'snapshot:list-manageable': 'admin',
  'snapshot:list-metadata': 'reader',
  'snapshot:update-metadata': 'member',
  'attachment:list': 'reader',
  'attachment:show': 'reader',
  'attachment:create': 'member',
  'attachment:update': 'member',
  'attachment:complete': 'member',
  'attachment:delete': 'member',
  'type:list': 'reader',
  'type:show': 'reader',
  'type:create': 'admin',
  'type:update': 'admin',
  'type:delete': 'admin',
  'type:list-extra-specs': 'reader',
  'type:update-extra-specs': 'admin',
  'type:list-access': 'admin',
  'type:change-access': 'admin',
  'type:encryption': 'admin',
  'qos:list': 'admin',
  'qos:change': 'admin',
  'limits:show': 'reader',
  'quota:show': 'reader',
  'quota:update': 'admin',
  'quota-class:show': 'admin',
  'quota-class:update': 'admin',
  'service:list': 'admin',
  'service:update': 'admin',
  'host:list': 'admin',
  'pool:list': 'admin',
  'capabilities:show': 'admin',
  'zone:list': 'reader',
  'extension:list': 'reader',
  'version:show': 'anyone',
  'message:list': 'reader',
  'message:delete': 'member',
  'backup:list': 'reader',
  'backup:show': 'reader',
  'backup:create': 'member',
  'backup:update': 'member',
  'backup:delete': 'member',
  'backup:restore': 'member',
  'backup:verify': 'member',
  'backup:show-verification': 'reader',
  'backup:export': 'admin',
  'backup:import': 'admin',
  'backup:reset-status': 'admin',
  'backup:force-delete': 'admin',
  'volume:upload-data': 'member',
  'volume:download-data': 'member',
  'volume:show-data-transfer': 'reader',
  'transfer:list': 'reader',
  'transfer:create': 'member',
  'transfer:accept': 'member',
  'transfer:delete': 'member',
  'group-type:list': 'reader',
  'group-type:show': 'reader',
  'group-type:create': 'admin',
  'group-type:update': 'admin',
  'group-type:delete': 'admin',
  'group-type:specs': 'admin',
  'group:list': 'reader',
  'group:show': 'reader',
  'group:create': 'member',
  'group:update': 'member',
  'group:delete': 'member',
  'group:reset-status': 'admin',
  'group:replication': 'member',
  'group-snapshot:list': 'reader',
  'group-snapshot:show': 'reader',
  'group-snapshot:create': 'member',
  'group-snapshot:delete': 'member',
  'group-snapshot:reset-status': 'admin',
  'resource-filter:list': 'reader',
  'default-type:show': 'admin',
  'default-type:change': 'admin',
  // Compute
  'flavor:list': 'reader',
  'flavor:show': 'reader',
  'flavor:create': 'admin',
  'flavor:delete': 'admin',
  'server:list': 'reader',
  'server:show': 'reader',
  'server:create': 'member',
  'server:update': 'member',
  'server:delete': 'member',
  'server:start': 'member',
  'server:stop': 'member',
  'server:reboot': 'member',
  'server:console-output': 'member',
  'server:list-volumes': 'reader',
  'server:attach-volume': 'member',
  'server:detach-volume': 'member',
  'server:external-events': 'service',
  'assisted-snapshot:create': 'service',
  'assisted-snapshot:delete': 'service',
  'compute-zone:list': 'reader',
  'compute-zone:detail': 'admin',
  'compute-service:list': 'admin',
  'compute-limits:show': 'reader',
  'compute-quota:show': 'reader',
  'compute-quota:update': 'admin',
  'compute-quota-class:show': 'admin',
  'compute-quota-class:update': 'admin',
  'keypair:list': 'reader',
  'compute-extension:list': 'reader',
  // Image
  'image:list': 'reader',
  'image:show': 'reader',
  'image:create': 'member',
  'image:update': 'member',
  'image:delete': 'member',
  'image:deactivate': 'member',
  'image:upload': 'member',
  'image:download': 'member',
  'image:list-members': 'reader',
  'image:share': 'member',
  'image:accept': 'member',
  'image:list-tasks': 'admin',
  // Administration
  'operation:list': 'admin',
  'operation:show': 'admin',
  'operation:cancel': 'admin',
  'chain:show': 'admin',
  'chain:check': 'admin',
  'chain:flatten': 'admin',
  'orphan:list': 'admin',
  'orphan:remove': 'admin',
  'export:create': 'admin',
  'custody:scan': 'admin',
  'custody:show': 'admin',
  'custody:record': 'admin',
  'audit:show': 'admin',
  'share:list': 'admin',
  'share:show': 'admin',
  'share:maintain': 'admin',
  // Identity
  'token:show': 'anyone',
  'token:revoke': 'anyone',
  'catalog:show': 'anyone',
  'auth:list-scopes': 'anyone',
  'domain:list': 'admin',
  'domain:show': 'anyone',
  'domain:change': 'admin',
  'project:list': 'admin',
  'project:show': 'anyone',
  'project:change': 'admin',
  'user:list': 'admin',
  'user:show': 'self',
  'user:list-projects': 'self',
  'user:change': 'admin',
  'role:list': 'admin',
  'role:show': 'admin',
  'role:change': 'admin',
  'assignment:list': 'admin',
  'assignment:change': 'admin',
  'catalog:list': 'anyone',
  'catalog:change': 'admin',
  'application-credential:list': 'self',
  'application-credential:change': 'self',
} as const satisfies Record<string, PolicyLevel>;

export type PolicyRule = keyof typeof policyTable;

/** Who acts: the part of a request's context that decides. */
export interface PolicyActor {
  readonly userId: string | null;
  readonly projectId: string | null;
  readonly roles: readonly string[];
  readonly isAdmin: boolean;
}

/** What is acted on, as far as it is known. */
export interface PolicyTarget {
  readonly projectId?: string;
  readonly userId?: string;
}

/** What the rule says about the deed itself, whoever owns the target. */
export function allows(rule: PolicyRule, actor: PolicyActor, target: PolicyTarget = {}): boolean {
  const level: PolicyLevel = policyTable[rule];
  if (level === 'anyone') return actor.userId !== null;
  if (actor.isAdmin) return true;
  if (level === 'self') return target.userId !== undefined && target.userId === actor.userId;
  // Roles of a token without a project (unscoped or for a domain) say nothing about projects.
  if (actor.projectId === null) return false;
  return rolesOfLevel[level].some((role) => actor.roles.includes(role));
}

/**
 * Throws `not_found` for another project's target and `forbidden` for a deed the actor's roles do not allow.
 * A service may act for any project where the rule is a service's.
 */
export function authorize(rule: PolicyRule, actor: PolicyActor, target: PolicyTarget = {}): void {
  const allowed = allows(rule, actor, target);
  const foreign = target.projectId !== undefined && target.projectId !== actor.projectId && !actor.isAdmin;
  if (foreign && !(allowed && policyTable[rule] === 'service')) {
    throw new ServiceError('not_found', 'The resource could not be found.');
  }
  if (!allowed) throw new ServiceError('forbidden', `Policy doesn't allow ${rule} to be performed.`);
}
