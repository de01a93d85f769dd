// Strict clients refuse fields that they do not know, so what an API answers must be listed: every object of a response says which keys it
// has. What is open on purpose is named here, and the list may only shrink.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../../services/core/runtime/spec-files.js';
import { type OpenApi, readOpenApi } from './operations.js';
import { resolve, type Schema } from './schema-values.js';

interface ResponseObject {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}
interface Responding {
  readonly operationId?: string;
  readonly responses?: Readonly<Record<string, ResponseObject>>;
  readonly 'x-actions'?: Readonly<Record<string, { readonly operationId: string; readonly response?: Schema }>>;
}

/** By document: what an administrator's driver reports, what users have stored themselves, and Nova's networks by name. */
const openOnPurpose: Readonly<Record<string, readonly string[]>> = {
  'block-storage': ['PoolCapabilities'],
  compute: ['Fault{}', 'Server.addresses'],
  identity: [
    'ApplicationCredential.roles[].options',
    'NewApplicationCredential.roles[].options',
    'Project',
    'Project.options',
    'Domain.options',
    'User',
    'User.options',
    'Role.options',
  ],
  // A schema is a document of its own, with keywords as JSON Schema has them and a property for each field of what it describes.
  image: ['Image', 'Images', 'Member', 'Members'].flatMap((name) => [
    `imageShow${name}Schema 200`,
    `imageShow${name}Schema 200.properties`,
  ]),
  // Parameters and outputs of steps differ from operation to operation.
  admin: ['Fault{}', 'OperationWork.outputs', 'OperationWork.params'],
};

class OpenObjects {
  readonly found = new Set<string>();
  private readonly seen = new Set<string>();

  constructor(private readonly document: OpenApi) {}

  walk(schema: Schema, where: string, isPart = false): void {
    if (schema.$ref !== undefined) {
      if (this.seen.has(schema.$ref)) return;
      this.seen.add(schema.$ref);
      this.walk(resolve(this.document, schema.$ref), schema.$ref.split('/').at(-1) ?? where, isPart);
      return;
    }
    const more = schema.additionalProperties;
    const isObject = [schema.type ?? ''].flat().includes('object') || schema.properties !== undefined;
    if (isObject && !isPart && (more === undefined || more === true)) this.found.add(where);
    for (const [name, property] of Object.entries(schema.properties ?? {})) this.walk(property, `${where}.${name}`);
    if (schema.items !== undefined) this.walk(schema.items, `${where}[]`);
    if (typeof more === 'object') this.walk(more, `${where}{}`);
    for (const one of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) this.walk(one, where);
    for (const one of schema.allOf ?? []) this.walk(one, where, true);
  }

  response(response: ResponseObject, where: string): void {
    const actual = response.$ref === undefined ? response : (resolve(this.document, response.$ref) as ResponseObject);
    const schema = actual.content?.['application/json']?.schema;
    // The refusals of an API have one form.
    if (schema !== undefined) this.walk(schema, /\b[45](?:XX|\d\d)$/.test(where) ? 'Fault' : where);
  }
}

function openObjectsOf(document: OpenApi): string[] {
  const open = new OpenObjects(document);
  for (const operation of Object.values(document.paths).flatMap((item) => Object.values(item) as Responding[])) {
    if (operation.operationId === undefined) continue;
    for (const [status, response] of Object.entries(operation.responses ?? {}))
      open.response(response, `${operation.operationId} ${status}`);
    for (const action of Object.values(operation['x-actions'] ?? {}))
      if (action.response !== undefined) open.walk(action.response, action.operationId);
  }
  return [...open.found].sort();
}

describe('responses of the OpenAPI documents', () => {
  it('are looked at for every document that there is', () => {
    const files = readdirSync(path.join(projectRoot(), 'api-spec', 'generated')).filter((file) =>
      file.endsWith('.json'),
    );
    const documents = files.map((file) => file.replace('.json', '')).filter((name) => 'paths' in readOpenApi(name));
    assert.deepEqual(documents.sort(), Object.keys(openOnPurpose).sort());
  });

  for (const [name, open] of Object.entries(openOnPurpose)) {
    it(`${name}: name all their fields`, () => {
      assert.deepEqual(openObjectsOf(readOpenApi(name)), [...open].sort());
    });
  }
});
