// Guards against those who ask too much, or guess.
import type { Mutation } from './mutation.js';

const tests = ['test/security/rate-limits.test.ts'];
const unitTests = ['test/unit/limits/request-limits.test.ts'];

export const limitMutations: readonly Mutation[] = [
  {
    name: 'rate-of-project',
    file: 'services/api/shell/api.ts',
    find: 'visit?.countProject(principal.projectId);',
    replace: 'void visit;',
    tests: { files: tests, grep: 'T-X10 .* a project over its rate' },
  },
  {
    name: 'rate-of-address',
    file: 'services/api/limits/request-limits.ts',
    find: 'this.addresses.enter(address);',
    replace: '',
    tests: { files: tests, grep: 'T-X10 .* an address over its rate' },
  },
  {
    name: 'forwarded-for',
    file: 'services/api/server.ts',
    find: '[...(parts.trustedProxies ?? [])]',
    replace: 'true',
    tests: { files: tests, grep: 'T-X10 .* what a stranger says' },
  },
  {
    name: 'failed-logins',
    file: 'services/api/limits/failed-logins.ts',
    find: 'if (wait > 0) throw',
    replace: 'if (wait < 0) throw',
    tests: { files: tests, grep: 'T-X10 .* wrong passwords' },
  },
  {
    name: 'failed-logins-elsewhere',
    file: 'services/api/limits/failed-logins.ts',
    find: '[address, claimed].join',
    replace: '[claimed].join',
    tests: { files: tests, grep: 'T-X10 .* wrong passwords' },
  },
  {
    name: 'requests-under-way',
    file: 'services/api/limits/request-limits.ts',
    find: 'if (this.underWay >= this.config.underWay) {',
    replace: 'if (this.underWay < 0) {',
    tests: { files: unitTests, grep: 'bound what is under way' },
  },
  {
    name: 'requests-under-way-slow-senders',
    file: 'services/api/limits/request-limits.ts',
    find: 'giveBack();\n        const received',
    replace: 'const received',
    tests: { files: unitTests, grep: 'who waits for its sender' },
  },
  {
    name: 'requests-under-way-pipelined',
    file: 'services/api/limits/when-over.ts',
    find: 'all.add(over);',
    replace: '',
    tests: { files: ['test/unit/limits/when-over.test.ts'], grep: 'waits behind another' },
  },
  {
    name: 'failed-logins-decoys',
    file: 'services/api/identity/auth-request.ts',
    find: "if (part?.id !== undefined) return ['id', part.id];",
    replace: '',
    tests: { files: ['test/unit/identity/claimed-identity.test.ts'], grep: 'whatever else is said' },
  },
  {
    name: 'failed-logins-of-neighbours',
    file: 'services/api/limits/failed-logins.ts',
    find: 'this.proven.has(user) ? 0 : this.ofAddress.waitFor(address)',
    replace: 'this.ofAddress.waitFor(address)',
    tests: { files: unitTests, grep: 'of an address keep nobody out' },
  },
];
