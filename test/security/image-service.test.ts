// A Glance that is slow, away, lying, or led elsewhere: no client of ours waits for another one's question, nothing of a volume stays locked, no
// token goes to a host that nobody has configured, and bytes are what the image says that they are.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openGlance } from '../../services/api/glance/glance-images.js';
import type { RemoteImage, RemoteImages } from '../../services/core/db/block-storage/remote-images.js';
import type { Requester } from '../../services/core/db/block-storage/requester.js';
import { createVolume } from '../../services/core/db/block-storage/volume-create.js';
import { uploadVolume } from '../../services/core/db/block-storage/volume-to-image.js';
import { ServiceError } from '../../services/core/domain/errors.js';
import type { GlanceClient } from '../../services/volume-worker/glance/glance-client.js';
import { DirectoryStage } from '../integration/engine/directory-stage.js';
import { acceptFor, insertVolume, projectId, promiseGib } from '../integration/engine/requests.js';
import { sendVolumeTo } from '../integration/engine/volume-image-requests.js';

const offline = () => new ServiceError('image_service_offline', 'The image service is temporarily unavailable.');

describe('an image service that is not ours', function suite() {
  this.timeout(60_000);

  describe('asked with the tokens of a client', () => {
    const servers: Server[] = [];
    const seen: { host: string; url: string; headers: IncomingHttpHeaders; body: string }[] = [];
    afterEach(async () => {
      seen.length = 0;
      for (const server of servers.splice(0)) {
        await new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        });
      }
    });

    async function serve(host: string, answer: RequestListener): Promise<string> {
      const server = createServer((request, response) => {
        const pieces: Buffer[] = [];
        request.on('data', (piece: Buffer) => pieces.push(piece));
        request.on('end', () => {
          const body = Buffer.concat(pieces).toString('utf8');
          seen.push({ host, url: request.url ?? '', headers: request.headers, body });
          answer(request, response);
        });
      });
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    }

    async function imagesOf(url: string): Promise<{ images: RemoteImages; close: () => void }> {
      const glance = await openGlance({ url, publicUrl: null, caFile: null, timeoutSeconds: 5 });
      const images = glance.imagesFor((name) => (name === 'X-Auth-Token' ? 'the-token-of-ann' : undefined));
      return { images, close: () => glance.close() };
    }

    it('T-R01 follows no redirect, so that no token gets to another host', async () => {
      const evil = await serve('evil', (_request, response) => response.end('{}'));
      for (const status of [301, 302, 303, 307, 308]) {
        const url = await serve('glance', (request, response) => {
          response.writeHead(status, { Location: `${evil}${request.url ?? ''}` }).end();
        });
        const { images, close } = await imagesOf(url);
        const wish = {
          ...{ name: 'n', diskFormat: 'raw', containerFormat: 'bare', visibility: 'private', isProtected: false },
          properties: {},
        };
        const refused = { code: 'image_service_offline' };
        await assert.rejects(images.find(randomUUID()), refused);
        await assert.rejects(images.named('n'), refused);
        await assert.rejects(images.create(wish), refused);
        close();
      }
      assert.equal(seen.filter(({ host }) => host === 'glance').length, 15);
      assert.deepEqual(
        seen.filter(({ host }) => host === 'evil'),
        [],
      );
    });

    it('T-A06 lets nothing that is written beside a volume become an attribute of the image', async () => {
      const id = randomUUID();
      const url = await serve('glance', (_request, response) => {
        response.writeHead(201, { 'Content-Type': 'application/json' }).end(JSON.stringify({ id, status: 'queued' }));
      });
      const { images, close } = await imagesOf(url);
      const properties = {
        ...{ id: randomUUID(), owner: 'somebody', visibility: 'public', os_hidden: 'true', locations: 'http://x' },
        ...{ virtual_size: '1', os_hash_value: 'x', direct_url: 'file:///etc/passwd', os_distro: 'debian' },
      };
      const wish = { name: 'n', diskFormat: 'raw', containerFormat: 'bare', visibility: 'private', isProtected: false };
      assert.equal(await images.create({ ...wish, properties }), id);
      close();
      assert.deepEqual(JSON.parse(seen[0]?.body ?? ''), {
        ...{ os_distro: 'debian', name: 'n', disk_format: 'raw', container_format: 'bare' },
        ...{ visibility: 'private', protected: false },
      });
    });

    it('T-X08 keeps nothing of an image that the database could not, and nothing that is no property', async () => {
      const id = randomUUID();
      const fields = {
        ...{
          id,
          status: 'active',
          name: 'half \ud800',
          size: 1e300,
          virtual_size: -1,
          min_disk: 'many',
          os_distro: 'debian',
        },
        ...{ nul: 'a\0b', '\udc00': 'x', os_glance_stage: 'x', list: ['x'], nested: { a: 'b' }, owner: null },
      };
      const body = JSON.stringify(fields).replace('{', '{"__proto__": "x", ');
      const url = await serve('glance', (_request, response) => response.end(body));
      const { images, close } = await imagesOf(url);
      const image = await images.find(id);
      close();
      assert.deepEqual(image?.properties, { os_distro: 'debian' });
      assert.deepEqual(
        [image.name, image.size, image.virtual_size, image.min_disk, image.owner],
        [null, null, null, 0, ''],
      );
    });

    it('asks once for a name, however often it is meant', async () => {
      const url = await serve('glance', (_request, response) => response.end('{"images": []}'));
      const { images, close } = await imagesOf(url);
      assert.deepEqual([await images.named('n'), await images.named('n')], [[], []]);
      close();
      assert.equal(seen.length, 1);
    });
  });

  describe('and does not answer', () => {
    let stage: DirectoryStage;
    let open: () => void;
    let answered: Promise<void>;
    let withdrawn: string[] = [];
    let created = 0;
    let asked: Promise<void>;
    let tell: () => void;
    before(async () => {
      stage = await DirectoryStage.open({ poolSize: 3 });
      await stage.db('quota_limits').insert({ project_id: projectId, resource: 'volumes', hard_limit: -1 });
    });
    after(() => stage.close());
    beforeEach(() => {
      answered = new Promise((resolve) => {
        open = resolve;
      });
      asked = new Promise((resolve) => {
        tell = resolve;
      });
      [withdrawn, created] = [[], 0];
    });

    function asker(image: RemoteImage | null): Requester {
      const images: RemoteImages = {
        find: () => answered.then(() => image),
        named: () => answered.then(() => []),
        create: async () => {
          created += 1;
          tell();
          await answered;
          return randomUUID();
        },
        withdraw: (id) => {
          withdrawn.push(id);
          return Promise.resolve();
        },
      };
      const requestId = `req-${randomUUID()}`;
      return { visibleProjectId: projectId, projectId, userId: 'ann', requestId, isService: false, images };
    }

    const upload = (id: string) =>
      uploadVolume(
        stage.db,
        id,
        {
          ...{ name: 'i', force: false, diskFormat: 'raw', containerFormat: 'bare' },
          ...{ visibility: 'private', isProtected: false },
        },
        asker(null),
      );

    it('T-X10 keeps nobody else from the database, however many wait for it', async () => {
      const plain = { description: null, type: null, zone: null, metadata: {}, sizeGib: 1, name: 'n' };
      const wish = { ...plain, source: { kind: 'image', id: randomUUID() } } as const;
      const volumes: string[] = [];
      for (let made = 0; made < 4; made += 1) volumes.push(await stage.make());
      const waiting = [
        ...[1, 2, 3, 4].map(() => createVolume(stage.db, wish, false, asker(null))),
        ...volumes.map(upload),
      ];
      const ends = Promise.allSettled(waiting);
      try {
        // As many questions as there are connections, all of which would have to come free within three seconds.
        for (let turn = 0; turn < 20; turn += 1)
          await stage.db('volumes').where({ id: volumes[0] }).forUpdate().first();
      } finally {
        open();
      }
      const codes = (await ends).map((end) => (end.status === 'rejected' ? (end.reason as ServiceError).code : 'done'));
      assert.deepEqual(codes, [...Array(4).fill('bad_request'), ...Array(4).fill('done')]);
      assert.deepEqual([created, withdrawn], [4, []]);
    });

    it('T-X07 takes no image whose properties would make every list of volumes long', async () => {
      open();
      const image: RemoteImage = {
        ...{
          id: randomUUID(),
          owner: '',
          name: 'n',
          status: 'active',
          visibility: 'private',
          container_format: 'bare',
        },
        ...{ disk_format: 'raw', min_disk: 0, min_ram: 0, size: 512, virtual_size: null, checksum: null },
        ...{ os_hash_algo: null, os_hash_value: null, properties: { long: 'x'.repeat(140_000) } },
      };
      const plain = { description: null, type: null, zone: null, metadata: {}, sizeGib: 1, name: 'n' };
      const wish = { ...plain, source: { kind: 'image', id: image.id } } as const;
      await assert.rejects(createVolume(stage.db, wish, false, asker(image)), /the image metadata may take/);
    });

    it('takes an image back when its volume went another way meanwhile', async () => {
      const id = await stage.make();
      const waiting = upload(id);
      await asked;
      await stage.db('volumes').where({ id }).update({ status: 'maintenance' });
      open();
      await assert.rejects(waiting, { code: 'volume_state' });
      assert.deepEqual([created, withdrawn.length], [1, 1]);
      assert.deepEqual(
        await stage
          .db('operations')
          .where({ type: 'volume-to-image', project_id: projectId, user_id: 'ann' })
          .whereRaw(`params->'source'->>'volumeId' = ?`, [id]),
        [],
      );
    });
  });

  describe('as the worker knows it', () => {
    let stage: DirectoryStage;
    before(async () => {
      stage = await DirectoryStage.open();
    });
    after(() => stage.close());

    const away: GlanceClient = {
      find: () => Promise.reject(offline()),
      open: () => Promise.reject(offline()),
      send: () => Promise.reject(offline()),
      remove: () => Promise.reject(offline()),
      close: () => undefined,
    };

    async function until(operationId: string): Promise<string> {
      for (let turn = 0; turn < 40; turn += 1) {
        while ((await stage.step()) !== null);
        const { state } = await stage.rig.operation(operationId);
        if (state === 'done' || state === 'failed') return state;
        await stage.rig.sweep();
      }
      return (await stage.rig.operation(operationId)).state;
    }

    const clients: Readonly<Record<string, GlanceClient | null>> = {
      'is away for good': away,
      'is configured no more': null,
    };
    for (const [what, client] of Object.entries(clients)) {
      it(`gives a volume back whose image service ${what}`, async () => {
        const place = { pool: stage.pool('plain'), computeHost: 'host' };
        const volumeId = await stage.make();
        stage.glance = client;
        const { id: hidden, operationId } = await sendVolumeTo(stage.db, place, volumeId, randomUUID());
        assert.equal(await until(operationId), 'failed');
        const volume = await stage.db('volumes').where({ id: volumeId }).first('status');
        assert.equal(volume.status, 'available');
        assert.equal(await stage.db('volumes').where({ id: hidden }).first(), undefined);
        assert.deepEqual(await stage.db('resource_locks').where({ operation_id: operationId }), []);
      });
    }

    it('T-F06 stands on no bytes that are to be an ISO and show nothing of it', async () => {
      const place = { pool: stage.pool('plain'), computeHost: 'host' };
      stage.glance = {
        ...away,
        open: async () => (await import('node:stream')).Readable.from([Buffer.alloc(1024 ** 2, 7)]),
      };
      const operationId = await stage.db.transaction(async (tx) => {
        const volumeId = await insertVolume(tx, place, { purpose: 'image-cache', size_gib: 1 });
        await promiseGib(tx, place.pool, 1);
        await tx('image_cache').insert({ volume_id: volumeId, image_id: randomUUID(), pool: place.pool });
        const remote = { imageId: randomUUID(), declared: 'iso' };
        return acceptFor(tx, 'image-cache-fill', {
          volumeId,
          source: null,
          remote,
          sourceFormat: 'raw',
          maxSizeGib: 1,
        });
      });
      const before = stage.files('plain');
      assert.equal(await until(operationId), 'failed');
      assert.deepEqual(stage.files('plain'), before);
    });
  });
});
