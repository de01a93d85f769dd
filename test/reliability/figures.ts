// The rows of test/RELIABILITY.md: what is measured, what it must be, and the command that measures it. A run reports its value by the
// row's id (page.ts); a new suite that proves something about reliability adds its row here.

export interface Figure {
  /** How a run names the row; stable. */
  readonly id: string;
  readonly title: string;
  readonly goal: string;
  /** With SAGGAR_RECORD=1 before it, it writes its value to the page. */
  readonly command: string;
}

const disasters = 'npm test -- test/integration/conductor/disasters.test.ts';

export const figures = [
  {
    id: 'crash-matrix',
    title: 'Crash matrix: a death, an error or a repetition at every point of every step of every operation',
    goal: 'every point reached; 0 stuck, 0 orphans, 0 lost, 0 double, 0 corrupt',
    command: 'npm run crash-matrix',
  },
  {
    id: 'zombies',
    title: 'Workers and conductors that stand still and go on after another has taken over',
    goal: 'every point reached; nothing is done twice, nothing is left',
    command: 'npm run crash-matrix -- --kind zombie',
  },
  {
    id: 'takeover',
    title: 'Takeover: from the death of a process until its operation is settled by another',
    goal: 'p99 at most 30 s',
    command: 'npm run crash-matrix',
  },
  {
    id: 'soak',
    title: 'Requests answered 202 while broker and database are killed every 20 s',
    goal: '0 lost in 100,000',
    command: 'npm run soak -- --requests 100000',
  },
  {
    id: 'chain-torture',
    title: 'Chain torture with real QEMU on three Gluster nodes, every layer compared byte by byte',
    goal: 'every act at every position of chains of depth 1 to 16; 0 failed',
    command: 'npm run chain-torture',
  },
  {
    id: 'broker-killed',
    title: 'Broker killed and started again while work is under way',
    goal: '0 operations lost',
    command: disasters,
  },
  {
    id: 'broker-wiped',
    title: 'Broker killed and all its queues lost while work is under way',
    goal: '0 operations lost',
    command: disasters,
  },
  {
    id: 'broker-frozen',
    title: 'Broker frozen while work is under way',
    goal: '0 operations lost',
    command: disasters,
  },
  {
    id: 'database-killed',
    title: 'Database killed and started again while work is under way',
    goal: '0 operations lost',
    command: disasters,
  },
  {
    id: 'brick-killed',
    title: 'Bricks of a replica-3 volume killed under a writing guest',
    goal: '0 blocks that differ; the guest never read-only',
    command: 'npm test -- test/system/brick-outage.test.ts',
  },
  {
    id: 'leaks',
    title: 'Leaks over cycles of create, attach, snapshot, merge, detach, delete',
    goal: '10,000 cycles; memory below 1 KiB per cycle; descriptors, nodes, files, rows, queues unchanged',
    command: 'npm run leaks',
  },
  {
    id: 'seeded-bugs',
    title: 'Bugs put in on purpose that a lane notices',
    goal: '25 of 25',
    command: 'npm run seeded-bugs',
  },
  {
    id: 'mutations',
    title: 'Guards taken out that their tests notice',
    goal: 'all',
    command: 'npm run mutations',
  },
  {
    id: 'chaos',
    title: 'Random chaos against the whole stack, all invariants at every quiescent point',
    goal: '10 seeds, 0 violations',
    command: 'npm run chaos',
  },
  {
    id: 'simulated-chaos',
    title: 'Random chaos against the simulated world',
    goal: '500 seeds, 0 violations',
    command: 'npm run chaos -- --simulated',
  },
  {
    id: 'fuzz',
    title: 'Hostile bytes against the header parsers',
    goal: '1,000,000 inputs; 0 crashes, every refusal an orderly one',
    command: 'npm run fuzz',
  },
] as const satisfies readonly Figure[];

export type FigureId = (typeof figures)[number]['id'];
