// Seeded bugs in the engine, the bus and the workers' loop: mistakes that somebody could really make, one of them at a time, and the tests that
// turn red. Unlike the other rows here they are no guards against people, but orders of things on which the promises rest.
import type { SeededBug } from './seeded-bug.js';

const reducerTests = ['test/unit/operations/reducer.test.ts'];
const tableTests = ['test/unit/operations/tables.test.ts'];
const failureTests = ['test/integration/engine/failures.test.ts'];
const lifecycleTests = ['test/integration/engine/lifecycle.test.ts'];
const lockTests = ['test/integration/engine/locks.test.ts'];
const consumerTests = ['test/integration/bus/consumer.test.ts'];
const loopTests = ['test/integration/bus/worker-loop.test.ts'];
const simulation = { files: ['test/integration/chaos/simulated.test.ts'], grep: 'always the same' };

export const seededEngineBugs: readonly SeededBug[] = [
  {
    name: 'ack-before-handled',
    bug: 'a message is acknowledged before its work is committed',
    file: 'services/core/bus/consumer.ts',
    find: '      await this.handleUntilSettled(delivery, handle);\n      settle.ack();\n',
    replace: '      settle.ack();\n      await this.handleUntilSettled(delivery, handle);\n',
    tests: { files: consumerTests, grep: 'gives a failing message back' },
  },
  {
    name: 'never-parked',
    bug: 'a message that fails every time is delivered for ever',
    file: 'services/core/bus/consumer.ts',
    find: 'if (earlierDeliveries >= maxDeliveries)',
    replace: 'if (false as boolean)',
    tests: { files: consumerTests, grep: 'gives a failing message back' },
  },
  {
    name: 'duplicate-carried-out',
    bug: 'a command that was answered is carried out again when it is delivered again',
    file: 'services/core/bus/worker-loop.ts',
    find: "    if (known?.kind === 'answered') return this.answer(delivery, known.outcome);\n",
    replace: '',
    tests: { files: loopTests, grep: 'executes a duplicate once' },
  },
  {
    name: 'epoch-not-checked',
    bug: 'a worker carries out a command from the past',
    file: 'services/core/bus/command-executor.ts',
    find: '    if (seen > command.epoch) return seen;\n',
    replace: '    seen;\n',
    tests: {
      files: ['test/unit/bus/command-executor.test.ts', ...loopTests],
      grep: 'fences per key|refuses a lower epoch',
    },
  },
  {
    name: 'result-sent-once',
    bug: 'a result is given up when the broker is away for a moment',
    file: 'services/core/bus/result-sender.ts',
    find: 'for (let tries = 0; !this.ending.signal.aborted; tries += 1) {',
    replace: 'for (let tries = 0; tries < 1; tries += 1) {',
    tests: { files: ['test/unit/bus/senders.test.ts'], grep: 'repeats until the broker has it' },
  },
  {
    name: 'same-epoch-asked-again',
    bug: 'a step is asked again under its old epoch, so that its first owner is not fenced',
    file: 'services/core/db/engine/dispatch.ts',
    find: "epoch = nextval('operation_epochs'), updated_at",
    replace: 'epoch = greatest(epoch, 1), updated_at',
    tests: { files: failureTests, grep: 'a higher attempt and epoch' },
  },
  {
    name: 'message-outside-transaction',
    bug: 'the status moves in one transaction and the command is written in the next',
    file: 'services/core/db/engine/dispatch.ts',
    find: '): Promise<void> {\n  await tx.raw(\n    `with row as (insert into outbox',
    replace:
      "): Promise<void> {\n  await tx.raw('commit');\n  await tx.raw('begin');\n  await tx.raw(\n    `with row as (insert into outbox",
    tests: { files: lifecycleTests, grep: 'leaves nothing when the accepting transaction' },
  },
  {
    name: 'late-answer-taken',
    bug: 'the answer to an earlier attempt counts for the present one',
    file: 'services/core/db/engine/results.ts',
    find: '  if (row.attempt !== result.attempt) return ',
    replace: '  if (row.attempt > 1_000) return ',
    tests: { files: failureTests, grep: 'ignores results|ignores the late first' },
  },
  {
    name: 'progress-forgives-failures',
    bug: 'a step that fails half-way every time is tried for ever',
    file: 'services/core/db/engine/results.ts',
    find: 'const onlySilences = row.error === null;',
    replace: 'const onlySilences = true as boolean;',
    tests: { files: failureTests, grep: 'gives up a step that fails after progress' },
  },
  {
    name: 'lock-not-taken',
    bug: 'an operation begins although another holds what it wants',
    file: 'services/core/db/engine/locks.ts',
    find: '  if (inTheWay.size > 0) return [...inTheWay];\n',
    replace: '',
    tests: { files: lockTests, grep: 'never lets two incompatible' },
  },
  {
    name: 'lock-modes-mixed-up',
    bug: 'two operations that change a chain may run beside a reader of it',
    file: 'services/core/operations/definition.ts',
    find: "return (a === 'read' && b !== 'chain') || (b === 'read' && a !== 'chain');",
    replace: "return a === 'read' || b === 'read';",
    tests: { files: lockTests, grep: 'never lets two incompatible|not overtaken' },
  },
  {
    name: 'copies-not-asked-for',
    bug: 'a layer is merged away on which another volume stands',
    file: 'services/core/db/engine/dependants.ts',
    find: '  return (await isInTheWay(tx, { volumeId, snapshotId: removed, unshared })) ? volumeId : null;\n',
    replace:
      '  return (await isInTheWay(tx, { volumeId, snapshotId: removed, unshared })) && volumeId === "" ? volumeId : null;\n',
    tests: { files: ['test/integration/engine/instant-copies.test.ts'], grep: 'holds back a merge' },
  },
  {
    name: 'undo-after-pivot',
    bug: 'an operation is taken back although a guest writes to its overlay already',
    file: 'services/core/operations/reducer.ts',
    find: '  if (pivoted(definition, state)) {\n    if (!canFailAlone(definition, state)) return stuck;\n',
    replace: '  if (pivoted(definition, state) && canFailAlone(definition, state)) {\n',
    tests: { files: reducerTests, grep: 'after a pivot' },
  },
  {
    name: 'undo-swapped',
    bug: 'the undo of a switch switches instead of asking where the guest is',
    file: 'services/core/operations/snapshot-create.ts',
    find: "undo: (context) => ask('guest.close-overlays', switchParams(context)),",
    replace: "undo: (context) => ask('guest.switch', { ...switchParams(context), freeze: 'try' }),",
    tests: { files: failureTests, grep: 'whose switch failed and did not happen' },
  },
  {
    name: 'guest-not-asked',
    bug: 'an overlay is put above a file that a guest goes on writing',
    file: 'services/core/operations/snapshot-create.ts',
    find: 'appendOverlayStep((context) => context.plan !== null && !guestIsLive(context)),',
    replace: 'appendOverlayStep((context) => context.plan !== null && guestIsLive(context)),',
    tests: { files: lifecycleTests, grep: 'main job|idle volume' },
  },
  {
    name: 'wrong-layer-removed',
    bug: 'after a merge the file that received the data is removed',
    file: 'services/core/domain/chain-merge.ts',
    find: "removed: direction === 'down' ? top : base,",
    replace: "removed: direction === 'down' ? base : top,",
    tests: { files: lifecycleTests, grep: 'idle volume|main job' },
  },
  {
    name: 'base-removed-first',
    bug: 'the files of a volume are removed from the base upwards',
    file: 'services/core/operations/volume-delete.ts',
    find: 'return [...own].reverse().map((layer) => layer.file);',
    replace: 'return [...own].map((layer) => layer.file);',
    tests: { files: tableTests, grep: 'newest first' },
  },
  {
    name: 'promise-given-back-twice',
    bug: 'the end of a volume gives its size back to the pool twice',
    file: 'services/core/db/outcomes/rows.ts',
    find: '  await promise(tx, volumeId, -volume.size_gib);\n',
    replace: '  await promise(tx, volumeId, -2 * volume.size_gib);\n',
    tests: simulation,
  },
];
