// What every answer must be, whatever was asked: no failure of the server, a documented status, a body that fits the document (none with
// 204), refusals in the API's form, a request id.
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { ContractRecorder } from '../identity/contract-recorder.js';
import type { OpenApi, Operation } from './operations.js';
import type { PlannedRequest } from './requests.js';
import type { Received } from './send.js';

/** `fault`: one key that names the fault, or the dispatcher's three; `error`: Keystone's; `page`: WebOb's JSON, as Glance. */
export type FaultForm = 'fault' | 'error' | 'page';

function parseJson(text: string): unknown {
  return text === '' ? undefined : JSON.parse(text);
}

/** The one outage that a request may bring about: it names a service, or needs one, that is not there. */
const noService = /"message":"Service .* could not be found\."/;

const dispatched = { message: 'The resource could not be found.', code: '404 Not Found', title: 'Not Found' };

/** True when the answer is the dispatcher's: the odd path leads to nothing that is served. */
function isDispatchers(form: FaultForm, status: number, body: unknown): boolean {
  return form === 'fault' && status === 404 && isDeepStrictEqual(body, dispatched);
}

function demandFault(form: FaultForm, status: number, body: unknown): void {
  if (form === 'page' && status !== 401) {
    assert.deepEqual(Object.keys(body as object).sort(), ['code', 'message', 'title']);
    assert.match((body as { code: string }).code, new RegExp(`^${status} `));
    return;
  }
  const fields = body as Record<string, { code?: unknown; message?: unknown; title?: unknown }>;
  const [only, ...others] = Object.values(fields);
  // The token check's form is the same for all APIs.
  const isError = Object.hasOwn(fields, 'error');
  assert.equal(isError, form === 'error' || status === 401, 'the form of the refusal');
  assert.deepEqual(others, [], 'one key');
  assert.equal(only?.code, status);
  assert.equal(typeof only?.message, 'string');
}

export class Judge {
  private readonly ajv = new Ajv2020({ strict: false });
  private readonly actions = new Map<string, ValidateFunction>();

  constructor(
    document: OpenApi,
    private readonly recorder: ContractRecorder,
    private readonly form: FaultForm,
    /** Operations whose purpose is an answer of 501. */
    private readonly unserved: ReadonlySet<string> = new Set(),
  ) {
    this.ajv.addSchema(document, 'api');
  }

  /** Throws with the reason when the answer is none that a client may get. */
  judge(planned: PlannedRequest, received: Received): void {
    const { operation } = planned;
    const { status, headers, text } = received;
    assert.ok(
      status < 500 ||
        (status === 501 && this.unserved.has(operation.operationId)) ||
        (status === 503 && operation.mayBeUnavailable && noService.test(text)),
      `a failure: ${status} ${text}`,
    );
    assert.match(String(headers['x-openstack-request-id']), /^req-[0-9a-f-]{36}$/);
    if (status === 204) assert.equal(text, '', '204 has no body');
    if (operation.method === 'HEAD') assert.equal(text, '', 'HEAD has no body');
    if (text !== '') assert.equal(headers['content-type'], 'application/json');
    const body = parseJson(text);
    if (isDispatchers(this.form, status, body)) return;
    if (status >= 400 && operation.method !== 'HEAD') demandFault(this.form, status, body);
    // An odd segment may lead to another path of the document: what is there holds then.
    const path = planned.path.replace(/^(\/v3|\/v2\.1)\/[0-9a-f-]+(?=\/)/, '$1');
    if (operation.action?.success !== undefined && status < 400) this.judgeAction(operation, planned, status, body);
    else this.recorder.check(operation.method, path, undefined, status, body);
  }

  private judgeAction(operation: Operation, planned: PlannedRequest, status: number, body: unknown): void {
    // What was sent may have been spoilt into another action; its own test says what that one answers.
    const sent = Object.keys(JSON.parse(planned.body ?? '{}') as object);
    if (operation.action?.success === undefined || sent[0] !== operation.action.name) return;
    assert.equal(status, operation.action.success, 'the documented success');
    const { response } = operation.action;
    if (response === null) {
      assert.equal(body, undefined, 'no body is promised');
      return;
    }
    const validate =
      this.actions.get(operation.operationId) ?? this.compile(operation.operationId, response.$ref ?? '');
    assert.ok(validate(body), this.ajv.errorsText(validate.errors));
  }

  private compile(operationId: string, reference: string): ValidateFunction {
    const validate = this.ajv.compile({ $ref: `api${reference}` });
    this.actions.set(operationId, validate);
    return validate;
  }
}
