// The operations of an OpenAPI document as a flat table: actions that share one POST stand apart, each with the schema of its body.
import { readSpec } from '../../../services/core/runtime/spec-files.js';
import { resolve, type Schema } from './schema-values.js';

export interface Operation {
  readonly operationId: string;
  readonly method: string;
  /** Below the API's prefix, parameters in braces. */
  readonly path: string;
  /** The key of the body, and the schema of the answer (null: nothing is answered); without `success` the operation says it. */
  readonly action: { readonly name: string; readonly success?: number; readonly response: Schema | null } | null;
  readonly body: Schema | null;
  /** Names that the document knows. */
  readonly query: readonly string[];
  /** The document says that it may answer 503 while a service that it needs is away. */
  readonly mayBeUnavailable: boolean;
}

interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: string;
}
interface ActionEntry {
  readonly operationId: string;
  readonly success?: number;
  readonly body?: Schema;
  readonly response?: Schema;
}
interface DocumentedOperation {
  readonly operationId?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> };
  readonly responses?: Readonly<Record<string, unknown>>;
  readonly 'x-actions'?: Readonly<Record<string, ActionEntry>>;
}
type PathItem = Readonly<Record<string, DocumentedOperation>> & { readonly parameters?: readonly Parameter[] };

export interface OpenApi {
  readonly paths: Readonly<Record<string, PathItem>>;
}

const methods = ['get', 'head', 'post', 'put', 'patch', 'delete'];

function queryNames(document: OpenApi, item: PathItem, operation: DocumentedOperation): string[] {
  const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((one) =>
    one.$ref === undefined ? one : (resolve(document, one.$ref) as unknown as Parameter),
  );
  return parameters.filter((one) => one.in === 'query').map((one) => one.name);
}

/** Actions without a schema take any value, most often null. */
function actionBody(name: string, entry: ActionEntry): Schema {
  return entry.body ?? { type: 'object', required: [name], properties: { [name]: { type: ['null', 'object'] } } };
}

export function operationsOf(document: OpenApi): Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method): Operation[] => {
      const operation = item[method];
      if (operation?.operationId === undefined) return [];
      const common = {
        ...{ method: method.toUpperCase(), path, query: queryNames(document, item, operation) },
        mayBeUnavailable: Object.hasOwn(operation.responses ?? {}, '503'),
      };
      const actions = Object.entries(operation['x-actions'] ?? {});
      if (actions.length > 0) {
        return actions.map(([name, entry]) => ({
          ...common,
          operationId: entry.operationId,
          action: {
            name,
            response: entry.response ?? null,
            ...(entry.success === undefined ? {} : { success: entry.success }),
          },
          body: actionBody(name, entry),
        }));
      }
      const body = operation.requestBody?.content?.['application/json']?.schema ?? null;
      return [{ ...common, operationId: operation.operationId, action: null, body }];
    }),
  );
}

export function readOpenApi(name: string): OpenApi {
  return readSpec(name) as OpenApi;
}
