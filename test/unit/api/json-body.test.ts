// JSON bodies: what is read, and what is refused because it hides something.
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { bodyLimitBytes, checkContentType, parseJsonBody, readBody } from '../../../services/api/shell/json-body.js';
import { ServiceError } from '../../../services/core/domain/errors.js';

const parse = (text: string): unknown => parseJsonBody(Buffer.from(text));
const code = (expected: string) => (thrown: unknown) => thrown instanceof ServiceError && thrown.code === expected;

describe('JSON bodies', () => {
  it('are what JSON.parse says, for everything within limits', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4, noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value);
        if (/\\u0000|\\ud[89a-f]|__proto__/i.test(text)) return;
        assert.deepEqual(parse(text), JSON.parse(text));
      }),
    );
    assert.equal(parseJsonBody(Buffer.alloc(0)), undefined);
  });

  it('T-X08 are refused when they hide something', () => {
    const refused = [
      '{"a":1,"a":2}',
      '{"a":1,"\\u0061":2}',
      '{"x":[{"a":1,"a":2}]}',
      '{"__proto__":{}}',
      '{"a":{"\\u005f_proto__":1}}',
      '"\\u0000"',
      '"\\udc00"',
      '{"\\ud800":1}',
      '{',
      'nonsense',
      '['.repeat(33) + ']'.repeat(33),
      `{${Array.from({ length: 1001 }, (_, index) => `"k${index}":1`).join(',')}}`,
    ];
    for (const text of refused) assert.throws(() => parse(text), code('bad_request'), text.slice(0, 40));
    assert.throws(() => parseJsonBody(Buffer.from([0x22, 0xff, 0x22])), code('bad_request'));
    assert.deepEqual(parse('[{"a":"{"},{"a":"b\\",\\"a"}]'), [{ a: '{' }, { a: 'b","a' }], 'brackets inside texts');
    assert.deepEqual(parse('['.repeat(32) + ']'.repeat(32)), JSON.parse('['.repeat(32) + ']'.repeat(32)));
  });

  it('T-X09 are read up to the limit, whether or not the length is told', async () => {
    const request = (chunks: Buffer[], length?: number): IncomingMessage =>
      Object.assign(Readable.from(chunks), {
        headers: length === undefined ? {} : { 'content-length': String(length) },
      }) as unknown as IncomingMessage;
    assert.equal((await readBody(request([Buffer.alloc(bodyLimitBytes)]))).length, bodyLimitBytes);
    await assert.rejects(readBody(request([Buffer.alloc(bodyLimitBytes), Buffer.alloc(1)])), code('body_too_large'));
    await assert.rejects(readBody(request([], bodyLimitBytes + 1)), code('body_too_large'));
  });

  it('T-X08 must be declared as JSON, if declared at all', () => {
    for (const type of [
      undefined,
      '',
      'application/json',
      'Application/JSON; charset=utf-8',
      'application/vnd.openstack.volume+json',
    ])
      checkContentType(type);
    for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'application/jsonx'])
      assert.throws(() => checkContentType(type), code('bad_media_type'), type);
  });
});
