// What a failing statement leaves in a log: its text and PostgreSQL's reason, never the values. They may be digests of passwords, keys and
// tokens, connections, or what users wrote.
import assert from 'node:assert/strict';
import { type Database, openDatabase } from '../../../services/core/db/connection.js';
import { loggerTo } from '../../../services/core/runtime/logger.js';
import { closeOwnParts, freshDatabase, type TestDatabase } from '../../harness/environment.js';

const secret = 'scrypt$of-somebody';

describe('T-S01 errors of the database in the log', function () {
  this.timeout(60_000);
  let testDatabase: TestDatabase;
  let database: Database;
  before(async () => {
    testDatabase = await freshDatabase();
    database = openDatabase({ url: testDatabase.url });
  });
  after(async () => {
    await database.destroy();
    await testDatabase.drop();
    await closeOwnParts();
  });

  const failures: Readonly<Record<string, () => Promise<unknown>>> = {
    'a value that does not fit': () => database('identity_users').where({ id: secret, enabled: 'perhaps' }).first('id'),
    'a statement with placeholders': () => database.raw('select no_such_function(?)', [secret]),
    'a row that is not whole': () =>
      database('identity_users').insert({ id: 'x', domain_id: 'default', password_hash: secret }),
    'a text that cannot be stored': () =>
      database('identity_users')
        .where({ id: 'x' })
        .update({ password_hash: `${secret}\0` }),
  };
  for (const [name, fail] of Object.entries(failures)) {
    it(name, async () => {
      const lines: string[] = [];
      const logger = loggerTo({ write: (line: string) => void lines.push(line) }, 'test', 'info');
      await assert.rejects(fail(), (err: unknown) => {
        logger.error({ err }, 'request failed');
        return true;
      });
      const log = lines.join('');
      assert.match(log, /"code":"[0-9A-Z]{5}"/, 'the reason is there');
      assert.ok(!log.includes(secret), log);
    });
  }
});
