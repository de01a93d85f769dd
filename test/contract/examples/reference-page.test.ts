// The API reference under /docs: every page and all that it loads comes from this server, without a token and under a strict policy of
// content; every operation is there with its example, its rule and its version, and nothing that only our own tools read.
import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { defineAdminApi } from '../../../services/api/admin/definition.js';
import { policyTable } from '../../../services/api/auth/policy.js';
import { defineBlockStorageApi } from '../../../services/api/block-storage/definition.js';
import { defineComputeApi } from '../../../services/api/compute/definition.js';
import { docsPrefix, referencePages } from '../../../services/api/docs/reference-pages.js';
import { defineIdentityApi } from '../../../services/api/identity/definition.js';
import type { IdentityApi } from '../../../services/api/identity/identity-api.js';
import { defineImageApi } from '../../../services/api/image/definition.js';
import { createApp, createHttpServer } from '../../../services/api/server.js';
import type { ApiDefinition } from '../../../services/api/shell/api.js';
import { openDatabase } from '../../../services/core/db/connection.js';
import { operationsOf, readOpenApi } from '../properties/operations.js';

// Never asked: only the tables of routes are read, and nothing connects before the first query.
const database = openDatabase({ url: 'postgresql://nobody@127.0.0.1:1/none' });
const names = ['admin', 'block-storage', 'compute', 'identity', 'image'];

function allApis(): ApiDefinition[] {
  const identity = { catalog: { publicUrl: '', region: '' }, identityUrl: '' } as unknown as IdentityApi;
  return [
    defineBlockStorageApi({ database }),
    defineComputeApi({ database, ticketSecret: new Uint8Array() }),
    defineIdentityApi(identity),
    defineImageApi({ database }),
    defineAdminApi({ database }),
  ];
}

interface ShownOperation {
  readonly operationId: string;
  readonly description: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example?: unknown }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly example?: unknown }>> }>
  >;
}

function shownOperations(document: { paths: Record<string, Record<string, unknown>> }): ShownOperation[] {
  return Object.values(document.paths)
    .flatMap((item) => Object.values(item))
    .filter((value): value is ShownOperation => Object.hasOwn(Object(value), 'operationId'));
}

function keysOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [...(Array.isArray(value) ? [] : [key]), ...keysOf(item)]);
}

describe('the API reference', () => {
  let server: Server;
  let base: string;
  const apis = allApis();

  before(async () => {
    const docs = { prefix: docsPrefix, handler: referencePages(apis) };
    const logger = pino({ level: 'silent' });
    server = createHttpServer(createApp({ apis: [docs], logger, checkHealth: () => Promise.resolve() }));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await database.destroy();
  });

  it('shows a page for each API, made of our own files only', async () => {
    const index = await (await fetch(`${base}/docs`)).text();
    for (const name of names) assert.ok(index.includes(`href="/docs/${name}"`), name);
    for (const page of ['', ...names.map((name) => `/${name}`)]) {
      const response = await fetch(`${base}/docs${page}`);
      assert.equal(response.status, 200);
      const html = await response.text();
      const loaded = [...html.matchAll(/(?:src|href|data-document)="([^"]*)"/g)].map((match) => match[1] ?? '');
      assert.ok(loaded.length > 2);
      for (const url of loaded) {
        assert.match(url, /^\/docs\/[a-z0-9./-]+$/, 'an address of this server');
        const asset = await fetch(`${base}${url}`);
        assert.equal(asset.status, 200, url);
        assert.ok((await asset.arrayBuffer()).byteLength > 0, url);
      }
      assert.ok(!html.includes('<script>'), 'no script in the page, which the policy would refuse');
    }
  });

  it('loads nothing from elsewhere by its style sheets either', async () => {
    for (const name of ['swagger-ui.css', 'reference.css']) {
      const css = await (await fetch(`${base}/docs/assets/${name}`)).text();
      const urls = [...css.matchAll(/url\(["']?([^"')]+)|@import\s+["']([^"']+)/g)].map(
        (match) => match[1] ?? match[2],
      );
      for (const url of urls) assert.match(url ?? '', /^data:/, name);
    }
  });

  it('is under a policy that forbids other origins, frames and scripts in the page', async () => {
    for (const path of ['/docs', '/docs/compute', '/docs/assets/start.js', '/docs/nothing']) {
      const response = await fetch(`${base}${path}`);
      const policy = response.headers.get('content-security-policy') ?? '';
      assert.match(policy, /default-src 'none'/);
      assert.match(policy, /script-src 'self';/);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.ok(!/https?:|\*/.test(policy), 'no origin but our own');
      assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
    }
  });

  it('has nothing else to give', async () => {
    for (const path of [
      '/docs/nothing',
      '/docs/assets/',
      '/docs/assets/..%2f..%2fpackage.json',
      '/docs/../package.json',
    ]) {
      assert.equal((await fetch(`${base}${path}`)).status, 404, path);
    }
    assert.equal((await fetch(`${base}/docs/image`, { method: 'POST' })).status, 405);
    const head = await fetch(`${base}/docs/image`, { method: 'HEAD' });
    assert.deepEqual([head.status, await head.text()], [200, '']);
  });

  for (const name of names) {
    it(`tells of every operation of ${name} its example, its rule and its version`, async () => {
      const text = await (await fetch(`${base}/docs/${name}/openapi.json`)).text();
      const document = JSON.parse(text) as Parameters<typeof shownOperations>[0];
      const shown = new Map(shownOperations(document).map((operation) => [operation.operationId, operation]));
      const documented = operationsOf(readOpenApi(name));
      assert.deepEqual([...shown.keys()].sort(), documented.map(({ operationId }) => operationId).sort());
      const routes = new Map(apis.find((api) => api.name === name)?.routes.map((route) => [route.operationId, route]));
      for (const [id, { description, requestBody, responses }] of shown) {
        assert.match(description, /\nExample, answered with \d{3}/, `${id} has an example`);
        const route = routes.get(id);
        assert.ok(route !== undefined, id);
        if (route.policy === 'none') assert.match(description, /Needs no token/, id);
        else assert.ok(description.includes(`\`${route.policy}\` (level \`${policyTable[route.policy]}\`)`), id);
        assert.equal(description.includes('Since microversion'), route.since !== undefined, id);
        assert.equal(description.includes('Up to microversion'), route.until !== undefined, id);
        if (requestBody !== undefined) {
          const media = Object.values(requestBody.content);
          assert.ok(
            media.some(({ example }) => example !== undefined),
            `${id}: no body in the example`,
          );
        }
        const bodies = Object.values(responses).filter(({ content }) => content !== undefined);
        const answered = Number(/answered with (\d{3})/.exec(description)?.[1]);
        const isEmpty = /and no body/.test(description);
        const examples = bodies.filter(({ content }) => content?.['application/json']?.example !== undefined);
        assert.equal(examples.length, isEmpty ? 0 : 1, `${id}: the answer ${answered} has its body`);
      }
      assert.deepEqual(
        keysOf(document).filter((key) => /^x-/.test(key)),
        [],
        'fields of our own tools',
      );
    });
  }
});
