// JSON values that fit a schema of an OpenAPI document, for fast-check. Only the keywords that the documents of api-spec use are known; a
// value that fits by accident or not quite is no harm: what is tested is that the API answers, not that it accepts.
import fc from 'fast-check';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly Json[];
  readonly const?: Json;
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly items?: Schema;
  readonly minProperties?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

/** What a property or parameter of that name may hold so that it means something; none for most names. */
export type KnownValues = (name: string) => readonly string[];

const MAX_DEPTH = 6;

function refusesAll(): never {
  throw new Error('a reference leads nowhere');
}

/** Follows a JSON pointer of the document. */
export function resolve(document: object, reference: string): Schema {
  const parts = reference.slice(2).split('/').map(decodeURIComponent);
  let found: unknown = document;
  for (const part of parts) {
    found = (found as Record<string, unknown> | undefined)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return (found as Schema | undefined) ?? refusesAll();
}

export class SchemaValues {
  constructor(
    private readonly document: object,
    private readonly known: KnownValues,
  ) {}

  of(schema: Schema, name = '', depth = 0): fc.Arbitrary<Json> {
    if (schema.$ref !== undefined) return this.of(resolve(this.document, schema.$ref), name, depth);
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices !== undefined) return fc.oneof(...choices.map((one) => this.of(one, name, depth)));
    if (schema.allOf !== undefined) return this.together(schema.allOf, name, depth);
    const types = [schema.type ?? (schema.properties === undefined ? 'string' : 'object')].flat();
    return fc.oneof(...types.map((type) => this.ofType(type, schema, name, depth)));
  }

  private together(parts: readonly Schema[], name: string, depth: number): fc.Arbitrary<Json> {
    return fc
      .tuple(...parts.map((part) => this.of(part, name, depth)))
      .map((values) => Object.assign({}, ...values.filter((value) => typeof value === 'object')) as Json);
  }

  private ofType(type: string, schema: Schema, name: string, depth: number): fc.Arbitrary<Json> {
    switch (type) {
      case 'null':
        return fc.constant(null);
      case 'boolean':
        return fc.boolean();
      case 'integer':
      case 'number':
        return this.integer(schema);
      case 'array':
        return this.array(schema, name, depth);
      case 'object':
        return this.object(schema, depth);
      default:
        return this.text(schema, name);
    }
  }

  private integer({ minimum = -2, maximum = 2 ** 31 - 1 }: Schema): fc.Arbitrary<number> {
    const near = fc.integer({ min: minimum, max: Math.min(minimum + 4, maximum) });
    return fc.oneof({ weight: 4, arbitrary: near }, fc.integer({ min: minimum, max: maximum }), fc.constant(maximum));
  }

  private array(schema: Schema, name: string, depth: number): fc.Arbitrary<Json> {
    const minLength = schema.minItems ?? 0;
    if (schema.items === undefined || depth >= MAX_DEPTH) return fc.constant([]);
    return fc.array(this.of(schema.items, name.replace(/s$/, ''), depth + 1), { minLength, maxLength: minLength + 2 });
  }

  private object(schema: Schema, depth: number): fc.Arbitrary<Json> {
    const entries = Object.entries(schema.properties ?? {});
    const required = schema.required ?? [];
    const kept = depth >= MAX_DEPTH ? entries.filter(([key]) => required.includes(key)) : entries;
    const model = Object.fromEntries(kept.map(([key, value]) => [key, this.of(value, key, depth + 1)]));
    const requiredKeys = kept.length === 1 ? Object.keys(model) : required.filter((key) => key in model);
    const named = fc.record(model, { requiredKeys }) as fc.Arbitrary<{ [key: string]: Json }>;
    const { additionalProperties: more } = schema;
    if (typeof more !== 'object' || depth >= MAX_DEPTH) return named;
    const free = fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), this.of(more, 'value', depth + 1), {
      minKeys: schema.minProperties ?? 0,
      maxKeys: 3,
    });
    return fc.tuple(named, free).map(([one, other]) => ({ ...other, ...one }));
  }

  private text(schema: Schema, name: string): fc.Arbitrary<string> {
    const known = this.known(name);
    const free = this.freeText(schema);
    return known.length === 0 ? free : fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...known) }, free);
  }

  private freeText({ pattern, format, minLength = 0, maxLength = 20 }: Schema): fc.Arbitrary<string> {
    if (format === 'uuid' || format === 'uuid-like') return fc.uuid();
    if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern), { size: 'small' });
    return fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 20)) });
  }
}
