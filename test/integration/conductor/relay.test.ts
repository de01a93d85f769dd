// The relay looks once for what it is woken for: a look costs three round trips, and the next command waits behind it.
import assert from 'node:assert/strict';
import { startRelay } from '../../../services/conductor/relay.js';
import type { WakeableLoop } from '../../../services/conductor/wakeable-loop.js';
import { type Database, openDatabase } from '../../../services/core/db/connection.js';
import { inertFaultPoint } from '../../../services/core/runtime/fault-points.js';
import { silentLogger } from '../../../services/core/runtime/logger.js';
import { closeOwnParts, freshDatabase, type TestDatabase } from '../../harness/environment.js';
import { waitFor } from '../../harness/wait-for.js';
import { createVolume } from '../engine/requests.js';
import { place, Rig } from '../engine/rig.js';

/** Longer than the test may take: whatever is published was published because of a wake, or of the look before it. */
const NEVER_MS = 3_600_000;

describe('the relay', () => {
  let database: TestDatabase;
  let rig: Rig;
  let db: Database;
  let relay: WakeableLoop | null = null;
  let looks = 0;
  let published: string[] = [];
  let refuse = false;

  before(async () => {
    database = await freshDatabase();
    rig = await Rig.open(database.url);
    db = openDatabase({ url: database.url });
  });
  after(async () => {
    await db.destroy();
    await rig.close();
    await database.drop();
    await closeOwnParts();
  });
  beforeEach(async () => {
    await db('outbox').delete();
    looks = 0;
    published = [];
    refuse = false;
    relay = startRelay({
      db,
      publish: (_routingKey, message) => {
        if (refuse) return Promise.reject(new Error('refused'));
        published.push(message.operationId);
        return Promise.resolve();
      },
      brokerIsUp: () => {
        looks += 1;
        return true;
      },
      logger: silentLogger(),
      faultPoint: inertFaultPoint,
      pollMs: NEVER_MS,
    });
    await waitFor('the first look', () => looks === 1);
  });
  afterEach(async () => {
    await relay?.stop();
  });

  const rows = async (): Promise<number> => (await db('outbox').select('id')).length;

  it('looks once when less than a batch waits', async () => {
    await createVolume(db, place);
    relay?.wake();
    await waitFor(
      'the command is published and its row gone',
      async () => published.length === 1 && (await rows()) === 0,
    );
    for (let time = 0; time < 5; time += 1) await rows();
    await relay?.stop();
    assert.equal(looks, 2, 'one look at the start, one for the command');
  });

  it('goes on by itself behind a full batch', async () => {
    await createVolume(db, place);
    await db.raw(
      'insert into outbox (operation_id, routing_key, message) select operation_id, routing_key, message from outbox, generate_series(2, 250)',
    );
    relay?.wake();
    await waitFor('all are published', async () => published.length === 250 && (await rows()) === 0);
    await relay?.stop();
    assert.equal(looks, 4, 'three batches behind the look at the start');
  });

  it('keeps what the broker refused, and waits before it tries again', async () => {
    refuse = true;
    await createVolume(db, place);
    relay?.wake();
    await waitFor('it was tried', () => looks === 2);
    // Waits for the relay's transaction; a loop that did not pause would have looked again behind it.
    for (let time = 0; time < 5; time += 1) await db.raw('update outbox set routing_key = routing_key');
    await relay?.stop();
    assert.equal(looks, 2);
    assert.equal(await rows(), 1);
  });
});
