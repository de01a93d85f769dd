// The nouns and where their commands are. Modules are loaded only when needed, so that starting costs what one command costs.
// A test checks that every row of a module begins with its noun.
import type { CommandModule, CommandRow } from './command.js';

export const commandModules: readonly CommandModule[] = [
  {
    noun: 'volume',
    about: 'disks',
    load: async () => {
      const [{ volumeCommands }, { volumeChangeCommands }] = await Promise.all([
        import('./commands/volume.js'),
        import('./commands/volume-change.js'),
      ]);
      return [...volumeCommands, ...volumeChangeCommands];
    },
  },
  {
    noun: 'volume snapshot',
    about: 'states of disks, kept',
    load: async () => (await import('./commands/volume-snapshot.js')).volumeSnapshotCommands,
  },
  {
    noun: 'volume attachment',
    about: 'who uses a disk',
    load: async () => (await import('./commands/volume-attachment.js')).volumeAttachmentCommands,
  },
  {
    noun: 'volume type',
    about: 'kinds of disks',
    load: async () => (await import('./commands/volume-type.js')).volumeTypeCommands,
  },
  {
    noun: 'volume service',
    about: 'processes of the block-storage service',
    load: async () => (await import('./commands/volume-service.js')).volumeServiceCommands,
  },
  {
    noun: 'volume backend',
    about: 'shares and their room',
    load: async () => (await import('./commands/volume-service.js')).volumeBackendCommands,
  },
  {
    noun: 'volume message',
    about: 'what went wrong with accepted requests',
    load: async () => (await import('./commands/volume-service.js')).volumeMessageCommands,
  },
  {
    noun: 'server',
    about: 'guests',
    load: async () => {
      const [{ serverCommands }, { serverCreateCommands }, { serverVolumeCommands }] = await Promise.all([
        import('./commands/server.js'),
        import('./commands/server-create.js'),
        import('./commands/server-volume.js'),
      ]);
      return [...serverCreateCommands, ...serverCommands, ...serverVolumeCommands];
    },
  },
  {
    noun: 'console',
    about: 'what a guest printed',
    load: async () => (await import('./commands/server.js')).consoleCommands,
  },
  {
    noun: 'flavor',
    about: 'sizes of guests',
    load: async () => (await import('./commands/flavor.js')).flavorCommands,
  },
  {
    noun: 'limits',
    about: 'what the project may have and has',
    load: async () => (await import('./commands/quota.js')).limitsCommands,
  },
  {
    noun: 'quota',
    about: 'what a project may have',
    load: async () => (await import('./commands/quota.js')).quotaCommands,
  },
  {
    noun: 'availability zone',
    about: 'failure domains',
    load: async () => (await import('./commands/quota.js')).availabilityZoneCommands,
  },
  {
    noun: 'token',
    about: 'logging in',
    load: async () => (await import('./commands/token.js')).tokenCommands,
  },
  {
    noun: 'catalog',
    about: 'where the services are',
    load: async () => (await import('./commands/token.js')).catalogCommands,
  },
  {
    noun: 'project',
    about: 'owners of resources',
    load: async () => (await import('./commands/project.js')).projectCommands,
  },
  {
    noun: 'user',
    about: 'who may log in',
    load: async () => (await import('./commands/user.js')).userCommands,
  },
  {
    noun: 'role',
    about: 'who may do what',
    load: async () => (await import('./commands/role.js')).roleCommands,
  },
];

function beginsWith(words: readonly string[], path: string): boolean {
  return path.split(' ').every((word, index) => words[index] === word);
}

/** The module with the longest noun that the words begin with. */
export function findModule(words: readonly string[]): CommandModule | undefined {
  return [...commandModules]
    .sort((a, b) => b.noun.length - a.noun.length)
    .find((module) => beginsWith(words, module.noun));
}

/** The row with the longest path that the words begin with. */
export function findRow(rows: readonly CommandRow[], words: readonly string[]): CommandRow | undefined {
  return [...rows].sort((a, b) => b.path.length - a.path.length).find((row) => beginsWith(words, row.path));
}

/** All rows of all modules, in the order of the index. */
export async function loadAllRows(): Promise<readonly CommandRow[]> {
  return (await Promise.all(commandModules.map((module) => module.load()))).flat();
}
