// A deed with an Idempotency-Key runs in a savepoint of the transaction that stores its answer. PostgreSQL ends one of two transactions that
// wait for each other: here the deed, which must then be repeated within its savepoint, be told to the relay once, and keep its answer.
import assert from 'node:assert/strict';
import { type Database, migrate, openDatabase, openListener } from '../../../services/core/db/connection.js';
import { writeOutbox } from '../../../services/core/db/engine/dispatch.js';
import { doOnce, type KeptAnswer } from '../../../services/core/db/idempotency/answers.js';
import { inTransaction } from '../../../services/core/db/in-transaction.js';
import { joinable } from '../../../services/core/db/joinable.js';
import { closeOwnParts, freshDatabase, type TestDatabase } from '../../harness/environment.js';
import { waitFor } from '../../harness/wait-for.js';
import { createVolume } from '../engine/requests.js';

describe('a keyed deed that meets another transaction', function () {
  this.timeout(30_000);
  let own: TestDatabase;
  let db: Database;
  const place = { pool: 'host@backend#dir:/a', computeHost: 'host' };
  before(async () => {
    own = await freshDatabase();
    db = openDatabase({ url: own.url });
    await migrate(db);
    for (const name of [place.pool, 'host@backend#dir:/b'])
      await db('pools').insert({
        name,
        backend_host: 'host@backend',
        share: name,
        state: 'up',
        access: '{}',
        capabilities: '{}',
      });
  });
  after(async () => {
    await db.destroy();
    await own.drop();
    await closeOwnParts();
  });

  const answer: KeptAnswer = { status: 202, headers: {}, body: null };
  const refuse = (thrown: unknown): never => {
    throw thrown;
  };
  const lock = (tx: Database, name: string) => tx('pools').where({ name }).forUpdate().first('name');

  it('is repeated in its savepoint after a deadlock, told once, and its answer is kept', async () => {
    const { operationId } = await createVolume(db, place);
    const listener = openListener(own.url);
    let told = 0;
    listener.on('notification', () => {
      told += 1;
    });
    await listener.connect();
    await listener.query('listen saggar_outbox');
    const request = { id: 'a'.repeat(64), fingerprint: 'f', requestId: 'req-1' };
    const handle = joinable(db);
    let tries = 0;
    const other = await db.transaction();
    // The other one never looks for a deadlock, so that the deed is the one that is ended.
    await other.raw("set local deadlock_timeout = '20s'");
    await lock(other, 'host@backend#dir:/b');
    let crossing: Promise<unknown> = Promise.resolve();
    const deed = () =>
      inTransaction(handle, async (tx) => {
        tries += 1;
        await writeOutbox(tx, operationId, 'nowhere', { tries });
        await lock(tx, place.pool);
        if (tries === 1) crossing = lock(other, place.pool).then(() => other.commit());
        await lock(tx, 'host@backend#dir:/b');
        await tx('pools').where({ name: place.pool }).increment('provisioned_gib', 1);
        return answer;
      });
    const before: { provisioned_gib: number } = await db('pools').where({ name: place.pool }).first('provisioned_gib');
    assert.equal((await doOnce(db, request, deed, refuse)).kind, 'done');
    await crossing;
    assert.equal(tries, 2);
    const after: { provisioned_gib: number } = await db('pools').where({ name: place.pool }).first('provisioned_gib');
    assert.equal(after.provisioned_gib - before.provisioned_gib, 1, 'done once');
    const messages: unknown[] = await db('outbox').where({ routing_key: 'nowhere' }).select('message');
    assert.deepEqual(messages, [{ message: { tries: 2 } }]);
    await waitFor('the relay to be told', () => Promise.resolve(told > 0));
    assert.equal(told, 1);
    assert.equal((await doOnce(db, request, deed, refuse)).kind, 'replayed');
    assert.equal(tries, 2);
    await listener.end();
  });

  it('leaves nothing when it is refused after it has written, and keeps the refusal', async () => {
    const request = { id: 'b'.repeat(64), fingerprint: 'f', requestId: 'req-2' };
    const handle = joinable(db);
    const deed = async () => {
      await inTransaction(handle, (tx) => tx('pools').where({ name: place.pool }).update({ zone: 'half-done' }));
      throw new Error('refused after all');
    };
    const kept: KeptAnswer = { status: 400, headers: {}, body: null };
    const once = await doOnce(db, request, deed, () => kept);
    assert.deepEqual(once, { kind: 'done', answer: kept });
    const pool: { zone: string } = await db('pools').where({ name: place.pool }).first('zone');
    assert.notEqual(pool.zone, 'half-done');
    assert.equal((await doOnce(db, request, deed, refuse)).kind, 'replayed');
  });

  it('keeps the refusal even when a statement spoiled the savepoint', async () => {
    const request = { id: 'c'.repeat(64), fingerprint: 'f', requestId: 'req-3' };
    const handle = joinable(db);
    const kept: KeptAnswer = { status: 409, headers: {}, body: null };
    const deed = async () => {
      await handle.raw('select 1/0');
      return answer;
    };
    assert.deepEqual(await doOnce(db, request, deed, () => kept), { kind: 'done', answer: kept });
    assert.equal((await doOnce(db, request, deed, refuse)).kind, 'replayed');
  });
});
