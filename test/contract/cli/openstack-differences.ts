// What python-openstackclient 6.0.0 (Debian 12) has and `saggar` leaves out, with the reason. The lists may only shrink.

interface AbsentOptions {
  readonly options: readonly string[];
  readonly why: string;
}

const immutable = ['--immutable', '--no-immutable'];
const userOptions = [
  ...['--password-prompt', '--email', '--multi-factor-auth-rule'],
  ...['--ignore-lockout-failure-attempts', '--no-ignore-lockout-failure-attempts'],
  ...['--ignore-password-expiry', '--no-ignore-password-expiry'],
  ...['--ignore-change-password-upon-first-use', '--no-ignore-change-password-upon-first-use'],
  ...['--enable-lock-password', '--disable-lock-password'],
  ...['--enable-multi-factor-auth', '--disable-multi-factor-auth'],
];
const noGroups = ['--group', '--group-domain', '--system', '--inherited', '--role-domain'];

export const absentOptions: Readonly<Record<string, AbsentOptions>> = {
  'application credential create': { options: ['--access-rules'], why: 'access rules are not served' },
  'availability zone list': { options: ['--network'], why: 'no network service' },
  'domain create': { options: immutable, why: 'resource options are not served' },
  'domain set': { options: immutable, why: 'resource options are not served' },
  'endpoint list': { options: ['--endpoint', '--project', '--project-domain'], why: 'no endpoint groups' },
  'extension list': { options: ['--identity', '--network'], why: 'no network service; identity has no extensions' },
  'flavor create': {
    options: ['--property', '--project', '--description', '--project-domain'],
    why: 'flavors have no extra specs and no access lists here',
  },
  'image create': {
    options: ['--import', '--sign-key-path', '--sign-cert-id'],
    why: 'no import methods; signatures need a key manager beside the cloud',
  },
  'limits show': { options: ['--reserved'], why: 'the service tells used counts with the reserved ones in them' },
  'project create': { options: ['--property', ...immutable], why: 'properties of projects are not served' },
  'project list': {
    options: ['--parent', '--sort', '--tags', '--tags-any', '--not-tags', '--not-tags-any'],
    why: '--sort-column sorts; the service does not filter by tags',
  },
  'project set': { options: ['--property', ...immutable], why: 'properties of projects are not served' },
  'project show': { options: ['--parents', '--children'], why: 'projects are no tree here' },
  'quota list': { options: ['--network'], why: 'no network service' },
  'quota set': {
    options: [
      ...['--fixed-ips', '--injected-file-size', '--injected-path-size', '--injected-files', '--key-pairs'],
      ...['--properties', '--server-groups', '--server-group-members', '--floating-ips', '--secgroup-rules'],
      ...['--secgroups', '--networks', '--subnets', '--ports', '--routers', '--rbac-policies', '--subnetpools'],
      '--check-limit',
    ],
    why: 'the service has no such things to count',
  },
  'region list': { options: ['--parent-region'], why: 'regions are no tree here' },
  'role add': { options: noGroups, why: 'neither groups nor system scope' },
  'role assignment list': { options: noGroups, why: 'neither groups nor system scope' },
  'role create': { options: ['--domain', ...immutable], why: 'roles are of no domain here' },
  'role delete': { options: ['--domain'], why: 'roles are of no domain here' },
  'role list': { options: ['--domain'], why: 'roles are of no domain here' },
  'role remove': { options: noGroups, why: 'neither groups nor system scope' },
  'role set': { options: ['--domain', ...immutable], why: 'roles are of no domain here' },
  'role show': { options: ['--domain'], why: 'roles are of no domain here' },
  'server add volume': {
    options: ['--enable-delete-on-termination', '--disable-delete-on-termination'],
    why: 'compute 2.79 is not served',
  },
  'server create': {
    options: [
      ...['--image-property', '--block-device-mapping', '--swap', '--ephemeral', '--port', '--security-group'],
      ...['--key-name', '--file', '--host', '--hypervisor-hostname', '--hint', '--use-config-drive'],
      ...['--no-config-drive', '--config-drive', '--hostname', '--trusted-image-cert'],
    ],
    why: 'neither images, local disks, networks, key pairs nor placement of servers; --block-device is the newer form',
  },
  'server delete': { options: ['--all-projects'], why: 'an ID says the same without a doubt' },
  'server list': {
    options: [
      ...['--reservation-id', '--ip', '--ip6', '--instance-name', '--image', '--deleted', '--availability-zone'],
      ...['--key-name', '--config-drive', '--no-config-drive', '--progress', '--vm-state', '--task-state'],
      ...['--power-state', '--name-lookup-one-by-one', '--changes-before', '--locked', '--unlocked', '--tags'],
      '--not-tags',
    ],
    why: 'the service does not filter by it',
  },
  'server set': {
    options: ['--password', '--no-password', '--property', '--state', '--hostname'],
    why: 'not served for servers that exist',
  },
  'server show': { options: ['--diagnostics', '--topology'], why: 'not served' },
  'server start': { options: ['--all-projects'], why: 'an ID says the same without a doubt' },
  'server stop': { options: ['--all-projects'], why: 'an ID says the same without a doubt' },
  'server unset': { options: ['--property'], why: 'not served for servers that exist' },
  'user create': {
    options: userOptions,
    why: 'user options are not served; SAGGAR_NEW_PASSWORD keeps passwords off the line',
  },
  'user list': { options: ['--group'], why: 'no groups' },
  'user set': {
    options: userOptions,
    why: 'user options are not served; SAGGAR_NEW_PASSWORD keeps passwords off the line',
  },
  'volume create': {
    options: ['--consistency-group'],
    why: 'consistency groups are not served; `volume group set` takes volumes in',
  },
  'volume group set': { options: ['--enable-replication', '--disable-replication'], why: 'there is no replication' },
  'volume group show': {
    options: ['--replication-targets', '--no-replication-targets'],
    why: 'there is no replication',
  },
};

export const absentCommands: readonly { readonly commands: RegExp; readonly why: string }[] = [
  { commands: /^project (cleanup|purge)$/, why: 'deletes what several services have: more danger than help' },
  { commands: /^console url show$/, why: 'guests have no graphical console' },
  { commands: /^flavor (set|unset)$/, why: 'flavors have no extra specs and no access lists here' },
  {
    commands: /^server (add|remove) (fixed ip|floating ip|network|port|security group)$/,
    why: 'no network service',
  },
  {
    commands:
      /^server (backup|dump|event|group|image|migration) |^server (evacuate|lock|migrate|pause|rebuild|rescue|resize|restore|resume|shelve|ssh|suspend|unlock|unpause|unrescue|unshelve)/,
    why: 'compute serves start, stop, reboot and volumes of guests',
  },
  { commands: /^server volume update$/, why: 'compute 2.85 is not served' },
  {
    commands: /^endpoint (add|remove|group) |^endpoint (create|delete|set)$/,
    why: 'the catalog follows the configuration',
  },
  { commands: /^region (create|delete|set|show)$/, why: 'the catalog follows the configuration' },
  { commands: /^service (create|delete|set)$|^service provider /, why: 'the catalog follows the configuration' },
  { commands: /^block storage cluster /, why: 'there are no clusters' },
  { commands: /^volume group failover$/, why: 'there is no replication' },
];

/** The first words of what is compared. */
export const ourNouns: readonly string[] = [
  ...['volume', 'block storage', 'server', 'console', 'flavor', 'limits', 'quota', 'availability zone', 'versions'],
  ...['image', 'extension', 'token', 'application credential', 'catalog', 'endpoint', 'service', 'region', 'domain'],
  ...['project', 'user', 'role'],
];
