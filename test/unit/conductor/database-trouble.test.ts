// Which database errors are worth another try.
import assert from 'node:assert/strict';
import { isTransientDatabaseError } from '../../../services/core/db/database-trouble.js';

const withCode = (code: string) => Object.assign(new Error('refused'), { code });

describe('transient database errors', () => {
  for (const code of ['40001', '40P01', '57P01', '08006', '08001', '53300', 'ECONNREFUSED', 'ENOENT', '23503'])
    it(`repeats after ${code}`, () => assert.equal(isTransientDatabaseError(withCode(code)), true));

  for (const code of ['23505', '42P01', '42703', '22P02', '23514'])
    it(`does not repeat after ${code}`, () => assert.equal(isTransientDatabaseError(withCode(code)), false));

  it('knows the errors of the driver and the pool by their texts, and looks into causes', () => {
    assert.ok(isTransientDatabaseError(new Error('Connection terminated unexpectedly')));
    assert.ok(isTransientDatabaseError(new Error('Knex: Timeout acquiring a connection. The pool is probably full.')));
    assert.ok(isTransientDatabaseError(new Error('Query read timeout')));
    assert.ok(isTransientDatabaseError(new Error('outer', { cause: withCode('40001') })));
    assert.ok(!isTransientDatabaseError(new Error('column "x" does not exist')));
    assert.ok(!isTransientDatabaseError('40001'));
  });
});
