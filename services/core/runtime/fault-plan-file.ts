// The text of a fault plan for processes: rules that say what happens at named points of a process, for fault tests and for a
// process started by hand. A mistake in a plan is an error: a typo must not test nothing.
//
//   rules:
//     - point: worker:after-effect
//       match: { step: create-image, phase: do }
//       occurrence: 1                # only the first time; `times: 3` is the first three; neither is always
//       react: { kill: SIGKILL }     # | { stop: 8000 } | { fail: { code, message } } | { delayMs: 50 } | { duplicate: true }
//
// `commands` and `points`, which may stand beside `rules`, belong to the drivers and are handed on unread.
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { type ErrorCode, errorCodes } from '../domain/errors.js';

export interface FaultReaction {
  /** The process ends itself by this signal; nothing after the point happens. */
  readonly kill?: 'SIGKILL' | 'SIGTERM';
  /** The process stands still for so many milliseconds: no timer, no heartbeat, as if stopped. */
  readonly stop?: number;
  readonly fail?: { readonly code: ErrorCode; readonly message: string };
  readonly delayMs?: number;
  /** What the point stands for is done twice. */
  readonly duplicate?: boolean;
}

export interface FaultRule {
  readonly point: string;
  /** Every fact named must have this value (or one of these). */
  readonly match?: Readonly<Record<string, string | number | readonly (string | number)[]>>;
  /** Only this one of the matching arrivals, counted from 1. */
  readonly occurrence?: number;
  /** Only so many of the first matching arrivals. */
  readonly times?: number;
  readonly react: FaultReaction;
}

export interface FaultPlanFile {
  readonly rules: readonly FaultRule[];
  /** What the drivers' own plan reader takes: `commands` and `points`; null when the file has neither. */
  readonly driverPlan: Readonly<Record<string, unknown>> | null;
}

const word = { type: ['string', 'number'] } as const;
const schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    commands: { type: 'array' },
    points: { type: 'array' },
    rules: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['point', 'react'],
        not: { required: ['occurrence', 'times'] },
        properties: {
          point: { type: 'string', pattern: '^[a-z-]+:[a-z-]+$' },
          match: { type: 'object', additionalProperties: { anyOf: [word, { type: 'array', items: word }] } },
          occurrence: { type: 'integer', minimum: 1 },
          times: { type: 'integer', minimum: 1 },
          react: {
            type: 'object',
            additionalProperties: false,
            minProperties: 1,
            properties: {
              kill: { enum: ['SIGKILL', 'SIGTERM'] },
              stop: { type: 'integer', minimum: 1 },
              delayMs: { type: 'integer', minimum: 0 },
              duplicate: { type: 'boolean' },
              fail: {
                type: 'object',
                additionalProperties: false,
                required: ['code', 'message'],
                properties: { code: { enum: Object.keys(errorCodes) }, message: { type: 'string' } },
              },
            },
          },
        },
      },
    },
  },
};

/** Reads a plan file (JSON or YAML). Throws an Error that names the file and the first mistake. */
export function readFaultPlan(file: string): FaultPlanFile {
  const text = readFileSync(file, 'utf8');
  // A generated plan has thousands of rules, and every process that is started again reads them all.
  const value: unknown = (file.endsWith('.json') ? JSON.parse(text) : parse(text)) ?? {};
  const validate = new Ajv2020({ strict: false }).compile(schema);
  if (!validate(value)) {
    const first = validate.errors?.[0];
    throw new Error(`fault plan ${file}: ${first?.instancePath ?? ''} ${first?.message ?? 'is invalid'}`);
  }
  const { rules = [], ...driverPlan } = value as { rules?: readonly FaultRule[] } & Record<string, unknown>;
  return { rules, driverPlan: Object.keys(driverPlan).length === 0 ? null : driverPlan };
}
