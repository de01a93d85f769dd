// The options that every command takes: how to log in, and where. Each has an environment variable of OpenStack's own name.
// Pure data, so that the parser, the help, the completion and the settings reader agree.

export interface GlobalOption {
  /** Without dashes: `os-auth-url`. */
  readonly name: string;
  /** null for a switch. */
  readonly value: string | null;
  readonly about: string;
  /** The environment variable that means the same; null when there is none. */
  readonly variable: string | null;
}

function setting(name: string, value: string, about: string): GlobalOption {
  return { name, value, about, variable: name.toUpperCase().replaceAll('-', '_') };
}

export const globalOptions: readonly GlobalOption[] = [
  setting('os-cloud', 'name', 'entry of clouds.yaml to use'),
  setting('os-auth-url', 'url', 'URL of the identity service'),
  setting('os-auth-type', 'type', 'password, token or v3applicationcredential'),
  setting('os-username', 'name', 'user'),
  setting('os-user-id', 'id', 'user, by id'),
  setting('os-password', 'password', 'password (better in the environment or in clouds.yaml)'),
  setting('os-user-domain-name', 'name', "user's domain"),
  setting('os-user-domain-id', 'id', "user's domain, by id"),
  setting('os-project-name', 'name', 'project to work in'),
  setting('os-project-id', 'id', 'project to work in, by id'),
  setting('os-project-domain-name', 'name', "project's domain"),
  setting('os-project-domain-id', 'id', "project's domain, by id"),
  setting('os-domain-name', 'name', 'domain to be scoped to instead of a project'),
  setting('os-domain-id', 'id', 'domain to be scoped to, by id'),
  setting('os-token', 'token', 'existing token'),
  setting('os-application-credential-id', 'id', 'application credential'),
  setting('os-application-credential-name', 'name', 'application credential, by name (with the user)'),
  setting('os-application-credential-secret', 'secret', 'secret of the application credential'),
  setting('os-region-name', 'name', 'region of the catalog'),
  setting('os-interface', 'kind', 'public, internal or admin endpoint'),
  setting('os-cacert', 'file', 'certificates to trust, PEM'),
  setting('os-volume-api-version', 'version', 'block-storage microversion instead of the newest one'),
  setting('os-compute-api-version', 'version', 'compute microversion'),
  { name: 'insecure', value: null, about: 'do not verify the server certificate', variable: null },
  { name: 'timing', value: null, about: 'print how long each request took, on stderr', variable: null },
  { name: 'debug', value: null, about: 'print each request and its answer on stderr, without secrets', variable: null },
];

export type GlobalValues = Readonly<Record<string, string | boolean | undefined>>;
