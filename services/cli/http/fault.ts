// Reads the reason out of an OpenStack fault body, whatever its envelope, and says what a person can do. Envelopes differ per
// service: {"itemNotFound": {...}} (block storage, compute), {"error": {...}} (identity), {"message": ...} (unrouted paths).

/** The server's own words; null when the body has none. */
export function readFault(text: string): string | null {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof body !== 'object' || body === null) return null;
  for (const value of [body, ...Object.values(body)]) {
    if (typeof value !== 'object' || value === null) continue;
    const message = (value as { readonly message?: unknown }).message;
    if (typeof message === 'string' && message.trim() !== '') return message.trim();
  }
  return null;
}

/** What to do after an HTTP status; empty when the message is the whole story. */
export function cureOf(status: number): string {
  if (status === 401) return 'Log in again: check OS_USERNAME, OS_PASSWORD, OS_PROJECT_NAME and their domains.';
  if (status === 403)
    return 'Another role, project or quota is needed; see `saggar token issue` and `saggar quota show`.';
  if (status === 406) return 'Choose a version that the server has, with --os-volume-api-version.';
  if (status === 413) return 'Delete something, or ask for a larger quota (`saggar quota show`).';
  if (status === 503) return 'Try again later.';
  if (status >= 500) return 'Give the request id to the operator.';
  return '';
}
