// T-Q01: texts of shares that would be more than a share: options of mount, of QEMU's gluster driver, paths, other protocols. All are
// refused when the configuration is read, and a guest's description cannot be made of one either.
import assert from 'node:assert/strict';
import { parseBackendOptions } from '../../drivers/gluster/backend-options.js';
import { tryParseShareText } from '../../drivers/gluster/share-text.js';
import { parseSharesFile } from '../../drivers/gluster/shares-file.js';
import { transportOf } from '../../drivers/qemu/share-transport.js';

const hostile: readonly string[] = [
  'host:/vol?logfile=/etc/cron.d/x',
  'host:/vol?debug=9',
  'host:/vol?socket=/run/x',
  'host:/vol&logfile=/etc/x',
  'host:/vol#fragment',
  'host:/vol%00',
  'host:/vol%2e%2e/etc',
  'host:/vol%2Fetc',
  'host:/..',
  'host:/../etc',
  'host:/vol/../../etc',
  'host:/vol/./x',
  'host:/vol/..',
  'host:/vol/a b',
  'host:/vol/\tx',
  'host:/vol\n10.0.0.2:/vol',
  'host:/vol/x\r\ny',
  'host:/vol\0',
  'host:/vol,driver=raw',
  'host:/vol/a,file.filename=/etc/shadow',
  'json:{"driver":"gluster"}:/vol',
  'json:{"driver":"raw","file":"/etc/shadow"}',
  '[fe80::1%eth0]:/vol',
  'fe80::1%eth0:/vol',
  '[not-an-address]:/vol',
  '[]:/vol',
  'unix:///run/glusterd.socket',
  '/run/glusterd.socket:/vol',
  'gluster+unix:///vol/x?socket=/run/x:/vol',
  'gluster://host/vol',
  'nbd://127.0.0.1:1:/vol',
  'http://host:/vol',
  'user@host:/vol',
  'user:password@host:/vol',
  '-o:/vol',
  '--bind:/vol',
  '-oremount,host:/vol',
  'host:/-o',
  'host:/--help',
  'host;id:/vol',
  '$(id):/vol',
  '`id`:/vol',
  'host|x:/vol',
  'host:/vol;id',
  'host:/$(id)',
  'host:/vol*',
  "host:/vol'x",
  'host:/vol"x',
  'host:/vol\\x',
  'höst:/vol',
  'host:/völ',
  'host：/vol',
  'host:/',
  ':/vol',
  'host',
  '',
  ',:/vol',
  'host,,host2:/vol',
  `${'h'.repeat(300)}:/vol`,
  `host:/${'v/'.repeat(2000)}`,
];

const honest: readonly string[] = [
  'host:/vol',
  'server-1.example.com:/vol_1',
  '10.0.0.1:/vols/sub/dir.d',
  '[fe80::1]:/vol',
  'h1,h2,10.0.0.3:/vol',
  'under_score:/vol',
];

describe('T-Q01', () => {
  it('there are enough of them, all different', () => assert.ok(new Set(hostile).size >= 40));

  for (const share of hostile) {
    const shown = JSON.stringify(share).slice(0, 60);
    it(`${shown} is no share`, () => {
      assert.equal(tryParseShareText(share), null);
      const listed = parseSharesFile(`${share}\ngood:/vol`).shares.map(({ name }) => name.share);
      assert.ok(!listed.includes(share), 'not from the shares file');
      assert.ok(listed.includes('good:/vol'), 'and hides no good line');
    });

    it(`${shown} is refused as an address and as a path`, () => {
      const at = share.lastIndexOf(':/');
      if (at < 1) return assert.equal(tryParseShareText(share), null);
      const options = { nas_host: share.slice(0, at), nas_share_path: share.slice(at + 1) };
      assert.throws(() => parseBackendOptions('b', options), /nas_share_path/);
    });
  }

  for (const share of honest) {
    it(`${share} is one`, () => {
      assert.equal(tryParseShareText(share)?.share, share);
      assert.deepEqual(parseSharesFile(share).complaints, []);
    });
  }

  const access = { share: 'host:/vol', glusterVolumeName: 'vol', directory: '', mountOptions: null };
  const servers = [{ host: 'host', port: 24_007 }];
  const words = ['?logfile=/x', '&x', '#x', '%00', '..', ' ', '\n', 'json:{}', 'a/b', '', '-x'];
  for (const word of words) {
    it(`a guest's disk is not described with ${JSON.stringify(word)} in any part`, () => {
      const refused = { code: 'bad_request' };
      assert.throws(() => transportOf({ ...access, servers, glusterVolumeName: `${word}` }), refused);
      assert.throws(() => transportOf({ ...access, servers: [{ host: word, port: 24_007 }] }), refused);
      assert.throws(() => transportOf({ ...access, servers }).fileOptions(word), refused);
      if (word !== '' && word !== 'a/b' && word !== '-x')
        assert.throws(() => transportOf({ ...access, servers, directory: `sub/${word}` }), refused);
    });
  }
});
