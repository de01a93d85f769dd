// The closed list of error codes, each with its HTTP status, whether a retry can help, and what to do about it.
// Only services/api/shell/error-response.ts knows Cinder's fault envelope; drivers and workers know only these codes.
// The public message reaches clients; context and cause reach logs only, so host names, paths and errno texts go there.

export interface ErrorRule {
  readonly http: number;
  /** 'later': the same request can succeed without a change on the client's side. */
  readonly retry: 'never' | 'later';
  readonly recovery: string;
}

export const errorCodes = {
  bad_request: { http: 400, retry: 'never', recovery: 'correct the field that the message names' },
  unauthorized: { http: 401, retry: 'never', recovery: 'log in again' },
  forbidden: { http: 403, retry: 'never', recovery: 'ask for the role that the policy names' },
  not_found: { http: 404, retry: 'never', recovery: 'check the id and the project' },
  bad_method: { http: 405, retry: 'never', recovery: 'see the API reference for the methods of this path' },
  version_not_acceptable: { http: 406, retry: 'never', recovery: 'ask for a microversion within the printed range' },
  conflict: { http: 409, retry: 'never', recovery: 'choose another name or wait until the other request has ended' },
  volume_busy: { http: 409, retry: 'later', recovery: 'wait for the operation named in the message' },
  attachment_in_use: { http: 409, retry: 'never', recovery: 'detach the volume through the compute API' },
  idempotency_in_flight: { http: 409, retry: 'later', recovery: 'ask again with the same key when that one has ended' },
  idempotency_mismatch: { http: 422, retry: 'never', recovery: 'draw a new Idempotency-Key for every new request' },
  precondition_failed: { http: 412, retry: 'never', recovery: 'read the resource again and repeat with its ETag' },
  over_quota: { http: 413, retry: 'never', recovery: 'delete something or ask for a larger quota' },
  rate_limited: { http: 413, retry: 'later', recovery: 'ask again after the seconds that Retry-After names' },
  body_too_large: { http: 413, retry: 'never', recovery: 'send a smaller body' },
  bad_media_type: { http: 415, retry: 'never', recovery: 'send application/json' },
  volume_state: { http: 400, retry: 'never', recovery: 'bring the volume to one of the states listed in the message' },
  snapshot_state: {
    http: 400,
    retry: 'never',
    recovery: 'bring the snapshot to one of the states listed in the message',
  },
  server_state: { http: 409, retry: 'never', recovery: 'bring the server to one of the states listed in the message' },
  no_valid_backend: { http: 400, retry: 'later', recovery: 'free or add capacity, or change the volume type' },
  no_space: { http: 507, retry: 'later', recovery: 'free space on the share or add bricks' },
  service_unavailable: {
    http: 503,
    retry: 'later',
    recovery: 'start the service that the message names, or enable it',
  },
  backend_offline: { http: 503, retry: 'later', recovery: 'bring the share back; the operation is tried again' },
  hypervisor_offline: { http: 503, retry: 'later', recovery: 'start the guest or its compute worker' },
  guest_not_running: { http: 409, retry: 'later', recovery: 'the offline path is taken when the guest is stopped' },
  chain_mismatch: { http: 500, retry: 'never', recovery: 'run "saggar admin chain check" and compare by hand' },
  hostile_image: { http: 400, retry: 'never', recovery: 'convert the image to plain raw or qcow2 without references' },
  image_too_large: { http: 400, retry: 'never', recovery: 'make the volume as large as the disk in the image' },
  fenced: { http: 409, retry: 'never', recovery: 'a newer owner works on this volume; nothing to do' },
  deadline_exceeded: { http: 504, retry: 'later', recovery: 'look at the worker log; the step is asked again' },
  transfer_interrupted: {
    http: 400,
    retry: 'never',
    recovery: 'ask for a new transfer, and send or read without a pause',
  },
  cancelled: { http: 409, retry: 'later', recovery: 'ask again' },
  database_offline: { http: 503, retry: 'later', recovery: 'retry with backoff' },
  identity_offline: { http: 503, retry: 'later', recovery: 'bring the Keystone back, or mend identity.keystone' },
  image_service_offline: { http: 503, retry: 'later', recovery: 'bring the image service back, or mend images.glance' },
  not_implemented: { http: 501, retry: 'never', recovery: 'this deployment does not offer the feature' },
  internal: { http: 500, retry: 'later', recovery: 'look for the request id in the logs' },
} as const satisfies Record<string, ErrorRule>;

export type ErrorCode = keyof typeof errorCodes;

export interface ServiceErrorDetail {
  /** Facts for the log; never shown to a client. */
  readonly context?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** The one error type that crosses module boundaries. `message` is public. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ErrorCode;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, publicMessage: string, detail: ServiceErrorDetail = {}) {
    super(publicMessage, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.context = detail.context ?? {};
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCodes, value);
}

/** Any thrown value as a ServiceError; unknown values become `internal` and keep the original as cause. */
export function asServiceError(thrown: unknown): ServiceError {
  if (thrown instanceof ServiceError) return thrown;
  return new ServiceError(
    'internal',
    'The server has either erred or is incapable of performing the requested operation.',
    {
      cause: thrown,
    },
  );
}
