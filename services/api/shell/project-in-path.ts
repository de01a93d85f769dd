// The path below an API's prefix: a project id may stand behind the version (/v3/<project>/volumes and /v3/volumes are the same
// resource), and the version itself may end in a slash (/v3/ is /v3; nothing else may). Only what looks like a project id
// (Cinder: [0-9a-f-]+) is taken for one; no collection has such a name. Pure.

export interface SplitPath {
  /** The path without the project id. */
  readonly path: string;
  readonly projectId: string | null;
}

/** `behind` is the path of the version, `/v3`; null when the API takes no project id. */
export function splitProject(path: string, behind: string | null): SplitPath {
  if (/^\/[^/]+\/$/.test(path)) return { path: path.slice(0, -1), projectId: null };
  const whole = { path, projectId: null };
  if (behind === null || !path.startsWith(`${behind}/`)) return whole;
  const rest = path.slice(behind.length + 1);
  const end = rest.indexOf('/');
  // Alone it is no project id: /v3/<project> is not served, and there is nothing behind it to serve.
  if (end <= 0) return whole;
  const first = rest.slice(0, end);
  return /^[0-9a-f-]+$/.test(first) ? { path: `${behind}${rest.slice(end)}`, projectId: first } : whole;
}
