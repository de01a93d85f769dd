// The embedded identity service as the shell serves it: Keystone's error form, no microversions, no project in paths.
import { readSpec } from '../../core/runtime/spec-files.js';
import type { ApiDefinition } from '../shell/api.js';
import type { OpenApiDocument } from '../shell/body-validator.js';
import type { IdentityApi } from './identity-api.js';
import { identityRoutes } from './routes.js';

/** Where the API lives on the port. */
export const identityPrefix = '/identity';

export function defineIdentityApi(api: IdentityApi): ApiDefinition {
  return {
    name: 'identity',
    prefix: identityPrefix,
    document: readSpec('identity') as OpenApiDocument,
    routes: identityRoutes(api),
    faults: 'error',
    versions: null,
    projectBehind: null,
    // A service could make an application credential of it, which never ends; a Keystone takes expired tokens for validation alone.
    acceptsExpired: false,
  };
}
