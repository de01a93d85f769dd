// Generated from api-spec by `npm run generate`; do not edit.
export interface paths {
    "/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All versions of the API */
        get: operations["identityListVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The v3 version document */
        get: operations["identityShowVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/auth/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Validate the token in X-Subject-Token */
        get: operations["identityShowToken"];
        put?: never;
        /** Log in */
        post: operations["identityCreateToken"];
        /** Revoke the token in X-Subject-Token */
        delete: operations["identityRevokeToken"];
        options?: never;
        /** Validate the token in X-Subject-Token, without a body */
        head: operations["identityCheckToken"];
        patch?: never;
        trace?: never;
    };
    "/v3/auth/catalog": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The catalog for the token's project */
        get: operations["identityShowCatalog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/auth/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Projects the token's user can scope to */
        get: operations["identityListAuthProjects"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/auth/domains": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Domains the token's user can scope to */
        get: operations["identityListAuthDomains"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/domains": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List domains */
        get: operations["identityListDomains"];
        put?: never;
        /** Create a domain */
        post: operations["identityCreateDomain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/domains/{domain_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain_id: components["parameters"]["DomainId"];
            };
            cookie?: never;
        };
        /** Show a domain */
        get: operations["identityShowDomain"];
        put?: never;
        post?: never;
        /** Delete a disabled domain with everything in it */
        delete: operations["identityDeleteDomain"];
        options?: never;
        head?: never;
        /** Change a domain */
        patch: operations["identityUpdateDomain"];
        trace?: never;
    };
    "/v3/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List projects */
        get: operations["identityListProjects"];
        put?: never;
        /** Create a project */
        post: operations["identityCreateProject"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/projects/{project_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
            };
            cookie?: never;
        };
        /** Show a project */
        get: operations["identityShowProject"];
        put?: never;
        post?: never;
        /** Delete a project */
        delete: operations["identityDeleteProject"];
        options?: never;
        head?: never;
        /** Change a project */
        patch: operations["identityUpdateProject"];
        trace?: never;
    };
    "/v3/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List users */
        get: operations["identityListUsers"];
        put?: never;
        /** Create a user */
        post: operations["identityCreateUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/users/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        /** Show a user */
        get: operations["identityShowUser"];
        put?: never;
        post?: never;
        /** Delete a user and revoke its tokens */
        delete: operations["identityDeleteUser"];
        options?: never;
        head?: never;
        /** Change a user; a new password revokes the user's tokens */
        patch: operations["identityUpdateUser"];
        trace?: never;
    };
    "/v3/users/{user_id}/password": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change one's own password; the old password is the credential, no token is needed */
        post: operations["identityChangePassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/users/{user_id}/projects": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        /** Projects in which a user has a role */
        get: operations["identityListUserProjects"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List roles */
        get: operations["identityListRoles"];
        put?: never;
        /** Create a role */
        post: operations["identityCreateRole"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/roles/{role_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                role_id: components["parameters"]["RoleId"];
            };
            cookie?: never;
        };
        /** Show a role */
        get: operations["identityShowRole"];
        put?: never;
        post?: never;
        /** Delete a role and its assignments */
        delete: operations["identityDeleteRole"];
        options?: never;
        head?: never;
        /** Change a role */
        patch: operations["identityUpdateRole"];
        trace?: never;
    };
    "/v3/projects/{project_id}/users/{user_id}/roles": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        /** Roles of a user in a project */
        get: operations["identityListProjectGrants"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/projects/{project_id}/users/{user_id}/roles/{role_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                user_id: components["parameters"]["UserId"];
                role_id: components["parameters"]["RoleId"];
            };
            cookie?: never;
        };
        /** Has the user the role? Answered as HEAD is */
        get: operations["identityShowProjectRole"];
        /** Give a user a role in a project */
        put: operations["identityGrantProjectRole"];
        post?: never;
        /** Take the role away */
        delete: operations["identityRevokeProjectRole"];
        options?: never;
        /** Has the user the role in the project? */
        head: operations["identityCheckProjectRole"];
        patch?: never;
        trace?: never;
    };
    "/v3/domains/{domain_id}/users/{user_id}/roles": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain_id: components["parameters"]["DomainId"];
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        /** Roles of a user in a domain */
        get: operations["identityListDomainGrants"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/domains/{domain_id}/users/{user_id}/roles/{role_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain_id: components["parameters"]["DomainId"];
                user_id: components["parameters"]["UserId"];
                role_id: components["parameters"]["RoleId"];
            };
            cookie?: never;
        };
        /** Has the user the role? Answered as HEAD is */
        get: operations["identityShowDomainRole"];
        /** Give a user a role in a domain */
        put: operations["identityGrantDomainRole"];
        post?: never;
        /** Take the role away */
        delete: operations["identityRevokeDomainRole"];
        options?: never;
        /** Has the user the role in the domain? */
        head: operations["identityCheckDomainRole"];
        patch?: never;
        trace?: never;
    };
    "/v3/role_assignments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List role assignments */
        get: operations["identityListRoleAssignments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/services": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List services */
        get: operations["identityListServices"];
        put?: never;
        /** Refused - the catalog follows from the configuration */
        post: operations["identityCreateService"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/services/{service_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                service_id: string;
            };
            cookie?: never;
        };
        /** Show a service */
        get: operations["identityShowService"];
        put?: never;
        post?: never;
        /** Refused - the catalog follows from the configuration */
        delete: operations["identityDeleteService"];
        options?: never;
        head?: never;
        /** Refused - the catalog follows from the configuration */
        patch: operations["identityUpdateService"];
        trace?: never;
    };
    "/v3/endpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List endpoints */
        get: operations["identityListEndpoints"];
        put?: never;
        /** Refused - the catalog follows from the configuration */
        post: operations["identityCreateEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/regions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List regions */
        get: operations["identityListRegions"];
        put?: never;
        /** Refused - the catalog follows from the configuration */
        post: operations["identityCreateRegion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/endpoints/{endpoint_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                endpoint_id: string;
            };
            cookie?: never;
        };
        /** Show an endpoint */
        get: operations["identityShowEndpoint"];
        put?: never;
        post?: never;
        /** Refused - the catalog follows from the configuration */
        delete: operations["identityDeleteEndpoint"];
        options?: never;
        head?: never;
        /** Refused - the catalog follows from the configuration */
        patch: operations["identityUpdateEndpoint"];
        trace?: never;
    };
    "/v3/regions/{region_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                region_id: string;
            };
            cookie?: never;
        };
        /** Show a region */
        get: operations["identityShowRegion"];
        put?: never;
        post?: never;
        /** Refused - the catalog follows from the configuration */
        delete: operations["identityDeleteRegion"];
        options?: never;
        head?: never;
        /** Refused - the catalog follows from the configuration */
        patch: operations["identityUpdateRegion"];
        trace?: never;
    };
    "/v3/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Groups; there are none */
        get: operations["identityListGroups"];
        put?: never;
        /** Refused - groups are not offered */
        post: operations["identityCreateGroup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/auth/system": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** System scopes of the user; there are none */
        get: operations["identityListAuthSystem"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/system/users/{user_id}/roles": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        /** Roles of a user on the system; there are none */
        get: operations["identityListSystemGrants"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/system/users/{user_id}/roles/{role_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
                role_id: components["parameters"]["RoleId"];
            };
            cookie?: never;
        };
        get?: never;
        /** Refused - roles on the system are not offered */
        put: operations["identityGrantSystemRole"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/role_inferences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which roles imply which */
        get: operations["identityListRoleInferences"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/roles/{role_id}/implies": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                role_id: components["parameters"]["RoleId"];
            };
            cookie?: never;
        };
        /** Roles that a role implies */
        get: operations["identityListImpliedRoles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/roles/{role_id}/implies/{implied_role_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                role_id: components["parameters"]["RoleId"];
                implied_role_id: string;
            };
            cookie?: never;
        };
        /** Does the role imply the other? */
        get: operations["identityShowImpliedRole"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        /** Does the role imply the other? */
        head: operations["identityCheckImpliedRole"];
        patch?: never;
        trace?: never;
    };
    "/v3/users/{user_id}/application_credentials": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        /** Application credentials of a user */
        get: operations["identityListApplicationCredentials"];
        put?: never;
        /** Make an application credential of one's own for the token's project; the answer alone shows the secret */
        post: operations["identityCreateApplicationCredential"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/users/{user_id}/application_credentials/{application_credential_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
                application_credential_id: string;
            };
            cookie?: never;
        };
        /** Show an application credential */
        get: operations["identityShowApplicationCredential"];
        put?: never;
        post?: never;
        /** Delete an application credential and revoke its tokens */
        delete: operations["identityDeleteApplicationCredential"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/users/{user_id}/groups": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        /** Groups of a user; there are none */
        get: operations["identityListUserGroups"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/users/{user_id}/access_rules": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        /** Access rules of a user; there are none */
        get: operations["identityListAccessRules"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Error: {
            error: {
                code: number;
                title: string;
                message: string;
            };
        };
        HexId: string;
        DomainIdValue: string;
        ZuluTime: string;
        Name255: string;
        Name64: string;
        Password: string;
        SelfLink: {
            self: string;
        };
        ListLinks: {
            self: string;
            previous: string | null;
            next: string | null;
        };
        Version: {
            id: string;
            status: string;
            updated: string;
            links: {
                rel: string;
                href: string;
            }[];
            "media-types": {
                base: string;
                type: string;
            }[];
        };
        /** @description A domain by id or by name */
        DomainReference: {
            id?: string;
            name?: string;
        };
        TokenRequest: {
            auth: {
                identity: {
                    methods: string[];
                    password?: {
                        user: {
                            id?: string;
                            name?: string;
                            domain?: components["schemas"]["DomainReference"];
                            password: string;
                        };
                    };
                    token?: {
                        id: string;
                    };
                    application_credential?: {
                        id?: string;
                        name?: string;
                        user?: {
                            id?: string;
                            name?: string;
                            domain?: components["schemas"]["DomainReference"];
                        };
                        secret: string;
                    };
                };
                scope?: "unscoped" | {
                    project?: {
                        id?: string;
                        name?: string;
                        domain?: components["schemas"]["DomainReference"];
                    };
                    domain?: components["schemas"]["DomainReference"];
                    system?: Record<string, never>;
                    unscoped?: Record<string, never>;
                };
            };
        };
        IdName: {
            id: string;
            name: string;
        };
        InDomain: {
            id: string;
            name: string;
            domain: components["schemas"]["IdName"];
        };
        Token: {
            methods: string[];
            user: {
                id: string;
                name: string;
                domain: components["schemas"]["IdName"];
                password_expires_at: null;
            };
            audit_ids: string[];
            expires_at: components["schemas"]["ZuluTime"];
            issued_at: components["schemas"]["ZuluTime"];
            project?: components["schemas"]["InDomain"];
            domain?: components["schemas"]["IdName"];
            is_domain?: boolean;
            roles?: components["schemas"]["IdName"][];
            catalog?: components["schemas"]["Catalog"];
            application_credential?: {
                id: components["schemas"]["HexId"];
                name: string;
                restricted: boolean;
            };
        };
        Catalog: components["schemas"]["CatalogEntry"][];
        CatalogEntry: {
            id: components["schemas"]["HexId"];
            type: string;
            name: string;
            endpoints: {
                id: components["schemas"]["HexId"];
                /** @enum {string} */
                interface: "public" | "internal" | "admin";
                region: string;
                region_id: string;
                url: string;
            }[];
        };
        Domain: {
            id: components["schemas"]["DomainIdValue"];
            name: string;
            description: string;
            enabled: boolean;
            tags: string[];
            options: {
                [key: string]: unknown;
            };
            links: components["schemas"]["SelfLink"];
        };
        DomainCreate: {
            name: components["schemas"]["Name64"];
            description?: string | null;
            enabled?: boolean;
        };
        DomainUpdate: {
            name?: components["schemas"]["Name64"];
            description?: string | null;
            enabled?: boolean;
        };
        /** @description Attributes Keystone calls extras are kept and shown beside these. */
        Project: {
            id: components["schemas"]["HexId"];
            name: string;
            domain_id: components["schemas"]["DomainIdValue"];
            description: string;
            enabled: boolean;
            parent_id: string;
            is_domain: boolean;
            tags: string[];
            options: {
                [key: string]: unknown;
            };
            links: components["schemas"]["SelfLink"];
        };
        ProjectCreate: {
            name: components["schemas"]["Name64"];
            domain_id?: string | null;
            parent_id?: string | null;
            is_domain?: boolean;
            description?: string | null;
            enabled?: boolean;
            tags?: components["schemas"]["Name255"][];
            options?: {
                [key: string]: unknown;
            };
        };
        ProjectUpdate: {
            name?: components["schemas"]["Name64"];
            domain_id?: string | null;
            description?: string | null;
            enabled?: boolean;
            tags?: components["schemas"]["Name255"][];
            options?: {
                [key: string]: unknown;
            };
        };
        /** @description Attributes Keystone calls extras (email for one) are kept and shown beside these. */
        User: {
            id: components["schemas"]["HexId"];
            name: string;
            domain_id: components["schemas"]["DomainIdValue"];
            enabled: boolean;
            default_project_id?: string | null;
            description?: string | null;
            password?: never;
            password_expires_at: null;
            options: {
                [key: string]: unknown;
            };
            links: components["schemas"]["SelfLink"];
        };
        UserCreate: {
            name: components["schemas"]["Name255"];
            domain_id?: string | null;
            password?: components["schemas"]["Password"] | null;
            enabled?: boolean;
            default_project_id?: string | null;
            description?: string | null;
            options?: {
                [key: string]: unknown;
            };
        };
        UserUpdate: {
            name?: components["schemas"]["Name255"];
            domain_id?: string | null;
            password?: components["schemas"]["Password"] | null;
            enabled?: boolean;
            default_project_id?: string | null;
            description?: string | null;
            options?: {
                [key: string]: unknown;
            };
        };
        Role: {
            id: components["schemas"]["HexId"];
            name: string;
            domain_id: null;
            description: string | null;
            options: {
                [key: string]: unknown;
            };
            links: components["schemas"]["SelfLink"];
        };
        RoleCreate: {
            name: components["schemas"]["Name255"];
            domain_id?: null;
            description?: string | null;
            options?: {
                [key: string]: unknown;
            };
        };
        RoleUpdate: {
            name?: components["schemas"]["Name255"];
            description?: string | null;
            options?: {
                [key: string]: unknown;
            };
        };
        RoleAssignment: {
            role: components["schemas"]["AssignmentParty"];
            user: components["schemas"]["AssignmentParty"];
            scope: {
                project?: components["schemas"]["AssignmentParty"];
                domain?: components["schemas"]["AssignmentParty"];
            };
            links: {
                [key: string]: string;
            };
        };
        AssignmentParty: {
            id: string;
            name?: string;
            domain?: components["schemas"]["IdName"];
        };
        LinkedRole: {
            id: components["schemas"]["HexId"];
            name: string;
            links: components["schemas"]["SelfLink"];
        };
        RoleInference: {
            prior_role: components["schemas"]["LinkedRole"];
            implies: components["schemas"]["LinkedRole"][];
        };
        ApplicationCredential: {
            id: components["schemas"]["HexId"];
            name: string;
            description: string | null;
            project_id: components["schemas"]["HexId"];
            user_id: components["schemas"]["HexId"];
            system: null;
            unrestricted: boolean;
            expires_at: string | null;
            roles: {
                id: components["schemas"]["HexId"];
                name: string;
                domain_id: null;
                description: string | null;
                options: {
                    [key: string]: unknown;
                };
            }[];
            links: components["schemas"]["SelfLink"];
        };
        NewApplicationCredential: {
            id: components["schemas"]["HexId"];
            name: string;
            description: string | null;
            project_id: components["schemas"]["HexId"];
            user_id: components["schemas"]["HexId"];
            system: null;
            unrestricted: boolean;
            expires_at: string | null;
            roles: {
                id: components["schemas"]["HexId"];
                name: string;
                domain_id: null;
                description: string | null;
                options: {
                    [key: string]: unknown;
                };
            }[];
            links: components["schemas"]["SelfLink"];
            secret: string;
        };
        ApplicationCredentialCreate: {
            name: components["schemas"]["Name255"];
            description?: string | null;
            secret?: string | null;
            expires_at?: string | null;
            unrestricted?: boolean;
            roles?: {
                id?: string;
                name?: string;
            }[];
            /** @description Refused with 501 unless empty */
            access_rules?: Record<string, never>[];
        };
        Service: {
            id: components["schemas"]["HexId"];
            type: string;
            name: string;
            description: string;
            enabled: boolean;
            links: components["schemas"]["SelfLink"];
        };
        Endpoint: {
            id: components["schemas"]["HexId"];
            interface: string;
            region: string;
            region_id: string;
            service_id: components["schemas"]["HexId"];
            url: string;
            enabled: boolean;
            links: components["schemas"]["SelfLink"];
        };
        Region: {
            id: string;
            description: string;
            parent_region_id: string | null;
            links: components["schemas"]["SelfLink"];
        };
    };
    responses: {
        /** @description What went wrong */
        Error: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description Versions */
        Versions: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    versions: {
                        values: components["schemas"]["Version"][];
                    };
                };
            };
        };
        /** @description The token's facts; its secret is in the header X-Subject-Token */
        Token: {
            headers: {
                "X-Subject-Token"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    token: components["schemas"]["Token"];
                };
            };
        };
        /** @description Domain */
        Domain: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    domain: components["schemas"]["Domain"];
                };
            };
        };
        /** @description Domains */
        Domains: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    domains: components["schemas"]["Domain"][];
                    links: components["schemas"]["ListLinks"];
                };
            };
        };
        /** @description Project */
        Project: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    project: components["schemas"]["Project"];
                };
            };
        };
        /** @description Projects */
        Projects: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    projects: components["schemas"]["Project"][];
                    links: components["schemas"]["ListLinks"];
                };
            };
        };
        /** @description User */
        User: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    user: components["schemas"]["User"];
                };
            };
        };
        /** @description Role */
        Role: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    role: components["schemas"]["Role"];
                };
            };
        };
        /** @description Roles */
        Roles: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    roles: components["schemas"]["Role"][];
                    links: components["schemas"]["ListLinks"];
                };
            };
        };
    };
    parameters: {
        SubjectToken: string;
        Name: string;
        Type: string;
        /** @description false or 0 asks for disabled ones, anything else for enabled ones */
        Enabled: string;
        QueryDomainId: string;
        DomainId: string;
        ProjectId: string;
        UserId: string;
        RoleId: string;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    identityListVersions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            300: components["responses"]["Versions"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityShowVersion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Version 3 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        version: components["schemas"]["Version"];
                    };
                };
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityShowToken: {
        parameters: {
            query?: {
                nocatalog?: string;
            };
            header: {
                "X-Subject-Token": components["parameters"]["SubjectToken"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Token"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityCreateToken: {
        parameters: {
            query?: {
                /** @description Leave the catalog out (any value) */
                nocatalog?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenRequest"];
            };
        };
        responses: {
            201: components["responses"]["Token"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityRevokeToken: {
        parameters: {
            query?: never;
            header: {
                "X-Subject-Token": components["parameters"]["SubjectToken"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Revoked */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityCheckToken: {
        parameters: {
            query?: never;
            header: {
                "X-Subject-Token": components["parameters"]["SubjectToken"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The token is valid */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityShowCatalog: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Catalog */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        catalog: components["schemas"]["Catalog"];
                        links: components["schemas"]["ListLinks"];
                    };
                };
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityListAuthProjects: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Projects"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityListAuthDomains: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Domains"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityListDomains: {
        parameters: {
            query?: {
                name?: components["parameters"]["Name"];
                /** @description false or 0 asks for disabled ones, anything else for enabled ones */
                enabled?: components["parameters"]["Enabled"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Domains"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityCreateDomain: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    domain: components["schemas"]["DomainCreate"];
                };
            };
        };
        responses: {
            201: components["responses"]["Domain"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityShowDomain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain_id: components["parameters"]["DomainId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Domain"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityDeleteDomain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain_id: components["parameters"]["DomainId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityUpdateDomain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain_id: components["parameters"]["DomainId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    domain: components["schemas"]["DomainUpdate"];
                };
            };
        };
        responses: {
            200: components["responses"]["Domain"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityListProjects: {
        parameters: {
            query?: {
                name?: components["parameters"]["Name"];
                /** @description false or 0 asks for disabled ones, anything else for enabled ones */
                enabled?: components["parameters"]["Enabled"];
                domain_id?: components["parameters"]["QueryDomainId"];
                /** @description With all of these (commas between them) */
                tags?: string;
                /** @description With any of these */
                "tags-any"?: string;
                /** @description Without all of these together */
                "not-tags"?: string;
                /** @description Without any of these */
                "not-tags-any"?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Projects"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityCreateProject: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    project: components["schemas"]["ProjectCreate"];
                };
            };
        };
        responses: {
            201: components["responses"]["Project"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityShowProject: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Project"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityDeleteProject: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityUpdateProject: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    project: components["schemas"]["ProjectUpdate"];
                };
            };
        };
        responses: {
            200: components["responses"]["Project"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityListUsers: {
        parameters: {
            query?: {
                name?: components["parameters"]["Name"];
                /** @description false or 0 asks for disabled ones, anything else for enabled ones */
                enabled?: components["parameters"]["Enabled"];
                domain_id?: components["parameters"]["QueryDomainId"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Users */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        users: components["schemas"]["User"][];
                        links: components["schemas"]["ListLinks"];
                    };
                };
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityCreateUser: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    user: components["schemas"]["UserCreate"];
                };
            };
        };
        responses: {
            201: components["responses"]["User"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityShowUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["User"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityDeleteUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityUpdateUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    user: components["schemas"]["UserUpdate"];
                };
            };
        };
        responses: {
            200: components["responses"]["User"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityChangePassword: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    user: {
                        original_password: string;
                        password: components["schemas"]["Password"];
                    };
                };
            };
        };
        responses: {
            /** @description Changed */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityListUserProjects: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Projects"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityListRoles: {
        parameters: {
            query?: {
                name?: components["parameters"]["Name"];
                domain_id?: components["parameters"]["QueryDomainId"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Roles"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityCreateRole: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    role: components["schemas"]["RoleCreate"];
                };
            };
        };
        responses: {
            201: components["responses"]["Role"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityShowRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                role_id: components["parameters"]["RoleId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Role"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityDeleteRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                role_id: components["parameters"]["RoleId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityUpdateRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                role_id: components["parameters"]["RoleId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    role: components["schemas"]["RoleUpdate"];
                };
            };
        };
        responses: {
            200: components["responses"]["Role"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityListProjectGrants: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Roles"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityShowProjectRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                user_id: components["parameters"]["UserId"];
                role_id: components["parameters"]["RoleId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Yes */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityGrantProjectRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                user_id: components["parameters"]["UserId"];
                role_id: components["parameters"]["RoleId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Granted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityRevokeProjectRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                user_id: components["parameters"]["UserId"];
                role_id: components["parameters"]["RoleId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Taken away */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityCheckProjectRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
                user_id: components["parameters"]["UserId"];
                role_id: components["parameters"]["RoleId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Yes */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityListDomainGrants: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain_id: components["parameters"]["DomainId"];
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Roles"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityShowDomainRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain_id: components["parameters"]["DomainId"];
                user_id: components["parameters"]["UserId"];
                role_id: components["parameters"]["RoleId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Yes */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityGrantDomainRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain_id: components["parameters"]["DomainId"];
                user_id: components["parameters"]["UserId"];
                role_id: components["parameters"]["RoleId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Granted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityRevokeDomainRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain_id: components["parameters"]["DomainId"];
                user_id: components["parameters"]["UserId"];
                role_id: components["parameters"]["RoleId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Taken away */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityCheckDomainRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain_id: components["parameters"]["DomainId"];
                user_id: components["parameters"]["UserId"];
                role_id: components["parameters"]["RoleId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Yes */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityListRoleAssignments: {
        parameters: {
            query?: {
                "user.id"?: string;
                "role.id"?: string;
                "scope.project.id"?: string;
                "scope.domain.id"?: string;
                /** @description Any value but 0 and false */
                include_names?: string;
                /** @description Expand implied roles (any value but 0 and false) */
                effective?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Assignments */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        role_assignments: components["schemas"]["RoleAssignment"][];
                        links: components["schemas"]["ListLinks"];
                    };
                };
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityListServices: {
        parameters: {
            query?: {
                name?: components["parameters"]["Name"];
                type?: components["parameters"]["Type"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Services */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        services: components["schemas"]["Service"][];
                        links: components["schemas"]["ListLinks"];
                    };
                };
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityCreateService: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            501: components["responses"]["Error"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityShowService: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                service_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Service */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        service: components["schemas"]["Service"];
                    };
                };
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityDeleteService: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                service_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            501: components["responses"]["Error"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityUpdateService: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                service_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            501: components["responses"]["Error"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityListEndpoints: {
        parameters: {
            query?: {
                interface?: string;
                service_id?: string;
                region_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Endpoints */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        endpoints: components["schemas"]["Endpoint"][];
                        links: components["schemas"]["ListLinks"];
                    };
                };
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityCreateEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            501: components["responses"]["Error"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityListRegions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Regions */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        regions: components["schemas"]["Region"][];
                        links: components["schemas"]["ListLinks"];
                    };
                };
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityCreateRegion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            501: components["responses"]["Error"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityShowEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                endpoint_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Endpoint */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        endpoint: components["schemas"]["Endpoint"];
                    };
                };
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityDeleteEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                endpoint_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            501: components["responses"]["Error"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityUpdateEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                endpoint_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            501: components["responses"]["Error"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityShowRegion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                region_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Region */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        region: components["schemas"]["Region"];
                    };
                };
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityDeleteRegion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                region_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            501: components["responses"]["Error"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityUpdateRegion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                region_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            501: components["responses"]["Error"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityListGroups: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Always empty */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        groups: unknown[];
                        links: components["schemas"]["ListLinks"];
                    };
                };
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityCreateGroup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            501: components["responses"]["Error"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityListAuthSystem: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Always empty */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        system: unknown[];
                        links: components["schemas"]["ListLinks"];
                    };
                };
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityListSystemGrants: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Always empty */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        roles: unknown[];
                        links: components["schemas"]["ListLinks"];
                    };
                };
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityGrantSystemRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
                role_id: components["parameters"]["RoleId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            501: components["responses"]["Error"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityListRoleInferences: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Inferences */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        role_inferences: components["schemas"]["RoleInference"][];
                    };
                };
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityListImpliedRoles: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                role_id: components["parameters"]["RoleId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Inference */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        role_inference: components["schemas"]["RoleInference"];
                        links: components["schemas"]["SelfLink"];
                    };
                };
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityShowImpliedRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                role_id: components["parameters"]["RoleId"];
                implied_role_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Inference */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        role_inference: {
                            prior_role: components["schemas"]["LinkedRole"];
                            implies: components["schemas"]["LinkedRole"];
                        };
                        links: components["schemas"]["SelfLink"];
                    };
                };
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityCheckImpliedRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                role_id: components["parameters"]["RoleId"];
                implied_role_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Yes */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityListApplicationCredentials: {
        parameters: {
            query?: {
                name?: components["parameters"]["Name"];
            };
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Application credentials */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        application_credentials: components["schemas"]["ApplicationCredential"][];
                        links: components["schemas"]["ListLinks"];
                    };
                };
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityCreateApplicationCredential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    application_credential: components["schemas"]["ApplicationCredentialCreate"];
                };
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        application_credential: components["schemas"]["NewApplicationCredential"];
                    };
                };
            };
            501: components["responses"]["Error"];
            "4XX": components["responses"]["Error"];
        };
    };
    identityShowApplicationCredential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
                application_credential_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Application credential */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        application_credential: components["schemas"]["ApplicationCredential"];
                    };
                };
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityDeleteApplicationCredential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
                application_credential_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityListUserGroups: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Always empty */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        groups: unknown[];
                        links: components["schemas"]["ListLinks"];
                    };
                };
            };
            "4XX": components["responses"]["Error"];
        };
    };
    identityListAccessRules: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Always empty */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        access_rules: unknown[];
                        links: components["schemas"]["ListLinks"];
                    };
                };
            };
            "4XX": components["responses"]["Error"];
        };
    };
}
