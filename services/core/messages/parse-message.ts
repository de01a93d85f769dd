// Unknown bytes in, typed message out. Validators are compiled from api-spec/messages.yaml on first use.
// A message that does not fit is an error for the caller to park; nothing here throws for outside input.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { readSpec } from '../runtime/spec-files.js';
import { type Cancel, type Command, commandSchemas, type Notice, type Report, type Result } from './envelope.js';

export type Parsed<T> = { readonly ok: true; readonly message: T } | { readonly ok: false; readonly reason: string };

let ajv: Ajv2020 | null = null;
const compiled = new Map<string, ValidateFunction>();

function validator(schemaName: string): ValidateFunction {
  let validate = compiled.get(schemaName);
  if (validate === undefined) {
    if (ajv === null) {
      ajv = new Ajv2020({ strict: false, allErrors: false });
      ajv.addSchema(readSpec('messages') as object, 'messages');
    }
    validate = ajv.compile({ $ref: `messages#/definitions/${schemaName}` });
    compiled.set(schemaName, validate);
  }
  return validate;
}

/** The first violation in words, or null when the value fits the named schema of api-spec/messages.yaml. */
export function findSchemaViolation(schemaName: string, value: unknown): string | null {
  const validate = validator(schemaName);
  if (validate(value)) return null;
  const first = validate.errors?.[0];
  return `${schemaName}${first?.instancePath ?? ''} ${first?.message ?? 'is invalid'}`;
}

/** A whole character in two halves; or (group 1) half of one, or NUL; or any other escape, so that `\\u0000` is a backslash and five letters. */
const escapes = /\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\(u[dD][89a-fA-F]..|u0000)|\\./gs;

/**
 * JSON knows NUL and halves of characters, and PostgreSQL stores neither: a result that held one (a name from a header that a guest wrote, a
 * tool's words cut in the middle of a character) could never be applied. They become U+FFFD before anybody sees them.
 */
function readJson(text: string): unknown {
  return JSON.parse(
    /\\u(?:0000|[dD][89a-fA-F])/.test(text)
      ? text.replace(escapes, (one, unusable?: string) => (unusable === undefined ? one : '\\ufffd'))
      : text,
  );
}

function parseAs<T>(schemaName: string, bytes: Buffer): Parsed<T> {
  let value: unknown;
  try {
    value = readJson(bytes.toString('utf8'));
  } catch {
    return { ok: false, reason: 'not JSON' };
  }
  const reason = findSchemaViolation(schemaName, value);
  return reason === null ? { ok: true, message: value as T } : { ok: false, reason };
}

/** A command whose parameters fit the schema of its type. */
export function parseCommand(bytes: Buffer): Parsed<Command> {
  const parsed = parseAs<Command>('Command', bytes);
  if (!parsed.ok) return parsed;
  const reason = findSchemaViolation(commandSchemas[parsed.message.type].params, parsed.message.params);
  return reason === null ? parsed : { ok: false, reason };
}

export function parseCancel(bytes: Buffer): Parsed<Cancel> {
  return parseAs<Cancel>('Cancel', bytes);
}

/** What comes by a queue of commands. */
export function parseOrder(bytes: Buffer): Parsed<Command | Cancel> {
  const cancel = parseCancel(bytes);
  return cancel.ok ? cancel : parseCommand(bytes);
}

export function parseResult(bytes: Buffer): Parsed<Result> {
  return parseAs<Result>('Result', bytes);
}

export function parseReport(bytes: Buffer): Parsed<Report> {
  return parseAs<Report>('Report', bytes);
}

export function parseNotice(bytes: Buffer): Parsed<Notice> {
  return parseAs<Notice>('Notice', bytes);
}
