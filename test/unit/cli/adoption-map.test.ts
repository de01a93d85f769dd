// Maps for an adoption: by hand, and dumps of Cinder's tables, in JSON and CSV; what is deleted there stays away.
import assert from 'node:assert/strict';
import { type GivenVolume, readAdoptionMap } from '../../../services/cli/custody/adoption-map.js';
import { parseCsv } from '../../../services/cli/custody/csv.js';
import { inBatches } from '../../../services/cli/custody/take-over.js';

const [volume, moved, snapshot, type] = [1, 2, 3, 4].map((digit) =>
  `${digit}`.repeat(8).concat('-1111-4111-8111-111111111111'),
);

describe('the map of an adoption', () => {
  it('reads Cinder’s tables as JSON: names, projects, types, metadata, snapshots, attachments', () => {
    const dump = {
      volumes: [
        {
          ...{
            id: volume,
            display_name: 'web',
            display_description: null,
            project_id: 'p',
            user_id: 'u',
            volume_type_id: type,
          },
          ...{
            bootable: 1,
            status: 'in-use',
            attach_status: 'attached',
            created_at: '2020-01-02 03:04:05',
            deleted: 0,
            size: 1,
          },
        },
        { id: moved, _name_id: snapshot, project_id: 'p', deleted: false, encryption_key_id: type },
        { id: type, project_id: 'p', deleted: 1 },
      ],
      snapshots: [
        { id: snapshot, volume_id: volume, display_name: 'before', deleted: false, created_at: '2020-01-03T00:00:00' },
      ],
      volume_types: [{ id: type, name: 'gold' }],
      volume_metadata: [{ volume_id: volume, key: 'a', value: '1', deleted: false }],
      volume_admin_metadata: [{ volume_id: volume, key: 'format', value: 'raw', deleted: false }],
    };
    const map = readAdoptionMap([{ name: 'dump.json', text: JSON.stringify(dump) }]);
    assert.deepEqual(
      [...map],
      [
        [
          volume,
          {
            ...{ file_id: volume, project_id: 'p', user_id: 'u', name: 'web', volume_type: 'gold', bootable: true },
            ...{ metadata: { a: '1' }, created_at: '2020-01-02 03:04:05', format: 'raw', attached: true },
            snapshots: [{ id: snapshot, name: 'before', created_at: '2020-01-03T00:00:00' }],
          },
        ],
        [snapshot, { file_id: snapshot, id: moved, project_id: 'p', encrypted: true }],
      ],
    );
  });

  it('reads the same as CSV, one file for a table, told apart by their titles', () => {
    const map = readAdoptionMap([
      {
        name: 'v.csv',
        text: `id,display_name,project_id,size,volume_type_id,deleted\n${volume},"a ""b"", c",p,1,${type},f\n${moved},x,p,1,,t\n`,
      },
      { name: 's.csv', text: `id,volume_id,display_name\r\n${snapshot},${volume},\\N\r\n` },
      { name: 't.csv', text: `id,name,is_public\n${type},gold,1` },
    ]);
    assert.deepEqual(
      [...map.values()],
      [
        {
          file_id: volume,
          project_id: 'p',
          name: 'a "b", c',
          volume_type: 'gold',
          bootable: undefined,
          snapshots: [{ id: snapshot }],
        },
      ].map(({ bootable: _, ...rest }) => rest),
    );
  });

  it('reads a list by hand, and refuses what it does not understand', () => {
    const map = readAdoptionMap([{ name: 'm.json', text: JSON.stringify([{ id: volume, name: 'x', format: 'raw' }]) }]);
    assert.deepEqual(map.get(volume ?? ''), { file_id: volume, name: 'x', format: 'raw' });
    for (const text of ['{', '{"colours": []}', '[{"name": "no id"}]', 'a,b\n1,2', '"open']) {
      assert.throws(() => readAdoptionMap([{ name: 'bad', text }]), { name: 'UsageError' }, text);
    }
  });

  it('CSV: empty lines, a last comma, a byte order mark', () => {
    assert.deepEqual(parseCsv('\uFEFFa,b\n\n1,\n2,"x\ny"\n'), [
      { a: '1', b: null },
      { a: '2', b: 'x\ny' },
    ]);
    assert.throws(() => parseCsv('a\n1,2'), { name: 'UsageError' });
  });

  it('goes to the API in bodies that it takes', () => {
    const metadata = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`key${index}`, 'x'.repeat(200)]));
    const volumes = Array.from({ length: 500 }, (): GivenVolume => ({ file_id: volume ?? '', name: 'n', metadata }));
    const batches = [...inBatches(volumes)];
    assert.equal(batches.flat().length, 500);
    for (const batch of batches) {
      assert.ok(Buffer.byteLength(JSON.stringify(batch)) < 100_000);
      assert.ok(batch.length * 33 < 1000, `${batch.length} volumes`);
    }
  });
});
