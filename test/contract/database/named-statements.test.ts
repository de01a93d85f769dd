// Recurring statements are planned once for each connection, and a table that changes under them is no error that anybody sees.
import assert from 'node:assert/strict';
import { query } from '../../../services/core/db/block-storage/prepared.js';
import { type Database, openDatabase } from '../../../services/core/db/connection.js';
import { isTransientDatabaseError } from '../../../services/core/db/database-trouble.js';
import { inTransaction } from '../../../services/core/db/in-transaction.js';
import { isStalePlan, StatementNames } from '../../../services/core/db/named-statements.js';
import { closeOwnParts, freshDatabase, type TestDatabase } from '../../harness/environment.js';

const TIMES = 5;

describe('named statements', () => {
  let database: TestDatabase;
  let db: Database;

  before(async () => {
    database = await freshDatabase();
    // One connection, so that what it knows can be asked of it.
    db = openDatabase({ url: database.url, poolSize: 1 });
    await db.raw('create table things (id integer primary key, word text)');
    await db.raw("insert into things values (1, 'one')");
  });
  after(async () => {
    await db.destroy();
    await database.drop();
    await closeOwnParts();
  });

  const known = async (part: string): Promise<number> => {
    const { rows } = (await db.raw(
      "select 1 from pg_prepared_statements where statement like '%' || 'things' || '%' and position(? in statement) > 0",
      [part],
    )) as { rows: object[] };
    return rows.length;
  };
  const repeat = async (one: () => Promise<unknown>): Promise<void> => {
    for (let time = 0; time < TIMES; time += 1) await one();
  };

  it('gives a text that recurs one name, whatever its values', async () => {
    let next = 0;
    await repeat(async () => {
      next += 1;
      await db('things').where({ id: next }).select('word');
    });
    assert.equal(await known('select "word"'), 1);
  });

  it('gives none to a text that came once, nor to one whose plan depends on its values', async () => {
    await db.raw('select word as rare from things where id = ?', [1]);
    await repeat(() => query(db, 'select word as varied from things where id = ?', [1]));
    assert.equal(await known('rare'), 0);
    assert.equal(await known('varied'), 0);
  });

  it('answers with the columns that a table has by now', async () => {
    const look = async (): Promise<string[]> => Object.keys((await db('things').where({ id: 1 }).first()) as object);
    await repeat(look);
    await db.raw('alter table things add column added integer');
    assert.deepEqual(await look(), ['id', 'word', 'added']);
    await repeat(look);
  });

  it('repeats a transaction whose plan was made before the table changed', async () => {
    const look = (): Promise<object> =>
      inTransaction(db, async (tx) => (await tx('things').where({ word: 'one' }).first()) as object);
    await repeat(look);
    await db.raw('alter table things add column later integer');
    const refusal = await db
      .transaction((tx) => tx('things').where({ word: 'one' }).first())
      .then(
        () => null,
        (thrown: unknown) => thrown,
      );
    assert.ok(isStalePlan(refusal), String(refusal));
    assert.ok(isTransientDatabaseError(refusal));
    await repeat(look);
    await db.raw('alter table things add column latest integer');
    assert.deepEqual(Object.keys(await look()), ['id', 'word', 'added', 'later', 'latest']);
  });

  it('never has more names than it may', () => {
    const names = new StatementNames();
    const given = Array.from({ length: 1000 }, (_, number) => names.nameOf(`select ${number}`, true));
    assert.equal(new Set(given.filter((name) => name !== undefined)).size, 400);
    assert.equal(names.nameOf('select 1', true), given[1]);
    assert.equal(names.nameOf(`select ${'x'.repeat(10_000)}`, true), undefined);
    names.forgetAll();
    assert.ok(!given.includes(names.nameOf('select 1', true)), 'a name is used for one plan only');
  });
});
