// The header Idempotency-Key: which texts are keys.
import assert from 'node:assert/strict';
import { parseIdempotencyKey } from '../../../services/api/shell/idempotency.js';
import { ServiceError } from '../../../services/core/domain/errors.js';

describe('Idempotency-Key', () => {
  it('is bare or quoted, up to 255 characters', () => {
    const cases: [string | undefined, string | null][] = [
      [undefined, null],
      ['8e03978e-40d5-43e8-bc93-6894a57f9324', '8e03978e-40d5-43e8-bc93-6894a57f9324'],
      ['"8e03978e"', '8e03978e'],
      ['"a, b"', 'a, b'],
      ['"a\\"b\\\\"', 'a"b\\'],
      ['x'.repeat(255), 'x'.repeat(255)],
      [`"${'x'.repeat(255)}"`, 'x'.repeat(255)],
    ];
    for (const [header, key] of cases) assert.equal(parseIdempotencyKey(header), key, header);
  });

  it('is refused with the name of the header otherwise', () => {
    for (const header of [
      '',
      '""',
      'a b',
      'a, b',
      'a,b',
      '"a',
      'a"',
      '"a"b"',
      '"a"; x',
      'ä',
      'a\tb',
      'x'.repeat(256),
      '"\\n"',
    ]) {
      assert.throws(
        () => parseIdempotencyKey(header),
        (thrown: unknown) =>
          thrown instanceof ServiceError &&
          thrown.code === 'bad_request' &&
          thrown.message.startsWith('Idempotency-Key'),
        header,
      );
    }
  });
});
