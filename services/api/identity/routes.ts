// Every route of the identity API; the order is of no meaning.
import type { Route } from '../shell/route.js';
import { absentRoutes } from './absent-routes.js';
import { applicationCredentialRoutes } from './application-credential-routes.js';
import { assignmentRoutes } from './assignment-routes.js';
import { catalogRoutes } from './catalog-routes.js';
import { domainRoutes } from './domain-routes.js';
import type { IdentityApi } from './identity-api.js';
import { impliedRoleRoutes } from './implied-role-routes.js';
import { projectRoutes } from './project-routes.js';
import { roleRoutes } from './role-routes.js';
import { tokenRoutes } from './token-routes.js';
import { userRoutes } from './user-routes.js';
import { versionRoutes } from './version-routes.js';

export function identityRoutes(api: IdentityApi): readonly Route[] {
  return [
    ...versionRoutes(api),
    ...tokenRoutes(api),
    ...domainRoutes(api),
    ...projectRoutes(api),
    ...userRoutes(api),
    ...roleRoutes(api),
    ...assignmentRoutes(api),
    ...applicationCredentialRoutes(api),
    ...impliedRoleRoutes(api),
    ...catalogRoutes(api),
    ...absentRoutes(api),
  ];
}
