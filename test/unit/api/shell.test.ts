// The parts of the protocol shell that need no server: versions, routes, faults, body validation, paging.
import assert from 'node:assert/strict';
import { createBodyValidator, type OpenApiDocument } from '../../../services/api/shell/body-validator.js';
import { tryBoolean } from '../../../services/api/shell/boolean-text.js';
import { errorResponse, unroutedResponse } from '../../../services/api/shell/error-response.js';
import { clientError } from '../../../services/api/shell/failure.js';
import {
  atLeast,
  negotiateVersion,
  type VersionRules,
  versionHeaders,
} from '../../../services/api/shell/microversion.js';
import { parsePaging, parseSort } from '../../../services/api/shell/paging.js';
import { splitProject } from '../../../services/api/shell/project-in-path.js';
import { tryGlobalRequestId } from '../../../services/api/shell/request-ids.js';
import { defineRoute, type Route } from '../../../services/api/shell/route.js';
import { Router, trySplitPath } from '../../../services/api/shell/router.js';
import { type ErrorCode, errorCodes, ServiceError } from '../../../services/core/domain/errors.js';

describe('microversions', () => {
  const rules: VersionRules = { service: 'volume', min: '3.0', max: '3.71' };
  const nova: VersionRules = { ...rules, service: 'compute', legacyHeader: 'X-OpenStack-Nova-API-Version' };
  const ask = (header: string | undefined, which = rules, legacy?: string) =>
    negotiateVersion(which, (name) => (name === 'OpenStack-API-Version' ? header : legacy));

  it('are chosen by the entry of the own service', () => {
    const cases: [string | undefined, string][] = [
      [undefined, '3.0'],
      ['volume 3.27', '3.27'],
      ['compute 2.90,volume  3.5', '3.5'],
      ['compute 2.90', '3.0'],
      ['volume latest', '3.71'],
      ['volumes 3.1', '3.0'],
    ];
    for (const [header, expected] of cases) {
      const { version } = ask(header);
      assert.equal(`${version?.major}.${version?.minor}`, expected, header);
    }
    const legacy = ask(undefined, nova, '3.4');
    assert.deepEqual(legacy.version, { major: 3, minor: 4 });
    assert.equal(Object.keys(versionHeaders(nova, { major: 3, minor: 4 })).length, 3);
  });

  it('are refused apart: out of range 406, no version 400', () => {
    for (const text of ['3.72', '2.99', '4.0']) {
      const asked = ask(`volume ${text}`);
      assert.equal(!asked.ok && asked.error.code, 'version_not_acceptable');
      assert.notEqual(asked.version, null);
    }
    for (const text of ['3', '3.', '3.1.1', '3.01', 'x', '', '-3.1', '3.9999999999']) {
      const asked = ask(`volume ${text}`);
      assert.equal(!asked.ok && asked.error.code, 'bad_request', text);
      assert.equal(asked.version, null);
    }
  });

  it('compare by number, not by text', () => {
    assert.ok(atLeast({ major: 3, minor: 10 }, '3.9'));
    assert.ok(!atLeast({ major: 3, minor: 9 }, '3.10'));
  });
});

describe('routes', () => {
  const route = (method: Route['method'], path: string, action?: string): Route =>
    defineRoute({
      method,
      path,
      operationId: `${method} ${path} ${action ?? ''}`,
      policy: 'none',
      success: 200,
      handler: () => ({}),
      ...(action === undefined ? {} : { action }),
    });
  const router = new Router([
    route('GET', '/v3/volumes'),
    route('GET', '/v3/volumes/detail'),
    route('GET', '/v3/volumes/{id}'),
    route('DELETE', '/v3/volumes/{id}'),
    route('POST', '/v3/volumes/{id}/action', 'a'),
    route('POST', '/v3/volumes/{id}/action', 'b'),
    route('GET', '/'),
  ]);
  const look = (method: string, path: string) => router.lookup(method, trySplitPath(path) ?? ['?']);

  it('are found with literals before parameters', () => {
    const found = look('GET', '/v3/volumes/detail');
    assert.ok(found.kind === 'found' && found.match.params.size === 0);
    const one = look('GET', '/v3/volumes/a%2Fb');
    assert.ok(one.kind === 'found' && one.match.params.get('id') === 'a/b');
    const actions = look('POST', '/v3/volumes/x/action');
    assert.equal(actions.kind === 'found' && actions.match.routes.length, 2);
    assert.equal(look('HEAD', '/v3/volumes').kind, 'found');
    assert.equal(look('GET', '/').kind, 'found');
  });

  it('tell a missing path from a missing method', () => {
    assert.deepEqual(look('PUT', '/v3/volumes/x'), { kind: 'no-method', allowed: ['GET', 'DELETE'] });
    for (const path of ['/v3', '/v3/volumes/', '/v3/volumes/x/y', '/V3/volumes'])
      assert.equal(look('GET', path).kind, 'no-path');
    assert.equal(trySplitPath('/v3/%zz'), null);
    assert.equal(trySplitPath('/v3/a%00b'), null);
  });

  it('cannot be defined twice', () => {
    assert.throws(() => new Router([route('GET', '/a'), route('GET', '/a')]), /two routes/);
    assert.throws(() => new Router([route('GET', '/{a}'), route('GET', '/{b}/c')]), /called a elsewhere/);
  });

  it('may have a project id behind the version', () => {
    const id = '0123456789abcdef0123456789abcdef';
    assert.deepEqual(splitProject(`/v3/${id}/volumes/x`, '/v3'), { path: '/v3/volumes/x', projectId: id });
    assert.deepEqual(splitProject('/v3/volumes/abc', '/v3'), { path: '/v3/volumes/abc', projectId: null });
    assert.deepEqual(splitProject(`/v3/${id}`, '/v3'), { path: `/v3/${id}`, projectId: null });
    assert.deepEqual(splitProject('/v3/', '/v3'), { path: '/v3', projectId: null });
    assert.deepEqual(splitProject(`/v3/${id}/x`, null), { path: `/v3/${id}/x`, projectId: null });
  });
});

describe('faults', () => {
  it('exist for every error code, with the status of its rule', () => {
    for (const code of Object.keys(errorCodes) as ErrorCode[]) {
      const { status, body } = errorResponse(new ServiceError(code, 'text'), 'fault');
      const [name] = Object.keys(body);
      const inner = Object.values(body)[0] as { code: number; message: string };
      assert.deepEqual([inner.code, inner.message], [status, 'text']);
      assert.ok([400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 500, 501, 503].includes(status), code);
      const expected: Record<string, string> = {
        '404': 'itemNotFound',
        '413': 'overLimit',
        '503': 'serviceUnavailable',
        '406': 'computeFault',
      };
      if (expected[String(status)] !== undefined) assert.equal(name, expected[String(status)]);
      const keystone = errorResponse(new ServiceError(code, 'text'), 'error').body as {
        error: { code: number; title: string };
      };
      // Keystone never limited rates; what stands before it answers so.
      assert.equal(keystone.error.code, code === 'rate_limited' ? 429 : status);
      assert.notEqual(keystone.error.title, '');
    }
    assert.ok(!('itemNotFound' in unroutedResponse('fault').body));
  });

  it('T-S02 never tell what was thrown', () => {
    const inner = new Error('password=hunter2 at /srv/secret');
    const error = clientError(inner);
    assert.equal(error.code, 'internal');
    assert.ok(!JSON.stringify(errorResponse(error, 'fault')).includes('hunter2'));
    assert.equal(error.cause, inner);
  });

  it('call a database that is away temporarily unavailable', () => {
    const with_ = (code: string) => Object.assign(new Error('x'), { code });
    const away = [
      with_('ECONNREFUSED'),
      with_('57P01'),
      with_('57014'),
      with_('08006'),
      with_('53300'),
      with_('40P01'),
      Object.assign(new Error('x'), { name: 'KnexTimeoutError' }),
      new Error('Connection terminated unexpectedly'),
      new AggregateError([with_('ECONNREFUSED')]),
    ];
    for (const error of away) assert.equal(clientError(error).code, 'database_offline', String(error));
    for (const error of [with_('23505'), with_('42P01'), new Error('x'), 'text'])
      assert.equal(clientError(error).code, 'internal');
  });
});

describe('body validation', () => {
  const schema = {
    type: 'object',
    required: ['volume'],
    additionalProperties: false,
    properties: {
      volume: {
        type: 'object',
        properties: {
          size: { type: ['integer', 'string'], minimum: 1, pattern: '^[0-9]+$' },
          name: { $ref: '#/components/schemas/Name' },
          mode: { enum: ['rw', 'ro'] },
          either: { anyOf: [{ type: 'integer' }, { type: 'boolean' }] },
        },
      },
    },
  };
  const document = {
    paths: {
      '/v3/{x}': {
        post: {
          operationId: 'make',
          requestBody: { content: { 'application/json': { schema } } },
          'x-actions': { go: { operationId: 'go', body: { type: 'object', required: ['go'] } } },
        },
        get: { operationId: 'look' },
      },
    },
    components: { schemas: { Name: { type: ['string', 'null'], maxLength: 5 } } },
  } as unknown as OpenApiDocument;
  const validator = createBodyValidator('test', document);
  const refusal = (body: unknown, operation = 'make'): string => {
    try {
      validator.check(operation, body);
      return 'fits';
    } catch (thrown) {
      assert.ok(thrown instanceof ServiceError && thrown.code === 'bad_request');
      return thrown.message;
    }
  };

  it('words violations as Cinder does', () => {
    const cases: [unknown, string][] = [
      [{ volume: { size: 1, name: null } }, 'fits'],
      [{}, "'volume' is a required property"],
      [undefined, "None is not of type 'object'"],
      [{ volume: {}, x: 1 }, "Additional properties are not allowed ('x' was unexpected)"],
      [{ volume: { size: 0 } }, 'Invalid input for field/attribute size. Value: 0. 0 is less than the minimum of 1'],
      [{ volume: { size: 'a' } }, "Invalid input for field/attribute size. Value: a. 'a' does not match '^[0-9]+$'"],
      [
        { volume: { size: [1] } },
        "Invalid input for field/attribute size. Value: [1]. [1] is not of type 'integer', 'string'",
      ],
      [{ volume: { name: 'abcdef' } }, "Invalid input for field/attribute name. Value: abcdef. 'abcdef' is too long"],
      [{ volume: { mode: 'x' } }, "Invalid input for field/attribute mode. Value: x. 'x' is not one of ['rw', 'ro']"],
      [
        { volume: { either: 'x' } },
        "Invalid input for field/attribute either. Value: x. 'x' is not valid under any of the given schemas",
      ],
    ];
    for (const [body, message] of cases) assert.equal(refusal(body), message);
  });

  it('knows actions and operations without a body', () => {
    assert.equal(refusal({}, 'go'), "'go' is a required property");
    assert.deepEqual([validator.hasBody('look'), validator.hasBody('go')], [false, true]);
    assert.equal(refusal({ anything: 1 }, 'look'), 'fits');
  });
});

describe('small readers', () => {
  it('T-X09 paging', () => {
    const paging = (text: string) => parsePaging(new URLSearchParams(text));
    assert.deepEqual(paging(''), { limit: 1000, offset: 0, marker: null });
    assert.deepEqual(paging('limit=5000&offset=3&marker=m'), { limit: 1000, offset: 3, marker: 'm' });
    for (const bad of ['limit=1.5', 'limit=', 'limit=1e3'])
      assert.throws(() => paging(bad), /limit param must be an integer/, bad);
    assert.throws(() => paging('limit=-1'), /limit param must be positive/);
    for (const [bad, reason] of [
      ['offset=2147483648', /offset must be <= 2147483647/],
      ['offset=-1', /offset must be >= 0/],
      ['offset=x', /offset must be an integer/],
    ] as const)
      assert.throws(() => paging(bad), reason, bad);
  });

  it('sorting', () => {
    const sort = (text: string) => parseSort(new URLSearchParams(text)).map((key) => `${key.column}:${key.direction}`);
    assert.deepEqual(sort(''), []);
    assert.deepEqual(sort('sort=a,b:asc, c:desc'), ['a:desc', 'b:asc', 'c:desc']);
    assert.deepEqual(sort('sort_key=a&sort_key=b&sort_dir=asc'), ['a:asc', 'b:asc']);
    assert.deepEqual(sort('sort_dir=asc'), ['created_at:asc']);
    assert.throws(() => sort('sort=a:sideways'), /Unknown sort direction/);
  });

  it('T-I03 booleans and request ids', () => {
    for (const text of ['1', 'T', 'true', 'On', 'y', 'YES', true]) assert.equal(tryBoolean(text), true);
    for (const text of ['0', 'f', 'FALSE', 'off', 'N', 'no', false]) assert.equal(tryBoolean(text), false);
    for (const text of ['', 'maybe', '2', null, {}]) assert.equal(tryBoolean(text), null);
    const id = 'req-12345678-1234-1234-1234-123456789abc';
    assert.equal(tryGlobalRequestId(id), id);
    for (const bad of [undefined, '', `${id}\r\nX: y`, 'req-1', id.toUpperCase()])
      assert.equal(tryGlobalRequestId(bad), null);
  });
});
