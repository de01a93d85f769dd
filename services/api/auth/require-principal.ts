// For handlers of routes that need a token, scoped or not. Routes that need a project use requireScope.
import type { RequestContext } from '../request-context.js';
import type { Principal } from './authenticate.js';

/** The person behind the request; the shell has refused requests without a token before a handler runs. */
export function requirePrincipal(context: RequestContext): Principal {
  if (context.principal === null) throw new Error('the route is open to requests without a token');
  return context.principal;
}
