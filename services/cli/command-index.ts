// The nouns and where their commands are. Modules are loaded only when needed, so that starting costs what one command costs.
// A test checks that every row of a module begins with its noun.
import type { CommandModule, CommandRow } from './command.js';

export const commandModules: readonly CommandModule[] = [
  {
    noun: 'volume',
    about: 'disks',
    load: async () => {
      const [create, volume, change, move, data] = await Promise.all([
        import('./commands/volume-create.js'),
        import('./commands/volume.js'),
        import('./commands/volume-change.js'),
        import('./commands/volume-move.js'),
        import('./commands/volume-data.js'),
      ]);
      return [
        ...create.volumeCreateCommands,
        ...volume.volumeCommands,
        ...change.volumeChangeCommands,
        ...move.volumeMoveCommands,
        ...data.volumeDataCommands,
      ];
    },
  },
  {
    noun: 'volume snapshot',
    about: 'states of disks, kept',
    load: async () => (await import('./commands/volume-snapshot.js')).volumeSnapshotCommands,
  },
  {
    noun: 'volume group',
    about: 'disks that belong together',
    load: async () => (await import('./commands/volume-group.js')).volumeGroupCommands,
  },
  {
    noun: 'volume group type',
    about: 'what groups of disks promise',
    load: async () => (await import('./commands/volume-group-type.js')).volumeGroupTypeCommands,
  },
  {
    noun: 'volume group snapshot',
    about: 'kept states of all disks of a group',
    load: async () => (await import('./commands/volume-group-snapshot.js')).volumeGroupSnapshotCommands,
  },
  {
    noun: 'volume backup',
    about: 'copies of disks in a store of their own',
    load: async () => (await import('./commands/volume-backup.js')).volumeBackupCommands,
  },
  {
    noun: 'volume transfer request',
    about: 'disks that go to another project',
    load: async () => (await import('./commands/volume-transfer.js')).volumeTransferCommands,
  },
  {
    noun: 'volume attachment',
    about: 'who uses a disk',
    load: async () => (await import('./commands/volume-attachment.js')).volumeAttachmentCommands,
  },
  {
    noun: 'volume connection',
    about: 'the single deeds behind an attachment, for scripts and repairs',
    load: async () => (await import('./commands/volume-connection.js')).volumeConnectionCommands,
  },
  {
    noun: 'volume type',
    about: 'kinds of disks',
    load: async () => (await import('./commands/volume-type.js')).volumeTypeCommands,
  },
  {
    noun: 'volume qos',
    about: 'limits and promises of speed',
    load: async () => (await import('./commands/volume-qos.js')).volumeQosCommands,
  },
  {
    noun: 'volume message',
    about: 'what went wrong with accepted requests',
    load: async () => (await import('./commands/volume-message.js')).volumeMessageCommands,
  },
  {
    noun: 'volume service',
    about: 'processes of the block-storage service',
    load: async () => (await import('./commands/volume-service.js')).volumeServiceCommands,
  },
  {
    noun: 'volume backend',
    about: 'shares, their room and what they can do',
    load: async () => (await import('./commands/volume-backend.js')).volumeBackendCommands,
  },
  {
    noun: 'volume host',
    about: 'backends that are frozen and thawed, and what is on them',
    load: async () => (await import('./commands/volume-backend.js')).volumeHostCommands,
  },
  {
    noun: 'volume resource filter',
    about: 'what lists can be filtered by',
    load: async () => (await import('./commands/block-storage.js')).volumeResourceFilterCommands,
  },
  {
    noun: 'block storage volume manageable',
    about: 'files that could become volumes',
    load: async () => (await import('./commands/manageable.js')).manageableVolumeCommands,
  },
  {
    noun: 'block storage snapshot manageable',
    about: 'snapshots that were let go',
    load: async () => (await import('./commands/manageable.js')).manageableSnapshotCommands,
  },
  {
    noun: 'block storage',
    about: 'filters and log levels of the block-storage service',
    load: async () => (await import('./commands/block-storage.js')).blockStorageCommands,
  },
  {
    noun: 'image',
    about: 'disks that others are made of',
    load: async () => {
      const [create, image] = await Promise.all([import('./commands/image-create.js'), import('./commands/image.js')]);
      return [...create.imageCreateCommands, ...image.imageCommands];
    },
  },
  {
    noun: 'server',
    about: 'guests',
    load: async () => {
      const [create, server, change, volume] = await Promise.all([
        import('./commands/server-create.js'),
        import('./commands/server.js'),
        import('./commands/server-change.js'),
        import('./commands/server-volume.js'),
      ]);
      return [
        ...create.serverCreateCommands,
        ...server.serverCommands,
        ...change.serverChangeCommands,
        ...volume.serverVolumeCommands,
      ];
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
    load: async () => (await import('./commands/limits.js')).limitsCommands,
  },
  {
    noun: 'quota',
    about: 'what a project may have',
    load: async () => (await import('./commands/quota.js')).quotaCommands,
  },
  {
    noun: 'availability zone',
    about: 'failure domains',
    load: async () => (await import('./commands/limits.js')).availabilityZoneCommands,
  },
  {
    noun: 'versions',
    about: 'what the services speak',
    load: async () => (await import('./commands/versions.js')).versionsCommands,
  },
  {
    noun: 'extension',
    about: 'what the APIs have beside their core',
    load: async () => (await import('./commands/versions.js')).extensionCommands,
  },
  {
    noun: 'token',
    about: 'logging in',
    load: async () => (await import('./commands/token.js')).tokenCommands,
  },
  {
    noun: 'application credential',
    about: 'logins for programs',
    load: async () => (await import('./commands/application-credential.js')).applicationCredentialCommands,
  },
  {
    noun: 'catalog',
    about: 'where the services are',
    load: async () => (await import('./commands/token.js')).catalogCommands,
  },
  {
    noun: 'endpoint',
    about: 'URLs of the services',
    load: async () => (await import('./commands/identity-catalog.js')).endpointCommands,
  },
  {
    noun: 'service',
    about: 'services of the cloud',
    load: async () => (await import('./commands/identity-catalog.js')).serviceCommands,
  },
  {
    noun: 'region',
    about: 'places of the cloud',
    load: async () => (await import('./commands/identity-catalog.js')).regionCommands,
  },
  {
    noun: 'domain',
    about: 'owners of projects and users',
    load: async () => (await import('./commands/domain.js')).domainCommands,
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
    noun: 'admin operation',
    about: 'what the service is doing, and what holds it up (administrators)',
    load: async () => (await import('./commands/admin/operation.js')).adminOperationCommands,
  },
  {
    noun: 'admin chain',
    about: 'the image files behind volumes: drawn, checked (administrators)',
    load: async () => {
      const [chain, orphans] = await Promise.all([
        import('./commands/admin/chain.js'),
        import('./commands/admin/orphans.js'),
      ]);
      return [...chain.adminChainCommands, ...orphans.adminOrphanCommands];
    },
  },
  {
    noun: 'admin share',
    about: 'the shares: their health and maintenance (administrators)',
    load: async () => {
      const [share, custody] = await Promise.all([
        import('./commands/admin/share.js'),
        import('./commands/admin/custody.js'),
      ]);
      return [...share.adminShareCommands, ...custody.adminAdoptCommands];
    },
  },
  {
    noun: 'admin',
    about: 'what the audit found; coming back from the shares when the database is lost; walking away (administrators)',
    load: async () => {
      const [audit, custody, leave] = await Promise.all([
        import('./commands/admin/audit.js'),
        import('./commands/admin/custody.js'),
        import('./commands/admin/leave.js'),
      ]);
      return [...audit.adminAuditCommands, ...custody.adminRebuildCommands, ...leave.adminLeaveCommands];
    },
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
