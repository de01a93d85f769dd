// Checks request bodies against the OpenAPI document of an API, compiled on first use of each operation, and words the first
// violation as Cinder does ("Invalid input for field/attribute size. Value: 0. 0 is less than the minimum of 1").
// Source of the words: cinder/api/validation/validators.py and the messages of python-jsonschema.
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { ServiceError } from '../../core/domain/errors.js';
import { tryCanonicalUuid } from '../../core/domain/ids.js';
import { pythonRepr, pythonText } from './python-repr.js';

/** The parts of an OpenAPI document that are read here. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface BodyOperation {
  readonly operationId?: string;
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: object }>> };
  /** Operations that share one POST, told apart by the key of the body. */
  readonly 'x-actions'?: Readonly<Record<string, { readonly operationId: string; readonly body?: object }>>;
}

export interface BodyValidator {
  /** True when the operation takes a body. */
  hasBody(operationId: string): boolean;
  /** Throws `bad_request` when the body does not fit; does nothing for an operation without one. */
  check(operationId: string, body: unknown): void;
}

const methods = ['get', 'head', 'post', 'put', 'patch', 'delete'];

/** JSON pointers of the body schemas by operation id: references inside them resolve against the whole document. */
function findBodySchemas(document: OpenApiDocument): Map<string, string> {
  const found = new Map<string, string>();
  const pointerPart = (part: string): string => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of methods) {
      const operation = item[method] as BodyOperation | undefined;
      if (operation?.operationId === undefined) continue;
      const place = `#/paths/${pointerPart(path)}/${method}`;
      const content = operation.requestBody?.content ?? {};
      const types = ['application/json', ...Object.keys(content)];
      const type = types.find((one) => content[one]?.schema !== undefined);
      if (type !== undefined)
        found.set(operation.operationId, `${place}/requestBody/content/${pointerPart(type)}/schema`);
      for (const [action, entry] of Object.entries(operation['x-actions'] ?? {})) {
        if (entry.body !== undefined) found.set(entry.operationId, `${place}/x-actions/${pointerPart(action)}/body`);
      }
    }
  }
  return found;
}

function listWords(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(', ');
}

function describe(error: ErrorObject): string {
  const { params, data } = error;
  const limit = String((params as { limit?: number }).limit);
  switch (error.keyword) {
    case 'required':
      return `'${String(params['missingProperty'])}' is a required property`;
    case 'additionalProperties':
      return `Additional properties are not allowed ('${String(params['additionalProperty']).slice(0, 255)}' was unexpected)`;
    case 'type':
      return `${pythonRepr(data)} is not of type ${listWords([params['type'] as string | string[]].flat())}`;
    case 'enum':
      return `${pythonRepr(data)} is not one of [${(params['allowedValues'] as unknown[]).map(pythonRepr).join(', ')}]`;
    case 'minimum':
      return `${pythonRepr(data)} is less than the minimum of ${limit}`;
    case 'maximum':
      return `${pythonRepr(data)} is greater than the maximum of ${limit}`;
    case 'minLength':
    case 'minItems':
      return `${pythonRepr(data)} is too short`;
    case 'maxLength':
    case 'maxItems':
      return `${pythonRepr(data)} is too long`;
    case 'pattern':
      return `${pythonRepr(data)} does not match ${pythonRepr(params['pattern'])}`;
    case 'format':
      // Cinder's format of the same meaning is called uuid.
      return `${pythonRepr(data)} is not a ${pythonRepr(params['format'] === 'uuid-like' ? 'uuid' : params['format'])}`;
    case 'minProperties':
      return `${pythonRepr(data)} does not have enough properties`;
    case 'maxProperties':
      return `${pythonRepr(data)} has too many properties`;
    case 'uniqueItems':
      return `${pythonRepr(data)} has non-unique elements`;
    case 'propertyNames':
      return `${pythonRepr(params['propertyName'])} is not an allowed name`;
    default:
      return `${pythonRepr(data)} is not valid under any of the given schemas`;
  }
}

/** Names of keys that must match a pattern are one rule of a schema here, and patterns of properties in Cinder's. */
function describeOddName(errors: readonly ErrorObject[], error: ErrorObject): string | null {
  const odd = errors.find((one) => one.keyword === 'pattern' && one.propertyName !== undefined);
  if (error.keyword !== 'propertyNames' || odd === undefined) return null;
  const pattern = String(odd.params['pattern']).replaceAll('\\-', '-');
  return `${pythonRepr(odd.propertyName)} does not match any of the regexes: ${pythonRepr(pattern)}`;
}

/** The violation in Cinder's words. Errors of alternatives come first in ajv's list and the one that sums them up last. */
export function describeViolation(errors: readonly ErrorObject[]): string {
  const error = errors.at(-1);
  if (error === undefined) return 'The request body is invalid.';
  if (error.keyword === 'format' && error.params['format'] === 'not-blank' && error.instancePath.endsWith('/name'))
    return "An invalid 'name' value was provided. The 'name' can not be empty.";
  const field = error.instancePath.split('/').at(-1)?.replaceAll('~1', '/').replaceAll('~0', '~');
  const detail = describeOddName(errors, error) ?? describe(error);
  if (field === undefined || field === '') return detail;
  return `Invalid input for field/attribute ${field.slice(0, 255)}. Value: ${pythonText(error.data)}. ${detail}`;
}

export function createBodyValidator(name: string, document: OpenApiDocument): BodyValidator {
  const schemas = findBodySchemas(document);
  const compiled = new Map<string, ValidateFunction>();
  let ajv: Ajv2020 | null = null;

  function prepare(): Ajv2020 {
    const made = new Ajv2020({ strict: false, allErrors: false, verbose: true, validateSchema: false });
    formats.default(made);
    made.addFormat('uuid-like', (text: string) => tryCanonicalUuid(text) !== null);
    // Cinder: text that is empty after trimming is no name.
    made.addFormat('not-blank', (text: string) => text.trim() !== '');
    // Cinder's "printable": no control characters but line ends and tabs.
    made.addFormat('printable', (text: string) => !/(?![\n\r\t])\p{Cc}/u.test(text));
    return made.addSchema(document, name);
  }

  function validatorOf(operationId: string, pointer: string): ValidateFunction {
    let validate = compiled.get(operationId);
    if (validate === undefined) {
      ajv ??= prepare();
      validate = ajv.compile({ $ref: `${name}${pointer}` });
      compiled.set(operationId, validate);
    }
    return validate;
  }

  return {
    hasBody: (operationId) => schemas.has(operationId),
    check(operationId, body) {
      const pointer = schemas.get(operationId);
      if (pointer === undefined) return;
      const validate = validatorOf(operationId, pointer);
      if (!validate(body ?? null)) throw new ServiceError('bad_request', describeViolation(validate.errors ?? []));
    },
  };
}
