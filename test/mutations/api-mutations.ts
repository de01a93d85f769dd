// Guards of the APIs: whose things are whose, what is shown to whom, what is read of a request, and what is left in a log.
import type { Mutation } from './mutation.js';

const isolation = ['test/contract/policy/isolation.test.ts'];
const authenticate = ['test/unit/auth/authenticate.test.ts'];
const bodies = ['test/unit/api/json-body.test.ts'];
const shell = ['test/unit/api/shell.test.ts'];

export const apiMutations: readonly Mutation[] = [
  {
    name: 'foreign-volume',
    file: 'services/core/db/block-storage/volume-change.ts',
    find: 'if (projectId !== null) void query.andWhere({ project_id: projectId });',
    replace: '',
    tests: { files: isolation, grep: 'T-Z02' },
  },
  {
    name: 'foreign-volume-shown',
    file: 'services/core/db/block-storage/volume-rows.ts',
    find: "where v.id = ?::uuid and v.purpose = 'volume' and (?::text is null or v.project_id = ?::text)`",
    replace: "where v.id = ?::uuid and v.purpose = 'volume' and (?::text is null or v.project_id <> ?::text or true)`",
    tests: { files: ['test/contract/policy/matrix.test.ts'], grep: 'T-Z01 .*GET /v3/volumes/.volume_id.\\)' },
  },
  {
    name: 'detach-of-servers',
    file: 'services/core/db/block-storage/attachment-guard.ts',
    find: 'if (!who.isService) throw inUse(serverId);',
    replace: '',
    tests: { files: ['test/contract/policy/detach-guard.test.ts'], grep: 'T-A02.*while a server of ours' },
  },
  {
    name: 'connections-for-services',
    file: 'services/api/block-storage/attachment-view.ts',
    find: 'return context.isServiceToken;',
    replace: 'return context.userId !== null;',
    tests: { files: isolation, grep: 'T-S03' },
  },
  {
    name: 'host-names-hidden',
    file: 'services/api/block-storage/volume-view.ts',
    find: 'context.isAdmin || context.isServiceToken ? attachment.host_name : null',
    replace: 'attachment.host_name',
    tests: { files: isolation, grep: 'T-S04' },
  },
  {
    name: 'reserved-once',
    file: 'services/core/db/block-storage/older-attach.ts',
    find: "await demandStatus(tx, volume, 'reserve', 'reserve');",
    replace: '{}',
    tests: { files: ['test/integration/block-storage/races.test.ts'], grep: 'T-A05' },
  },
  {
    name: 'identity-headers',
    file: 'services/api/auth/authenticate.ts',
    find: 'const roles = roleNames(facts);',
    replace: "const roles = [...roleNames(facts), ...(header('x-roles') ?? '').split(',')];",
    tests: { files: authenticate, grep: 'T-Z04' },
  },
  {
    name: 'expired-tokens',
    file: 'services/api/auth/authenticate.ts',
    find: 'allowExpired: acceptsExpired && isServiceToken',
    replace: 'allowExpired: acceptsExpired',
    tests: { files: authenticate, grep: 'T-Z05' },
  },
  {
    name: 'kept-tokens-end',
    file: 'services/api/auth/token-validator.ts',
    find: 'askedAt + Math.min(this.keepMs, facts.remainingMs)',
    replace: 'askedAt + this.keepMs',
    tests: { files: ['test/unit/auth/token-validator.test.ts'], grep: 'T-Z05 does not believe' },
  },
  {
    name: 'causes-untold',
    file: 'services/api/shell/failure.ts',
    find: 'return asServiceError(thrown);',
    replace: "return new ServiceError('internal', String(thrown));",
    tests: { files: shell, grep: 'T-S02' },
  },
  {
    name: 'values-in-database-errors',
    file: 'services/core/runtime/logger.ts',
    find: "serialized['detail'] = '***';",
    replace: '{}',
    tests: { files: ['test/contract/policy/log-secrets.test.ts'], grep: 'T-S01' },
  },
  {
    name: 'passwords-in-urls',
    file: 'services/core/runtime/logger.ts',
    find: 'streamWrite: hideUrlPasswords,',
    replace: '',
    tests: { files: ['test/unit/runtime/logger.test.ts'], grep: 'T-S01' },
  },
  {
    name: 'depth-of-bodies',
    file: 'services/api/shell/json-body.ts',
    find: 'if (open.length > MAX_DEPTH) throw malformed();',
    replace: '',
    tests: { files: bodies, grep: 'T-X08 are refused' },
  },
  {
    name: 'keys-of-bodies',
    file: 'services/api/shell/json-body.ts',
    find: "keys > MAX_KEYS || text === '__proto__' || seen.has(text)",
    replace: 'keys > MAX_KEYS',
    tests: { files: bodies, grep: 'T-X08 are refused' },
  },
  {
    name: 'length-of-bodies',
    file: 'services/api/shell/json-body.ts',
    find: 'if (length > bodyLimitBytes) throw tooLarge;',
    replace: '',
    tests: { files: bodies, grep: 'T-X09' },
  },
  {
    name: 'length-of-pages',
    file: 'services/api/shell/paging.ts',
    find: "Math.min(parseCount('limit', limit), maxLimit)",
    replace: "parseCount('limit', limit)",
    tests: { files: shell, grep: 'T-X09' },
  },
  {
    name: 'request-ids',
    file: 'services/api/shell/request-ids.ts',
    find: 'header !== undefined && pattern.test(header) ? header : null',
    replace: 'header ?? null',
    tests: { files: shell, grep: 'T-I03' },
  },
  {
    name: 'literals-with-nul',
    file: 'services/api/shell/json-body.ts',
    find: 'if (!isStorable(text)) throw malformed();',
    replace: 'void text;',
    tests: { files: ['test/contract/policy/denial.test.ts'], grep: 'T-X08 bodies: (a NUL|half)' },
  },
  {
    name: 'bricks-open-to-all',
    file: 'drivers/gluster/options-audit.ts',
    find: "    accepts: (value) => !value.split(',').some((one) => one.trim() === '*'),\n    cure: \"gluster volume set VOLUME auth.allow",
    replace: '    accepts: () => true,\n    cure: "gluster volume set VOLUME auth.allow',
    tests: { files: ['test/unit/gluster/gluster-cli.test.ts'], grep: 'T-G01 .*auth.allow' },
  },
  {
    name: 'quota-of-volumes',
    file: 'services/core/db/block-storage/quota-demand.ts',
    find: "select pg_advisory_xact_lock(hashtextextended(?, 3))', [`volume-quota:",
    replace: "select length(?)', [`volume-quota:",
    tests: { files: ['test/integration/block-storage/quota.test.ts'], grep: 'T-X04' },
  },
  {
    name: 'kept-connections-end',
    file: 'services/api/server.ts',
    find: 'const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);',
    replace: 'const sweep = setInterval(() => undefined, SWEEP_MS);',
    tests: { files: ['test/unit/api/graceful-close.test.ts'], grep: 'waits for no kept' },
  },
];
