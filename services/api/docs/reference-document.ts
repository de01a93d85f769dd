// From the OpenAPI document of an API to the one that its reference page shows: with the example of each operation, its policy rule and the
// microversion it came with, with actions as operations of their own, and without the `x-` fields that only our own tools read. Pure.
import { policyTable } from '../auth/policy.js';
import type { ApiDefinition } from '../shell/api.js';
import type { Route } from '../shell/route.js';

/** What a test run recorded; ids, times and secrets in it are made up. */
export interface Example {
  readonly request: {
    readonly method: string;
    /** With the API's prefix and the query. */
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
  };
  readonly response: { readonly status: number; readonly body?: unknown };
}

/** By operation id. */
export type Examples = Readonly<Record<string, Example>>;

interface Content {
  readonly description?: string;
  readonly content?: Readonly<Record<string, object>>;
  readonly $ref?: string;
}
interface Action {
  readonly operationId: string;
  readonly success?: number;
  readonly refused?: boolean;
  readonly body?: object;
  readonly response?: object;
}
interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
  readonly [other: string]: unknown;
}
type PathItem = Readonly<Record<string, unknown>>;
interface Document {
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components?: { readonly responses?: Readonly<Record<string, Content>> };
  readonly [other: string]: unknown;
}

const methods = ['get', 'head', 'post', 'put', 'patch', 'delete'];
const json = 'application/json';

function withoutInternals(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutInternals);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !key.startsWith('x-'));
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutInternals(item)]));
}

function whoMay(route: Route | undefined): string[] {
  if (route === undefined) return [];
  const who =
    route.policy === 'none'
      ? 'Needs no token.'
      : `Policy rule \`${route.policy}\` (level \`${policyTable[route.policy]}\`).`;
  const since = route.since === undefined ? [] : [`Since microversion ${route.since}.`];
  const until = route.until === undefined ? [] : [`Up to microversion ${route.until}.`];
  return [who, ...since, ...until];
}

function exchangeText(example: Example | undefined): string[] {
  if (example === undefined) return [];
  const { method, path, headers = {} } = example.request;
  const lines = [`${method} ${path}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  const { status, body } = example.response;
  return [
    `Example, answered with ${status}${body === undefined ? ' and no body' : ''}:`,
    ['```', ...lines, '```'].join('\n'),
  ];
}

function withExample(content: Content, value: unknown): Content {
  // Changes of an image have a media type of their own.
  const [first = json] = Object.keys(content.content ?? {});
  const type = content.content?.[json] === undefined ? first : json;
  const media = content.content?.[type];
  if (media === undefined || value === undefined) return content;
  return { ...content, content: { ...content.content, [type]: { ...media, example: value } } };
}

class ReferenceBuilder {
  private readonly routes: ReadonlyMap<string, Route>;

  constructor(
    private readonly document: Document,
    routes: readonly Route[],
    private readonly examples: Examples,
  ) {
    this.routes = new Map([...routes].reverse().map((route) => [route.operationId, route]));
  }

  build(): object {
    const paths: Record<string, PathItem> = {};
    for (const [path, item] of Object.entries(this.document.paths)) Object.assign(paths, this.pathsOf(path, item));
    return withoutInternals({ ...this.document, paths }) as object;
  }

  /** The path itself, and one for each action that shares its POST: OpenAPI knows no other way to tell them apart. */
  private pathsOf(path: string, item: PathItem): Record<string, PathItem> {
    const actions: Record<string, PathItem> = {};
    const shown = Object.entries(item).flatMap(([key, value]): (readonly [string, unknown])[] => {
      if (!methods.includes(key)) return [[key, value]];
      const operation = value as Operation;
      const entries = Object.entries((operation['x-actions'] ?? {}) as Record<string, Action>);
      for (const [name, action] of entries) {
        const { parameters } = item;
        actions[`${path}#${name}`] = { parameters, [key]: this.describe(this.actionOf(operation, name, action)) };
      }
      return entries.length > 0 ? [] : [[key, this.describe(operation)]];
    });
    const hasOperation = shown.some(([key]) => methods.includes(key));
    return hasOperation ? { [path]: Object.fromEntries(shown), ...actions } : actions;
  }

  private actionOf(operation: Operation, name: string, action: Action): Operation {
    const schema = action.body ?? { type: 'object', required: [name], properties: { [name]: {} } };
    const { '4XX': faults, ...own } = operation.responses;
    const success: Content = {
      description: action.refused === true ? 'Never: it is refused with 400 and the reason' : 'Done or accepted',
      ...(action.response === undefined ? {} : { content: { [json]: { schema: action.response } } }),
    };
    const successes = action.success === undefined ? own : { [action.success]: success };
    return {
      ...operation,
      operationId: action.operationId,
      summary: name,
      requestBody: { content: { [json]: { schema } } },
      responses: { ...successes, ...(faults === undefined ? {} : { '4XX': faults }) },
    };
  }

  /** A response that is shared by many operations becomes the operation's own, because its example is. */
  private inlined(response: Content): Content {
    const name = response.$ref?.split('/').at(-1);
    return name === undefined ? response : (this.document.components?.responses?.[name] ?? response);
  }

  private describe(operation: Operation): Operation {
    const example = this.examples[operation.operationId];
    const facts = whoMay(this.routes.get(operation.operationId)).join(' ');
    const parts = [operation.description, facts, ...exchangeText(example)];
    const described = {
      ...operation,
      description: parts.filter((part) => part !== undefined && part !== '').join('\n\n'),
    };
    if (example === undefined) return described;
    const { status, body } = example.response;
    const key = status in operation.responses ? String(status) : `${String(status)[0] ?? ''}XX`;
    const response = operation.responses[key];
    return {
      ...described,
      ...(operation.requestBody === undefined
        ? {}
        : { requestBody: withExample(operation.requestBody, example.request.body) }),
      responses: {
        ...operation.responses,
        ...(response === undefined ? {} : { [key]: withExample(this.inlined(response), body) }),
      },
    };
  }
}

export function referenceDocument(api: Pick<ApiDefinition, 'document' | 'routes'>, examples: Examples): object {
  return new ReferenceBuilder(api.document as unknown as Document, api.routes, examples).build();
}
