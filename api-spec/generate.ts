// Turns the hand-written contracts of this folder into what code uses:
//   <name>.yaml (OpenAPI 3.1)     -> generated/<name>.ts  (types, openapi-typescript)  and generated/<name>.json
//   the policy table and all route tables -> generated/policy.md (who may do what)
//   messages.yaml (AsyncAPI 3)    -> generated/messages.ts (types, json-schema-to-typescript) and generated/messages.json
// `--check` writes nothing and exits 1 when the files in the tree differ from what would be written.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile, type JSONSchema } from 'json-schema-to-typescript';
import openapiTS, { astToString } from 'openapi-typescript';
import { parse } from 'yaml';

const folder = path.dirname(fileURLToPath(import.meta.url));
const outFolder = path.join(folder, 'generated');
const banner = '// Generated from api-spec by `npm run generate`; do not edit.\n';

type Files = Map<string, string>;

async function generateOpenApi(name: string, document: Record<string, unknown>, files: Files): Promise<void> {
  const ast = await openapiTS(JSON.stringify(document), { alphabetize: false, defaultNonNullable: false });
  files.set(`${name}.ts`, banner + astToString(ast));
  files.set(`${name}.json`, `${JSON.stringify(document)}\n`);
}

async function generateMessages(document: Record<string, unknown>, files: Files): Promise<void> {
  const components = document['components'] as { schemas: Record<string, unknown> };
  const definitions = JSON.parse(
    JSON.stringify(components.schemas).replaceAll('#/components/schemas/', '#/definitions/'),
  ) as Record<string, JSONSchema>;
  const root: JSONSchema = { title: 'MessageSchemas', type: 'object', definitions, additionalProperties: false };
  const types = await compile(root, 'MessageSchemas', {
    bannerComment: '',
    additionalProperties: false,
    unreachableDefinitions: true,
    ignoreMinAndMaxItems: true,
    style: { singleQuote: true },
  });
  // The generator notes after every type which schema names it; that noise would drown the descriptions.
  const quiet = types
    .replace(
      /\n \* This interface was referenced by `MessageSchemas`'s JSON-Schema\n \* via the `definition` "\w+"\./g,
      '',
    )
    .replace(/\/\*\*\n \*\/\n/g, '')
    .replace(/\n \*\n \*\//g, '\n */')
    .replace(/([:=]) (\w+)\[\]/g, '$1 readonly $2[]');
  files.set('messages.ts', banner + quiet);
  files.set('messages.json', `${JSON.stringify({ definitions })}\n`);
}

async function generateAll(): Promise<Files> {
  const files: Files = new Map();
  const names = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).sort();
  for (const file of names) {
    const document = parse(await readFile(path.join(folder, file), 'utf8')) as Record<string, unknown>;
    const name = file.replace(/\.yaml$/, '');
    if ('asyncapi' in document) await generateMessages(document, files);
    else if ('openapi' in document) await generateOpenApi(name, document, files);
  }
  return files;
}

/** Writes what differs, or only names it; returns the names. */
async function bring(files: Files, check: boolean): Promise<string[]> {
  const stale: string[] = [];
  for (const [name, text] of files) {
    const target = path.join(outFolder, name);
    const present = await readFile(target, 'utf8').catch(() => null);
    if (present === text) continue;
    if (check) stale.push(name);
    else await writeFile(target, text);
  }
  return stale;
}

async function main(): Promise<void> {
  const check = process.argv.includes('--check');
  await mkdir(outFolder, { recursive: true });
  const files = await generateAll();
  const stale = await bring(files, check);
  // Route tables are code that may need the files above.
  const { policyPage } = await import('./policy-page.js');
  const pages: Files = new Map([['policy.md', policyPage()]]);
  stale.push(...(await bring(pages, check)));
  for (const name of pages.keys()) files.set(name, '');
  for (const name of await readdir(outFolder)) if (!files.has(name)) stale.push(`${name} (no longer generated)`);
  if (check && stale.length > 0) {
    process.stderr.write(`api-spec/generated is stale: ${stale.join(', ')}. Run "npm run generate" and commit.\n`);
    process.exitCode = 1;
  }
}

await main();
