// What a client gets without a valid token: the answer of keystonemiddleware, which clients know (the fault envelopes of the
// APIs behind it never carry a 401). Pure.

export interface UnauthorizedResponse {
  readonly status: 401;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly error: { readonly code: 401; readonly title: string; readonly message: string } };
}

/** `identityUrl` is where to log in, e.g. http://10.0.0.1:8776/identity */
export function unauthorizedResponse(identityUrl: string): UnauthorizedResponse {
  return {
    status: 401,
    headers: { 'WWW-Authenticate': `Keystone uri="${identityUrl}"` },
    body: {
      error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' },
    },
  };
}
