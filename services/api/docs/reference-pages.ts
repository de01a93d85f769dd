// The API reference under /docs: a page for each API, shown by swagger-ui from our own copy of it. No token is needed, nothing is loaded
// from elsewhere, and the page may run no script but the two files named here.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Request, RequestHandler, Response } from 'express';
import { projectRoot, readExamples } from '../../core/runtime/spec-files.js';
import type { ApiDefinition } from '../shell/api.js';
import { type Examples, referenceDocument } from './reference-document.js';

export const docsPrefix = '/docs';

/**
 * Styles inline, because swagger-ui's icons and layouts set them by attribute; images as data, because its style sheet has some in it.
 * No form is sent and no other origin is asked.
 */
const headers: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-cache',
};

const titles: Readonly<Record<string, string>> = {
  'block-storage': 'Block storage',
  compute: 'Compute',
  identity: 'Identity',
  image: 'Image',
  admin: 'Administration',
};

interface Page {
  readonly type: string;
  read(): string | Buffer;
}

/** It only shows: requests are sent by clients, not from here, and no validator elsewhere is asked about the document. */
const startScript = `const root = document.getElementById('reference');
SwaggerUIBundle({
  url: root.dataset.document,
  domNode: root,
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: -1,
  supportedSubmitMethods: [],
  validatorUrl: null,
});
`;

const style = `body { margin: 0; font-family: sans-serif; }
nav { padding: 0.7rem 1.2rem; border-bottom: 1px solid #ccc; }
nav a { margin-right: 1.2rem; color: #1a4f8a; }
main { padding: 0 1.2rem; }
/* Nothing is sent from here, so there is nobody to authorize. */
.swagger-ui .auth-wrapper, .swagger-ui .authorization__btn { display: none; }
`;

function html(title: string, body: string, scripts: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="${docsPrefix}/assets/favicon-32x32.png">
<link rel="stylesheet" href="${docsPrefix}/assets/swagger-ui.css">
<link rel="stylesheet" href="${docsPrefix}/assets/reference.css">
</head>
<body>
${body}
${scripts.map((name) => `<script src="${docsPrefix}/assets/${name}"></script>`).join('\n')}
</body>
</html>
`;
}

function navigation(names: readonly string[]): string {
  const links = names.map((name) => `<a href="${docsPrefix}/${name}">${titles[name] ?? name}</a>`);
  return `<nav>${links.join('')}</nav>`;
}

function assets(): [string, Page][] {
  const require = createRequire(path.join(projectRoot(), 'package.json'));
  const folder = path.dirname(require.resolve('swagger-ui-dist/package.json'));
  const copied = {
    'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
    'swagger-ui.css': 'text/css; charset=utf-8',
    'favicon-32x32.png': 'image/png',
  };
  return [
    ...Object.entries(copied).map(([name, type]): [string, Page] => [
      `/assets/${name}`,
      { type, read: () => readFileSync(path.join(folder, name)) },
    ]),
    ['/assets/start.js', { type: 'text/javascript; charset=utf-8', read: () => startScript }],
    ['/assets/reference.css', { type: 'text/css; charset=utf-8', read: () => style }],
  ];
}

function pagesOf(apis: readonly ApiDefinition[]): Map<string, Page> {
  const names = apis.map(({ name }) => name);
  const type = 'text/html; charset=utf-8';
  const index = html('Saggar API reference', `${navigation(names)}<main><h1>Saggar API reference</h1></main>`, []);
  return new Map<string, Page>([
    ['/', { type, read: () => index }],
    ...assets(),
    ...apis.flatMap((api): [string, Page][] => {
      const place = `<div id="reference" data-document="${docsPrefix}/${api.name}/openapi.json"></div>`;
      const body = `${navigation(names)}\n${place}`;
      const page = html(`${titles[api.name] ?? api.name} – Saggar`, body, ['swagger-ui-bundle.js', 'start.js']);
      const document = (): string => JSON.stringify(referenceDocument(api, readExamples(api.name) as Examples));
      return [
        [`/${api.name}`, { type, read: () => page }],
        [`/${api.name}/openapi.json`, { type: 'application/json', read: document }],
      ];
    }),
  ]);
}

/** Everything below /docs; each thing is read or made when it is first asked for, and kept. */
export function referencePages(apis: readonly ApiDefinition[]): RequestHandler {
  const pages = pagesOf(apis);
  const made = new Map<string, Buffer>();
  return function serveReference(request: Request, response: Response): void {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const where = request.path === '/' ? '/' : request.path.replace(/\/$/, '');
    const page = pages.get(where);
    if (page === undefined || !['GET', 'HEAD'].includes(request.method)) {
      response.status(page === undefined ? 404 : 405);
      if (page !== undefined) response.setHeader('Allow', 'GET, HEAD');
      response.type('text/plain').end(page === undefined ? 'Not found\n' : 'Method not allowed\n');
      return;
    }
    const bytes = made.get(where) ?? Buffer.from(page.read());
    made.set(where, bytes);
    response.status(200).setHeader('Content-Type', page.type);
    response.setHeader('Content-Length', bytes.length);
    response.end(request.method === 'HEAD' ? undefined : bytes);
  };
}
