// Texts in and out: shares files in Cinder's format, mount paths, gluster URIs in all forms, Cinder's volume record.
import assert from 'node:assert/strict';
import { formatGlusterUri, parseGlusterUri } from '../../../drivers/gluster/gluster-uri.js';
import { backupServersOf, mountPathOf, tryParseShareText } from '../../../drivers/gluster/share-text.js';
import { mountArgumentWords, parseSharesFile } from '../../../drivers/gluster/shares-file.js';
import { formatVolumeRecord } from '../../../drivers/gluster/volume-record.js';

describe("a shares file in Cinder's format", () => {
  const { shares, complaints } = parseSharesFile(
    [
      '# a comment',
      '',
      '10.0.0.1:/vols -o backup-volfile-servers=10.0.0.2:[fe80::3],log-level=WARNING',
      '[fe80::1]:/v6/sub/dir',
      'h1,h2:/multi\r',
      ' # not a comment, as # is not the first character',
      'no-colon/vol',
      '10.0.0.1:/vols',
      'bad\\040name:/vol',
      'host:/../etc',
    ].join('\n'),
  );

  it('keeps each good line, with everything after the first space as mount arguments', () => {
    assert.deepEqual(
      shares.map(({ name, mountArguments }) => [
        name.share,
        name.hosts,
        name.glusterVolumeName,
        name.directory,
        mountArguments,
      ]),
      [
        ['10.0.0.1:/vols', ['10.0.0.1'], 'vols', '', '-o backup-volfile-servers=10.0.0.2:[fe80::3],log-level=WARNING'],
        ['[fe80::1]:/v6/sub/dir', ['fe80::1'], 'v6', 'sub/dir', null],
        ['h1,h2:/multi', ['h1', 'h2'], 'multi', '', null],
      ],
    );
    assert.deepEqual(mountArgumentWords(shares[0]?.mountArguments ?? null)[0], '-o');
    assert.deepEqual(backupServersOf(shares[0]?.mountArguments ?? null), ['10.0.0.2', 'fe80::3']);
  });

  it('complains about each bad line and goes on', () => {
    assert.deepEqual(
      complaints.map(({ line }) => line),
      [6, 7, 8, 9, 10],
    );
  });

  it('turns \\040 into a space in the address', () => {
    assert.match(parseSharesFile('a\\040b:/v').complaints[0]?.text ?? '', /"a b:\/v"/);
  });

  it("derives Nova's and Cinder's mount path: the MD5 of the text", () => {
    // printf %s 127.7.7.7:/gluster1 | md5sum
    assert.equal(mountPathOf('/mnt', '127.7.7.7:/gluster1'), '/mnt/8f0473c9ad824b8b6a27264b9cacb005');
    assert.equal(tryParseShareText('host:/'), null);
  });
});

describe('gluster URIs', () => {
  const forms = {
    'gluster://1.2.3.4/vol/a.img': ['tcp', '1.2.3.4', null, 'vol', 'a.img', null],
    'gluster+tcp://1.2.3.4/vol/a.img': ['tcp', '1.2.3.4', null, 'vol', 'a.img', null],
    'gluster+tcp://1.2.3.4:24007/vol/dir/a.img': ['tcp', '1.2.3.4', 24007, 'vol', 'dir/a.img', null],
    'gluster+tcp://[1:2:3:4:5:6:7:8]/vol/dir/a.img': ['tcp', '1:2:3:4:5:6:7:8', null, 'vol', 'dir/a.img', null],
    'gluster+tcp://[1:2:3:4:5:6:7:8]:24007/vol/dir/a.img': ['tcp', '1:2:3:4:5:6:7:8', 24007, 'vol', 'dir/a.img', null],
    'gluster+tcp://server.domain.com:24007/vol/dir/a.img': [
      'tcp',
      'server.domain.com',
      24007,
      'vol',
      'dir/a.img',
      null,
    ],
    'gluster+unix:///vol/dir/a.img?socket=/tmp/glusterd.socket': [
      'unix',
      '',
      null,
      'vol',
      'dir/a.img',
      '/tmp/glusterd.socket',
    ],
    'gluster:///vol/a%20b.img': ['tcp', '', null, 'vol', 'a b.img', null],
  } as const;
  for (const [text, [transport, host, port, glusterVolumeName, imagePath, socket]] of Object.entries(forms)) {
    it(`reads ${text} and writes it back with the same meaning`, () => {
      const uri = parseGlusterUri(text);
      assert.deepEqual(uri, { transport, host, port, glusterVolumeName, imagePath, socket });
      assert.deepEqual(parseGlusterUri(formatGlusterUri(uri)), uri);
    });
  }

  const refused: Record<string, RegExp> = {
    'gluster+rdma://1.2.3.4:24007/vol/a.img': /rdma feature is not supported/,
    'gluster+unix://host/vol/a.img?socket=/s': /no host/,
    'gluster+unix:///vol/a.img': /socket/,
    'gluster://h/vol/a.img?socket=/s': /no parameters/,
    'gluster://1:2:3/vol/a.img': /brackets/,
    'gluster://[nonsense]/vol/a.img': /no IPv6/,
    'gluster://h:99999/vol/a.img': /port/,
    'gluster://h/vol': /it is not gluster/,
    'gluster://h/vol/%zz': /escape/,
    'gluster+sctp://h/vol/a': /unknown/,
    'http://h/vol/a': /unknown/,
  };
  for (const [text, reason] of Object.entries(refused)) {
    it(`refuses ${text}`, () => assert.throws(() => parseGlusterUri(text), { code: 'bad_request', message: reason }));
  }
});

describe("Cinder's volume record", () => {
  it('is JSON as Python writes it: one space, sorted keys', () => {
    const layer = (file: string, snapshotId: string | null) => ({
      file,
      format: 'qcow2' as const,
      virtualSizeBytes: 1,
      snapshotId,
    });
    const record = formatVolumeRecord([layer('v', null), layer('v.f', 'f'), layer('v.0', '0a')]);
    assert.equal(record, '{\n "0a": "v.0",\n "active": "v.0",\n "f": "v.f"\n}');
  });
});
