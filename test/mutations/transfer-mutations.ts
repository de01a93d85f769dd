// Guards of the data server: who may move bytes, and which bytes are kept.
import type { Mutation } from './mutation.js';

const attackTests = ['test/security/transfers.test.ts'];
const driverTests = ['test/contract/volume-driver/directory.test.ts'];

export const transferMutations: readonly Mutation[] = [
  {
    name: 'transfer-ticket',
    file: 'services/core/domain/transfer-ticket.ts',
    find: 'return given.length === wanted.length && timingSafeEqual(given, wanted);',
    replace: 'return given.length === wanted.length;',
    tests: { files: attackTests, grep: 'a foreign or wrong ticket' },
  },
  {
    name: 'transfer-once',
    file: 'services/volume-worker/transfers/receiving.ts',
    find: 'if (this.taking !== null || this.stop.signal.aborted) return end(response, 410);',
    replace: '',
    tests: { files: attackTests, grep: 'takes a ticket once' },
  },
  {
    name: 'transfer-path',
    file: 'services/volume-worker/transfers/data-server.ts',
    find: '-[0-9a-f]{12})(?:\\/(digest))?$/',
    replace: '-[0-9a-f]{12})(?:\\/(digest))?/',
    tests: { files: attackTests, grep: 'knows no path' },
  },
  {
    name: 'announced-bytes',
    file: 'services/volume-worker/transfers/receiving.ts',
    find: 'if (announced > spec.maxBytes) {',
    replace: 'if (false as boolean) {',
    tests: { files: attackTests, grep: 'the byte that is too many' },
  },
  {
    name: 'received-bytes',
    file: 'drivers/gluster/stream-input.ts',
    find: 'if (this.takenBytes > this.mostBytes) {',
    replace: 'if (false as boolean) {',
    tests: { files: attackTests, grep: 'the byte that is too many' },
  },
  {
    name: 'received-claims',
    file: 'drivers/gluster/receive-image.ts',
    find: 'if (claim !== null) throw',
    replace: 'if (false) throw',
    tests: { files: driverTests, grep: 'refuses what is not what it is said to be' },
  },
  {
    name: 'received-references',
    file: 'drivers/gluster/receive-image.ts',
    find: 'findForeignReference(header, { below: null })',
    replace: 'null',
    tests: { files: driverTests, grep: 'refuses what is not what it is said to be' },
  },
  {
    name: 'received-corrupt',
    file: 'drivers/gluster/receive-image.ts',
    find: "if (state === 'corrupt') throw hostile(spec, 'its tables are corrupt');",
    replace: 'state;',
    tests: { files: driverTests, grep: 'refuses what is not what it is said to be' },
  },
  {
    name: 'streams-of-project',
    file: 'services/volume-worker/transfers/stream-places.ts',
    find: 'return project === null || (this.takenBy.get(project) ?? 0) < maxStreamsOfProject;',
    replace: 'return project === null || maxStreamsOfProject > 0;',
    tests: { files: ['test/integration/volume-worker/transfer-limits.test.ts'], grep: 'one project cannot' },
  },
  {
    name: 'hidden-export',
    file: 'services/core/db/admin/exports.ts',
    find: "const wished = { id, purpose: 'volume' };",
    replace: 'const wished = { id };',
    tests: { files: ['test/contract/admin/admin-api.test.ts'], grep: 'are of volumes alone' },
  },
  {
    name: 'transfer-place-of-the-hung',
    file: 'services/volume-worker/transfers/sending.ts',
    find: 'Promise.race([open.result, givenUp])',
    replace: 'open.result',
    tests: { files: ['test/integration/volume-worker/transfer-limits.test.ts'], grep: 'hangs in the kernel' },
  },
];
