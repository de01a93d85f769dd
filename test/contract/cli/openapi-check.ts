// Compares what the client sends with the OpenAPI documents: the operation must exist, the body must fit its schema (or the schema of
// the action it names), and what a test's own server answers must fit too, so that the tests cannot drift from the documents.
import { readFileSync } from 'node:fs';
import { Ajv2020, type AnySchema, type ValidateFunction } from 'ajv/dist/2020.js';

type Node = Readonly<Record<string, unknown>>;
const verbs = ['get', 'post', 'put', 'patch', 'delete'] as const;
export const apis = {
  volume: 'block-storage',
  compute: 'compute',
  image: 'image',
  identity: 'identity',
  admin: 'admin',
} as const;
export type ApiName = keyof typeof apis;

function node(value: unknown): Node {
  return typeof value === 'object' && value !== null ? (value as Node) : {};
}

interface Operation {
  readonly id: string;
  /** With its parameters: /v3/volumes/{volume_id}. */
  readonly template: string;
  readonly pattern: RegExp;
  readonly literal: number;
  readonly verb: string;
  readonly pointer: string;
  readonly source: Node;
}

export class OpenApiCheck {
  private readonly ajv: Ajv2020;
  private readonly document: Node;
  private readonly operations: readonly Operation[];
  private readonly validators = new Map<string, ValidateFunction>();

  constructor(readonly api: ApiName) {
    const file = new URL(`../../../api-spec/generated/${apis[api]}.json`, import.meta.url);
    this.document = JSON.parse(readFileSync(file, 'utf8')) as Node;
    this.ajv = new Ajv2020({ strict: false, allErrors: true });
    this.ajv.addFormat('uuid-like', /^[0-9A-Fa-f]{8}-?([0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}$/);
    this.ajv.addFormat('printable', /^[^\p{C}]*$/u);
    this.ajv.addFormat('not-blank', /\S/);
    this.ajv.addSchema({ $id: 'api', ...this.document });
    this.operations = this.readOperations();
  }

  /** Whether the document has the path template with the verb. */
  has(verb: string, template: string): boolean {
    return node(node(this.document['paths'])[template])[verb] !== undefined;
  }

  /** All operations, actions one by one; `refused` for those that the document says are always answered with a fault. */
  operationIds(): { readonly id: string; readonly path: string; readonly refused: boolean }[] {
    return this.operations.flatMap(({ id, template: path, source }) => {
      const actions = Object.values(node(source['x-actions'])).map(node);
      if (actions.length === 0) return [{ id, path, refused: source['x-never-succeeds'] === true }];
      return actions.map((action) => ({
        id: String(action['operationId']),
        path,
        refused: action['refused'] === true,
      }));
    });
  }

  /** The operation's id. Throws when there is none, or the body does not fit. */
  request(verb: string, path: string, body: unknown): string {
    const operation = this.find(verb, path);
    const types = node(node(operation.source['requestBody'])['content']);
    const [type = 'application/json'] = Object.keys(types);
    const content = `/requestBody/content/${type.replaceAll('/', '~1')}/schema`;
    if (Object.keys(types).length === 0) {
      if (body !== undefined) throw new Error(`${operation.id} takes no body, but ${JSON.stringify(body)} was sent`);
      return operation.id;
    }
    this.validate(`${operation.id} request`, operation.pointer + content, body);
    return this.checkAction(operation, body);
  }

  /** Throws when the answer does not fit the schema of its status. */
  answer(verb: string, path: string, status: number, body: unknown, sent?: unknown): void {
    const operation = this.find(verb, path);
    if (Object.keys(node(operation.source['x-actions'])).length > 0) {
      this.checkActionAnswer(operation, status, body, sent);
      return;
    }
    let pointer = `${operation.pointer}/responses/${status}`;
    let response = node(node(operation.source['responses'])[String(status)]);
    if (Object.keys(response).length === 0) throw new Error(`${operation.id} does not answer ${status}`);
    const reference = response['$ref'];
    if (typeof reference === 'string') {
      pointer = reference;
      response = reference
        .slice(2)
        .split('/')
        .reduce<Node>((at, key) => node(at[key]), this.document);
    }
    if (response['content'] === undefined) return;
    this.validate(`${operation.id} answer ${status}`, `${pointer}/content/application~1json/schema`, body);
  }

  private checkActionAnswer(operation: Operation, status: number, body: unknown, sent: unknown): void {
    const [name = ''] = Object.keys(node(sent));
    const action = node(node(operation.source['x-actions'])[name]);
    const success = action['success'];
    if (success !== undefined && success !== status) throw new Error(`${name} does not answer ${status}`);
    if (success === undefined) return;
    if (action['response'] !== undefined) {
      this.validate(`${name} answer`, `${operation.pointer}/x-actions/${name}/response`, body);
    } else if (body !== undefined) throw new Error(`${name} answers without a body`);
  }

  private checkAction(operation: Operation, body: unknown): string {
    const actions = node(operation.source['x-actions']);
    if (Object.keys(actions).length === 0) return operation.id;
    const [name = ''] = Object.keys(node(body));
    const action = node(actions[name]);
    if (typeof action['operationId'] !== 'string') throw new Error(`${operation.id} has no action '${name}'`);
    if (action['body'] !== undefined) {
      this.validate(name, `${operation.pointer}/x-actions/${name}/body`, body);
    }
    return action['operationId'];
  }

  private find(verb: string, path: string): Operation {
    const found = this.operations
      .filter((operation) => operation.verb === verb && operation.pattern.test(path))
      .sort((a, b) => b.literal - a.literal)[0];
    if (found === undefined) throw new Error(`the ${this.api} document has no ${verb.toUpperCase()} ${path}`);
    return found;
  }

  private validate(what: string, pointer: string, value: unknown): void {
    const validator = this.validators.get(pointer) ?? this.ajv.compile({ $ref: `api${pointer}` } as AnySchema);
    this.validators.set(pointer, validator);
    if (validator(value)) return;
    throw new Error(`${what}: ${this.ajv.errorsText(validator.errors)} in ${JSON.stringify(value)}`);
  }

  private readOperations(): Operation[] {
    return Object.entries(node(this.document['paths'])).flatMap(([template, item]) =>
      verbs.flatMap((verb) => {
        const source = node(item)[verb];
        if (source === undefined) return [];
        const pointer = `#/paths/${template.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D')}/${verb}`;
        return [
          {
            id: String(node(source)['operationId']),
            template,
            pattern: new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
            literal: template.replace(/\{\w+\}/g, '').length,
            verb,
            pointer,
            source: node(source),
          },
        ];
      }),
    );
  }
}
