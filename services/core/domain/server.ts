// Server (guest) states in Nova's words. vmState is what the server is, taskState what is being done to it.
// Source: the Nova API guide, "Server concepts".

export const serverVmStates = ['building', 'active', 'stopped', 'error', 'deleted'] as const;
export type ServerVmState = (typeof serverVmStates)[number];

export const serverTaskStates = ['spawning', 'powering-off', 'powering-on', 'deleting'] as const;
export type ServerTaskState = (typeof serverTaskStates)[number];

/** Nova's numeric power_state: 0 no state, 1 running, 3 paused, 4 shut down, 6 crashed, 7 suspended. */
export const powerStates = { nostate: 0, running: 1, paused: 3, shutdown: 4, crashed: 6, suspended: 7 } as const;
export type PowerState = (typeof powerStates)[keyof typeof powerStates];

export const serverAllowedFrom = {
  start: ['stopped'],
  stop: ['active', 'error'],
  delete: ['building', 'active', 'stopped', 'error'],
  attach: ['active', 'stopped'],
  detach: ['active', 'stopped', 'error'],
} as const satisfies Record<string, readonly ServerVmState[]>;
export type ServerIntention = keyof typeof serverAllowedFrom;

/** What clients see as `status`. */
export function serverStatus(vmState: ServerVmState): 'BUILD' | 'ACTIVE' | 'SHUTOFF' | 'ERROR' | 'DELETED' {
  switch (vmState) {
    case 'building':
      return 'BUILD';
    case 'active':
      return 'ACTIVE';
    case 'stopped':
      return 'SHUTOFF';
    case 'error':
      return 'ERROR';
    case 'deleted':
      return 'DELETED';
  }
}
