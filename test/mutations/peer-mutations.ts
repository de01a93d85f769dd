// Guards about who is at the other end of a connection.
import type { Mutation } from './mutation.js';

const tests = ['test/security/tls-peers.test.ts'];

export const peerMutations: readonly Mutation[] = [
  {
    name: 'broker-certificate',
    file: 'services/core/bus/connection.ts',
    find: 'rejectUnauthorized: true,',
    replace: 'rejectUnauthorized: false,',
    tests: { files: tests, grep: 'a broker with a certificate' },
  },
  {
    name: 'database-certificate',
    file: 'services/core/runtime/config-schemas.ts',
    find: "const checkedTls = '^(?!.*(sslmode=no-verify|uselibpqcompat))';",
    replace: "const checkedTls = '';",
    tests: { files: tests, grep: 'switches the checks off' },
  },
  {
    name: 'api-certificate',
    file: 'services/api/server.ts',
    find: 'tls === null ? createServer(limits, app)',
    replace: 'tls !== null ? createServer(limits, app)',
    tests: { files: tests, grep: 'the API serves TLS' },
  },
];
