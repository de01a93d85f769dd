// Holds every answer of an API against its OpenAPI document, and remembers which operations were answered with success, so that a
// suite can fail on an operation that nothing exercises.
import assert from 'node:assert/strict';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, object>>;
  readonly 'x-actions'?: Readonly<Record<string, { readonly operationId: string }>>;
  /** What it asks for is never there: the refusal is its contract. */
  readonly 'x-never-succeeds'?: boolean;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const methods = ['get', 'head', 'post', 'put', 'patch', 'delete'];

function pointer(...parts: readonly string[]): string {
  return `#/${parts.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
}

function literalSegments(path: string): number {
  return path.split('/').filter((segment) => !segment.startsWith('{')).length;
}

export class ContractRecorder {
  readonly seen = new Set<string>();
  private readonly ajv = new Ajv2020({ strict: false });
  private readonly compiled = new Map<string, ValidateFunction>();
  private patterns: readonly (readonly [string, RegExp])[] | null = null;

  constructor(private readonly document: Document) {
    this.ajv.addSchema(document, 'api');
  }

  operationIds(): string[] {
    return Object.values(this.document.paths).flatMap((item) =>
      methods.flatMap((method) => {
        const operation = item[method] as Operation | undefined;
        if (operation === undefined) return [];
        const actions = Object.values(operation['x-actions'] ?? {}).map((action) => action.operationId);
        return actions.length > 0 ? actions : [operation.operationId];
      }),
    );
  }

  /** Operations never answered as they are meant to be so far: with success, or with the refusal that they promise. */
  missing(): string[] {
    return this.operationIds().filter((id) => !this.seen.has(id));
  }

  /** Operations whose refusal (501 included) is their contract. */
  neverSucceeding(): ReadonlySet<string> {
    const operations = Object.values(this.document.paths).flatMap((item) =>
      methods.map((method) => item[method] as Operation | undefined),
    );
    return new Set(operations.flatMap((one) => (one?.['x-never-succeeds'] === true ? [one.operationId] : [])));
  }

  /** Patterns of all paths, the more literal ones first: `/servers/detail` fits `/servers/{server_id}` as well. */
  private patternsOf(): readonly (readonly [string, RegExp])[] {
    return Object.keys(this.document.paths)
      .sort((a, b) => literalSegments(b) - literalSegments(a))
      .map((template) => {
        const pattern = template.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+');
        return [template, new RegExp(`^${pattern}$`)] as const;
      });
  }

  private templateOf(path: string): string | null {
    const bare = path.length > 1 ? path.replace(/\/$/, '') : path;
    this.patterns ??= this.patternsOf();
    return this.patterns.find(([, pattern]) => pattern.test(bare))?.[0] ?? null;
  }

  /** Fails when the answer is not what the document promises for the request. `path` is below the API's prefix. */
  check(method: string, path: string, sent: unknown, status: number, body: unknown): void {
    const template = this.templateOf(path);
    if (template === null) {
      assert.ok([400, 401, 404].includes(status), `${path} is in no document but answered ${status}`);
      return;
    }
    const operation = this.document.paths[template]?.[method.toLowerCase()] as Operation | undefined;
    if (operation === undefined) {
      assert.ok([401, 404, 405].includes(status), `${method} ${template} is in no document but answered ${status}`);
      return;
    }
    const neverSucceeds = operation['x-never-succeeds'] === true;
    if (status >= 500 && !(neverSucceeds && status === 501)) {
      // An outage is told with 503, and what is not offered with 501; whatever else is a fault of ours.
      assert.ok([501, 503].includes(status), `${operation.operationId} failed: ${JSON.stringify(body)}`);
      return;
    }
    const key = Object.hasOwn(operation.responses, String(status)) ? String(status) : `${String(status)[0] ?? ''}XX`;
    assert.ok(Object.hasOwn(operation.responses, key), `${operation.operationId} answered an undocumented ${status}`);
    this.checkBody([template, method.toLowerCase(), key], operation, status, body);
    const action = Object.entries(operation['x-actions'] ?? {}).find(([name]) => Object.hasOwn(Object(sent), name));
    const isContract = neverSucceeds ? [400, 404, 501].includes(status) : status < 400;
    if (isContract) this.seen.add(action?.[1].operationId ?? operation.operationId);
  }

  private checkBody(
    [template, method, key]: [string, string, string],
    operation: Operation,
    status: number,
    body: unknown,
  ): void {
    // 401 is the authentication layer's answer, the same for all APIs.
    if (status === 401) return;
    const inline = operation.responses[key] as { $ref?: string; content?: unknown };
    const reference = inline.$ref ?? pointer('paths', template, method, 'responses', key);
    const name = reference.split('/').at(-1) ?? '';
    const response = inline.$ref === undefined ? inline : (this.componentResponse(name) as { content?: unknown });
    if (response.content === undefined || method === 'head') {
      assert.equal(body, undefined, `${operation.operationId} promises no body`);
      return;
    }
    const schema = `${reference}/content/application~1json/schema`;
    let validate = this.compiled.get(schema);
    if (validate === undefined) {
      validate = this.ajv.compile({ $ref: `api${schema}` });
      this.compiled.set(schema, validate);
    }
    const fits = validate(body);
    assert.ok(
      fits,
      `${operation.operationId} ${status}: ${this.ajv.errorsText(validate.errors)} in ${JSON.stringify(body)}`,
    );
  }

  private componentResponse(name: string): unknown {
    const { components } = this.document as unknown as { components: { responses: Record<string, unknown> } };
    return components.responses[name];
  }
}
