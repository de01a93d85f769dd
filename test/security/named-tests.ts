// The attacks that this service is tested against, by the names under which tests, decisions and THREAT-MODEL.md speak of them: what is
// tried, in which files, and which mutations (test/mutations) prove that the test is red without its guard. The list is closed: a test
// that goes, or loses its name, fails test/unit/documentation/threat-model.test.ts.

export interface NamedTest {
  readonly attack: string;
  /** In each of them a title of a test or of its suite has the name. */
  readonly files: readonly string[];
  /** Names of mutations that it notices; or why none can be taken out. */
  readonly guards: readonly string[] | { readonly none: string };
}

const isolation = 'test/contract/policy/isolation.test.ts';
const denial = 'test/contract/policy/denial.test.ts';
const imports = 'test/security/import.test.ts';
const disclosure = 'test/security/disclosure.test.ts';
const exhaustion = 'test/security/exhaustion.test.ts';
const remanence = 'test/security/remanence.test.ts';
const bodies = 'test/unit/api/json-body.test.ts';
const shell = 'test/unit/api/shell.test.ts';
const tokens = 'test/unit/auth/token-validator.test.ts';

export const namedTests = {
  'T-F01': {
    attack: 'a file whose header names another file is offered as an image or a volume',
    files: ['test/security/images.test.ts', imports],
    guards: ['image-raw-claims', 'manage-backing'],
  },
  'T-F02': {
    attack: 'a guest writes an image header into its raw disk',
    files: [disclosure],
    guards: { none: 'the format is taken from the record and from nowhere else' },
  },
  'T-F03': {
    attack: 'the same, then the volume is cloned, snapshot, backed up, uploaded, moved, reverted',
    files: [disclosure],
    guards: ['recorded-format', 'chain-described', 'layer-drivers'],
  },
  'T-F04': {
    attack: 'VMDK descriptors that name files of the host',
    files: [imports, 'test/security/image-volumes.test.ts'],
    guards: ['manage-claims', 'foreign-trait'],
  },
  'T-F05': {
    attack: 'qcow2 with an external data file',
    files: [imports, 'test/security/guest-disks.test.ts', 'test/security/guest-starts.test.ts'],
    guards: ['hostile-headers', 'headers-before-start'],
  },
  'T-F06': {
    attack: 'a file that is not what it is declared to be',
    files: [imports, 'test/security/image-service.test.ts'],
    guards: ['fetched-declared'],
  },
  'T-F07': {
    attack: 'extending a raw disk that has an inner header',
    files: [disclosure, imports],
    guards: ['raw-grows-by-length'],
  },
  'T-F08': {
    attack: 'none: volumes of every snapshot of a deep chain still work',
    files: [disclosure],
    guards: { none: 'it shows that the guards refuse nothing honest' },
  },
  'T-X01': {
    attack: 'malformed headers that make tools eat memory and time',
    files: [exhaustion, 'test/security/forged-backups.test.ts'],
    guards: ['tables-in-file', 'header-verbs-limited', 'limits-applied', 'verification-places'],
  },
  'T-X02': {
    attack: 'small files that say they are large disks, compressed bombs',
    files: [exhaustion],
    guards: ['smaller-copy', 'failed-copy-removed'],
  },
  'T-X03': { attack: 'filling the cache of images', files: [exhaustion], guards: ['cache-bounded'] },
  'T-X04': {
    attack: 'passing a quota by deeds at the same moment',
    files: ['test/integration/block-storage/quota.test.ts'],
    guards: ['quota-of-volumes'],
  },
  'T-X05': {
    attack: 'a deed that is taken back goes on, or leaves its files',
    files: ['test/contract/volume-driver/suite.ts'],
    guards: { none: 'the copy would have to be made not to end' },
  },
  'T-X06': {
    attack: 'long lists of scheduler hints',
    files: ['test/contract/block-storage/placement-cases.ts'],
    guards: { none: 'the guard is the schema of the request' },
  },
  'T-X07': {
    attack: 'long names and metadata that grow without end',
    files: [denial, 'test/security/image-service.test.ts'],
    guards: ['image-metadata-bounded'],
  },
  'T-X08': {
    attack: 'bodies that are no JSON, too deep, have too many keys, or one twice, or a prototype',
    files: [bodies, denial, 'test/security/image-service.test.ts'],
    guards: ['depth-of-bodies', 'keys-of-bodies', 'literals-with-nul', 'image-texts'],
  },
  'T-X09': {
    attack: 'bodies and pages without end',
    files: [bodies, denial, shell],
    guards: ['length-of-bodies', 'length-of-pages'],
  },
  'T-X10': {
    attack: 'floods of requests, guessed tokens and passwords',
    files: ['test/security/rate-limits.test.ts', 'test/security/image-service.test.ts'],
    guards: [
      'rate-of-project',
      'rate-of-address',
      'forwarded-for',
      'failed-logins',
      'failed-logins-elsewhere',
      'image-foreseen',
    ],
  },
  'T-D01': {
    attack: 'reading what somebody deleted, in a new volume',
    files: [remanence],
    guards: ['blank-is-blank', 'unknown-options'],
  },
  'T-D02': { attack: 'the same after a reimage', files: [remanence], guards: ['reimage-old-content'] },
  'T-D03': {
    attack: 'none: copies, flattened layers and restored backups are the disk, byte by byte',
    files: [remanence, 'test/security/backup-identity.test.ts'],
    guards: ['whole-chain-copied', 'backup-chunk-hash'],
  },
  'T-A01': {
    attack: 'an id of another project in a body, an image that was shared once',
    files: [isolation, 'test/security/image-volumes.test.ts'],
    guards: ['former-members', 'offered-names'],
  },
  'T-A02': {
    attack: 'taking a volume from under a running guest (CVE-2023-2088)',
    files: ['test/contract/policy/detach-guard.test.ts'],
    guards: ['detach-of-servers'],
  },
  'T-A03': {
    attack: 'getting at an encrypted volume without its key',
    files: ['test/security/image-volumes.test.ts'],
    guards: ['encrypted-download'],
  },
  'T-A04': {
    attack: 'a guest starts from other files than those on record',
    files: ['test/contract/hypervisor-driver/suite.ts'],
    guards: { none: 'header and record are compared in each of several places' },
  },
  'T-A05': {
    attack: 'one volume, reserved by two at the same moment',
    files: ['test/integration/block-storage/races.test.ts'],
    guards: ['reserved-once'],
  },
  'T-A06': {
    attack: 'fields of the service in a body of a user',
    files: [isolation, 'test/security/image-service.test.ts'],
    guards: ['image-attributes'],
  },
  'T-Z01': {
    attack: 'every route as every persona, own and foreign: a foreign id is like none',
    files: ['matrix', 'admin-matrix', 'compute-matrix', 'identity-matrix', 'image-matrix'].map(
      (name) => `test/contract/policy/${name}.test.ts`,
    ),
    guards: ['foreign-volume-shown'],
  },
  'T-Z02': { attack: 'a child of somebody else under an own parent', files: [isolation], guards: ['foreign-volume'] },
  'T-Z03': {
    attack: 'filters that widen what a list shows',
    files: ['test/contract/policy/filters.test.ts'],
    guards: { none: 'the project is part of each query, not of the filters' },
  },
  'T-Z04': {
    attack: 'forged identity headers',
    files: ['test/unit/auth/authenticate.test.ts'],
    guards: ['identity-headers'],
  },
  'T-Z05': {
    attack: 'tokens that have expired or were revoked',
    files: ['test/unit/auth/authenticate.test.ts', tokens],
    guards: ['expired-tokens', 'kept-tokens-end'],
  },
  'T-S01': {
    attack: 'reading secrets in logs, errors, rows and queues',
    files: [
      'test/contract/policy/log-secrets.test.ts',
      'test/unit/runtime/logger.test.ts',
      'test/integration/block-storage/process.test.ts',
    ],
    guards: ['values-in-database-errors', 'passwords-in-urls', 'secret-in-arguments'],
  },
  'T-S02': { attack: 'reading paths and causes in errors', files: [shell], guards: ['causes-untold'] },
  'T-S03': {
    attack: 'reading where a volume lies from its connection',
    files: [isolation],
    guards: ['connections-for-services'],
  },
  'T-S04': { attack: 'reading names of hosts', files: [isolation], guards: ['host-names-hidden'] },
  'T-P01': {
    attack: 'files that others on the host or the share may read',
    files: ['test/security/permissions.test.ts', 'test/system/storage-user.test.ts'],
    guards: ['file-mode', 'helper-gives-root-up', 'tools-as-storage-user', 'private-umask', 'trash-closed'],
  },
  'T-R01': {
    attack: 'a redirect that takes a token to another host',
    files: ['test/security/image-service.test.ts'],
    guards: { none: 'node:http follows no redirect' },
  },
  'T-T01': {
    attack: 'another broker, database or API in the place of ours',
    files: ['test/security/tls-peers.test.ts'],
    guards: ['broker-certificate', 'database-certificate', 'api-certificate'],
  },
  'T-B01': {
    attack: 'backup records and objects that somebody else has written',
    files: ['test/security/forged-backups.test.ts', 'test/contract/block-storage/backup-cases.ts'],
    guards: ['backup-record-text', 'backup-record-moment', 'backup-answer-bytes', 'backup-object-bytes'],
  },
  'T-M01': {
    attack: 'containers of backups that are paths',
    files: ['test/contract/backup-target/target-contract.ts', 'test/contract/backup-target/directory.test.ts'],
    guards: ['backup-container', 'backup-place', 'backup-links'],
  },
  'T-M02': {
    attack: 'taking over links, pipes, directories, files of others',
    files: ['test/contract/volume-driver/suite-taking-over.ts'],
    guards: ['no-links-followed', 'hard-links'],
  },
  'T-Q01': {
    attack: 'share names that say more than a place',
    files: ['test/security/share-strings.test.ts'],
    guards: ['guest-server', 'guest-volume-name'],
  },
  'T-G01': {
    attack: 'Gluster volumes that everybody may mount',
    files: ['test/unit/gluster/gluster-cli.test.ts'],
    guards: ['bricks-open-to-all'],
  },
  'T-I01': {
    attack: 'SQL in queries and bodies, values of other types than expected',
    files: [denial, 'test/contract/properties/block-storage.test.ts'],
    guards: { none: 'values go to PostgreSQL as bindings, never as text of a statement' },
  },
  'T-I02': {
    attack: 'words of users as words of a command line',
    files: ['test/unit/process/stated-formats.test.ts', 'test/unit/process/system-command-runner.test.ts'],
    guards: ['no-shell', 'formats-asked-for'],
  },
  'T-I03': { attack: 'headers that forge log lines, or never end', files: [denial, shell], guards: ['request-ids'] },
} as const satisfies Readonly<Record<string, NamedTest>>;
