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
        get: operations["adminListVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List operations
         * @description The newest first. Several filters hold together.
         */
        get: operations["adminListOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operations/{operation_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                operation_id: components["parameters"]["OperationId"];
            };
            cookie?: never;
        };
        /**
         * Show an operation
         * @description With its parameters, its steps, what its steps have answered, and the locks it holds or waits for.
         */
        get: operations["adminShowOperation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operations/{operation_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                operation_id: components["parameters"]["OperationId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel an operation
         * @description A running copy, merge or flatten before its point of no return. It ends soon, as after a failure, and can be asked for again; 409 for every other.
         */
        post: operations["adminCancelOperation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/volumes/{volume_id}/flatten": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                volume_id: components["parameters"]["VolumeId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a volume independent soon
         * @description Of a volume that stands on another one's layers: what it shares is copied into its own base, ahead of others. 409 for a volume whose layers are all its own.
         */
        post: operations["adminFlattenVolume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/volumes/{volume_id}/chain": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                volume_id: components["parameters"]["VolumeId"];
            };
            cookie?: never;
        };
        /**
         * Show the chain of a volume
         * @description As it is on record, the oldest layer first, layers of other volumes included. What the files take is of the last check; a check renews it.
         */
        get: operations["adminShowChain"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chain-checks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check chains
         * @description Begins one operation per volume that reads the headers of its files, Cinder's record beside them and the block graph of its guest. Nothing is changed. A volume that cannot be checked is said, and the others are checked.
         */
        post: operations["adminCheckChains"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chain-checks/{operation_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                operation_id: components["parameters"]["OperationId"];
            };
            cookie?: never;
        };
        /** Show what a check has found */
        get: operations["adminShowChainCheck"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/share-scans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Look at everything that lies on a share
         * @description Reads names, headers, Cinder's records and Saggar's own, page by page, and changes nothing. Of each pool only the newest scan is kept.
         */
        post: operations["adminCreateShareScan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/share-scans/{scan_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                scan_id: components["parameters"]["ScanId"];
            };
            cookie?: never;
        };
        /** Show how far a scan is */
        get: operations["adminShowShareScan"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/share-scans/{scan_id}/plan": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                scan_id: components["parameters"]["ScanId"];
            };
            cookie?: never;
        };
        /**
         * Show what the share holds and what could be recorded
         * @description Made of the scan and of the rows of this moment. Volumes that others stand on come before those. `offset` begins behind so many volumes; totals are of all.
         */
        get: operations["adminShowSharePlan"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/share-scans/{scan_id}/findings": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                scan_id: components["parameters"]["ScanId"];
            };
            cookie?: never;
        };
        /**
         * List what is wrong or odd on a share
         * @description Nothing that is listed here is ever changed; volumes with an error are left alone.
         */
        get: operations["adminListShareFindings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/share-scans/{scan_id}/recordings": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                scan_id: components["parameters"]["ScanId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Record volumes that a scan has found
         * @description One transaction. No file is copied or renamed, no row that exists is changed. What is on record with the same files is only told, so the request can be repeated. Without `apply` nothing is stored and the answer is what would be.
         */
        post: operations["adminRecordVolumes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the shares and what is wrong with them */
        get: operations["adminListPools"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show what the audit has found, and when it has looked last */
        get: operations["adminShowAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools/{pool_name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `host@backend#share`, percent-encoded */
                pool_name: components["parameters"]["PoolName"];
            };
            cookie?: never;
        };
        /** Show a share, and how far it has been emptied */
        get: operations["adminShowPool"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools/{pool_name}/maintenance": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `host@backend#share`, percent-encoded */
                pool_name: components["parameters"]["PoolName"];
            };
            cookie?: never;
        };
        get?: never;
        /**
         * Begin the maintenance of a share
         * @description It gets no new volumes; those that are there go on. Refused (409) while copies of files are healed, or when nobody knows whether they are, unless forced. With `evacuate_at_once` its volumes move to other pools of the same worker, so many at the same time; those that cannot are listed with the reason. Asked again, it changes the reason, and tries again what had failed.
         */
        put: operations["adminMaintainPool"];
        post?: never;
        /**
         * End the maintenance of a share
         * @description Also ends its evacuation; moves under way go on.
         */
        delete: operations["adminResumePool"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/share-scans/{scan_id}/orphans": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                scan_id: string;
            };
            cookie?: never;
        };
        /**
         * List files that no row explains
         * @description Of a scan that has ended, against what is on record now.
         */
        get: operations["adminListOrphans"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/share-scans/{scan_id}/orphan-removals": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                scan_id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Move orphans to the trash
         * @description All that are named, or none and 409. The worker reads every header of the share before it moves a file.
         */
        post: operations["adminRemoveOrphans"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/volume-exports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Export a volume or a snapshot into a plain file
         * @description On the same share, in a directory of your choice, with a text beside it (`<file>.json`) that says what it is. A volume that is one plain file already stays where it is, and only the text is written. Asked again, what is there complete is not copied again. The text, and SHA256SUMS of the directory, hold the SHA-256 of the file. Nothing of the original changes. 409 for a volume that is not at rest; name a snapshot of it then. Of an encrypted volume a plain copy is made, and only with `decrypt`; the text then says `decrypted`. Else 400.
         */
        post: operations["adminExportVolume"];
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
        Links: {
            rel: string;
            href: string;
        }[];
        ShareScanAnswer: {
            share_scan: {
                id: string;
                pool: string;
                /** @enum {unknown} */
                state: "running" | "done" | "failed";
                /** @description Things seen so far */
                entries: number;
                error: components["schemas"]["OperationError"] | null;
                created_at: string;
                finished_at: string | null;
            };
        };
        ShareFinding: {
            code: string;
            /** @enum {unknown} */
            severity: "info" | "warning" | "error";
            volume_id: string | null;
            files: string[];
            text: string;
            /** @description What a person can do */
            cure: string;
        };
        SharePlan: {
            totals: {
                /** @description That can be recorded */
                volumes: number;
                /** @description Of those */
                snapshots: number;
                /** @description Of those, as they will count against quotas */
                gib: number;
                /** @description On record with the same files */
                known: number;
                /** @description Left alone because of an error */
                refused: number;
                errors: number;
                warnings: number;
            };
            volumes: {
                /** @description As the names of its files say */
                id: string;
                size_gib: number;
                virtual_size_bytes: number;
                /** @enum {unknown} */
                base_format: "raw" | "qcow2";
                /**
                 * @description How the format of the base is known
                 * @enum {unknown}
                 */
                evidence: "record" | "overlay" | "name" | "said" | "no-header" | "length";
                active_file: string;
                layers: number;
                snapshot_ids: string[];
                /** @description The volume on whose frozen layer it stands */
                backing_volume_id: string | null;
                /** @description Saggar's own record lies beside the data */
                has_record: boolean;
                /** @description By that record */
                name: string | null;
                /** @description By that record */
                project_id: string | null;
            }[];
        };
        Recording: {
            apply: boolean;
            /** @description Take what Saggar's own records beside the data say of names, projects and types */
            use_records?: boolean;
            /** @description For volumes of which none is known */
            project_id?: string;
            user_id?: string;
            /** @description Name or id; for volumes that say none */
            volume_type?: string;
            /** @enum {unknown} */
            base_format?: "raw" | "qcow2";
            volumes: components["schemas"]["RecordingVolume"][];
        };
        RecordingVolume: {
            file_id: components["schemas"]["Uuid"];
            id?: components["schemas"]["Uuid"];
            project_id?: string;
            user_id?: string;
            name?: string | null;
            description?: string | null;
            volume_type?: string | null;
            availability_zone?: string | null;
            bootable?: boolean;
            metadata?: components["schemas"]["Metadata"];
            created_at?: components["schemas"]["GivenTime"];
            /**
             * @description Of the base
             * @enum {unknown}
             */
            format?: "raw" | "qcow2";
            /** @description Somebody has it; it is recorded in maintenance */
            attached?: boolean;
            encrypted?: boolean;
            snapshots?: {
                id: components["schemas"]["Uuid"];
                name?: string | null;
                description?: string | null;
                created_at?: components["schemas"]["GivenTime"];
                metadata?: components["schemas"]["Metadata"];
            }[];
        };
        RecordingResult: {
            recorded: string[];
            known: string[];
            refused: {
                id: string;
                reason: string;
            }[];
        };
        Metadata: {
            [key: string]: string;
        };
        /** @description UTC */
        GivenTime: string | null;
        Uuid: string;
        /** @enum {unknown} */
        OperationState: "pending" | "running" | "undoing" | "stuck" | "done" | "failed";
        OperationError: {
            code: string;
            message: string;
            /** @description What can be done about it */
            recovery: string;
            /** @description From the worker; for the person who looks into it */
            detail?: string;
        };
        ResourceRef: {
            /** @enum {unknown} */
            type: "volume" | "snapshot" | "attachment" | "server" | "pool";
            id: string;
        };
        OperationFields: {
            id: string;
            type: string;
            state: components["schemas"]["OperationState"];
            step: string | null;
            /** @enum {unknown} */
            phase: "do" | "undo";
            /** @description Percent of the step under way */
            progress: number;
            /** @description How often the step was asked and not answered to the end */
            tries: number;
            /** @description Since it was accepted until it ended or now */
            age_seconds: number;
            created_at: string;
            updated_at: string;
            finished_at: string | null;
            project_id: string;
            user_id: string;
            request_id: string;
            resources: components["schemas"]["ResourceRef"][];
            error: components["schemas"]["OperationError"] | null;
            /** @description What a person can do; null when nothing is asked of anybody */
            advice: string | null;
        };
        Operation: components["schemas"]["OperationFields"];
        OperationDetail: components["schemas"]["OperationFields"] & components["schemas"]["OperationWork"];
        OperationWork: {
            params: Record<string, never>;
            steps: {
                name: string;
                asked: boolean;
                done: boolean;
            }[];
            /** @description What each step has answered */
            outputs: Record<string, never>;
            locks: {
                resource: string;
                /** @enum {unknown} */
                mode: "read" | "use" | "chain";
                held: boolean;
            }[];
            /** @description Operations that have to end first */
            waits_for: string[];
            /** @description Of the worker that was asked; null while it pauses */
            queue: string | null;
            /** @description When the step is asked again if nothing is heard */
            wake_at: string | null;
        };
        ChainFinding: {
            code: string;
            /** @enum {unknown} */
            severity: "error" | "warning";
            file: string | null;
            text: string;
            /** @description What a person can do */
            cure: string;
        };
        ChainCheck: {
            operation_id: string;
            volume_id: string;
            state: components["schemas"]["OperationState"];
            /** @description Who has been asked so far */
            witnesses: ("files" | "guest")[];
            /** @description Every difference; empty when all that were asked agree */
            findings: components["schemas"]["ChainFinding"][];
            error: components["schemas"]["OperationError"] | null;
            created_at: string;
            finished_at: string | null;
        };
        ChainLayer: {
            file: string;
            /** @enum {unknown} */
            format: "raw" | "qcow2";
            virtual_size_bytes: number;
            /** @description What the file takes on the share; null when it was never measured */
            allocated_bytes: number | null;
            /** @description Whose layer it is */
            volume_id: string | null;
            /** @description It belongs to another volume and is never changed on behalf of this one */
            foreign: boolean;
            /** @description The one that is written to */
            active: boolean;
            /** @description The snapshot whose data ends below this layer; null for a base */
            snapshot: {
                id: string;
                name: string | null;
                /** @description null for a snapshot that is not managed */
                status: string | null;
            } | null;
            /** @description Volumes whose own base stands on this layer */
            dependants: {
                id: string;
                name: string | null;
            }[];
        };
        VolumeChain: {
            volume: {
                id: string;
                name: string | null;
                status: string;
                size_gib: number;
                project_id: string;
                /** @description Its pool */
                host: string | null;
            };
            layers: components["schemas"]["ChainLayer"][];
            attachments: {
                server_id: string | null;
                host: string | null;
                status: string;
            }[];
            /** @description That have not ended on this volume */
            operations: components["schemas"]["Operation"][];
            flatten: components["schemas"]["Flatten"] | null;
            /** @description When allocated_bytes were read */
            measured_at: string | null;
        };
        ChainCheckWish: {
            volume_ids: string[];
        };
        /** @description How far a volume's independence is */
        Flatten: {
            /** @description Whose layers it stands on */
            backing_volume_id: string;
            /** @description When an administrator wished for it */
            requested_at: string | null;
            /** @description After a failure it is not tried again earlier */
            not_before: string | null;
            failures: number;
            error: components["schemas"]["OperationError"] | null;
        };
        MaintenanceWish: {
            reason?: string | null;
            /** @description Also while copies are healed */
            force?: boolean;
            /** @description Moves at the same time */
            evacuate_at_once?: number | null;
        };
        Audit: {
            /** @description End of the last round that went through; null: there was none yet */
            complete_at: string | null;
            /** @description Since then */
            age_seconds: number | null;
            /** @description That round */
            took_seconds: number | null;
            /** @description How much of each share a whole pass reads, and how long it takes; a large share is read in parts, one a round */
            shares: {
                pool: string;
                /** @description End of the last whole pass; null: the first goes on */
                whole_at: string | null;
                whole_seconds: number | null;
                /** @description Files and records that it read */
                entries: number | null;
            }[];
            findings: components["schemas"]["AuditFinding"][];
        };
        AuditFinding: {
            rule: string;
            /** @enum {unknown} */
            severity: "error" | "warning";
            /**
             * @description What it is about
             * @enum {unknown}
             */
            kind: "volume" | "snapshot" | "backup" | "server" | "operation" | "pool" | "scan" | "share";
            /** @description Its id, or the name of the pool; `more` where a rule found more than are told one by one */
            id: string;
            file: string | null;
            /** @description Where it was seen */
            pool: string | null;
            /** @description Whose report showed it */
            compute_host: string | null;
            text: string;
            /** @description What the rule compares */
            compares: string;
            /** @description What a person can do */
            cure: string;
            first_seen: string;
            last_seen: string;
            /** @description null: it is open */
            repaired_at: string | null;
            /** @description How often the audit has repaired it */
            repairs: number;
        };
        Pool: {
            name: string;
            /** @description host@backend */
            host: string;
            share: string;
            availability_zone: string;
            /** @enum {unknown} */
            state: "up" | "down";
            /** @description The shares file names it no more: its volumes go on, and it gets no new ones */
            retired: boolean;
            /** @description Its worker has reported within a minute */
            alive: boolean;
            servers: {
                host: string;
                port: number;
            }[];
            total_bytes: number | null;
            free_bytes: number | null;
            /** @description Sizes of its volumes in all */
            promised_gib: number;
            volumes: number;
            maintenance: null | {
                since: string;
                reason: string | null;
            };
            findings: {
                code: string;
                /** @enum {unknown} */
                severity: "info" | "warning" | "error";
                text: string;
                /** @description What to do about it */
                cure: string;
            }[];
            updated_at: string | null;
        };
        PoolAnswer: {
            pool: components["schemas"]["Pool"];
            evacuation: components["schemas"]["Evacuation"] | null;
        };
        Evacuation: {
            at_once: number;
            since: string;
            /** @description Volumes that were there when it began */
            total: number;
            /** @description Moved away or deleted since */
            gone: number;
            moving: number;
            waiting: number;
            /** @description Those that are there still */
            volumes: {
                volume_id: string;
                /** @enum {unknown} */
                outlook: "moving" | "waiting" | "stays";
                /** @description Why it stays */
                reason: string | null;
            }[];
        };
        OrphanRemoval: {
            files: string[];
        };
        Orphan: {
            file: string;
            size_bytes: number;
            allocated_bytes: number;
            modified_at: string;
            /** @description What the header says; raw when it says nothing */
            format: string;
            /** @description The volume that it is named after */
            volume_id: string | null;
            removable: boolean;
            kept_because: string | null;
        };
        ExportWish: {
            volume_id: string;
            /** @description What it kept instead of what the volume shows */
            snapshot_id?: string;
            directory: string;
            /**
             * @description Default: as it is where one file is all of it, else qcow2
             * @enum {unknown}
             */
            format?: "raw" | "qcow2";
            /**
             * @description False: a file that stays where it is is not read for its SHA-256. A copy always is.
             * @default true
             */
            checksum?: boolean;
            /**
             * @description An encrypted volume becomes a plain file; without this it is refused
             * @default false
             */
            decrypt?: boolean;
        };
    };
    responses: {
        /** @description Versions */
        Versions: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    versions: {
                        id: string;
                        status: string;
                        links: components["schemas"]["Links"];
                    }[];
                };
            };
        };
        /** @description What went wrong */
        Fault: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    [key: string]: {
                        code: number | string;
                        message: string;
                        title?: string;
                    };
                };
            };
        };
    };
    parameters: {
        /** @description At most 1000, which is the default */
        Limit: number;
        /** @description The id behind which the page begins */
        Marker: string;
        ScanId: string;
        VolumeId: string;
        /** @description `host@backend#share`, percent-encoded */
        PoolName: string;
        OperationId: string;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    adminListVersions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            300: components["responses"]["Versions"];
            "4XX": components["responses"]["Fault"];
        };
    };
    adminListOperations: {
        parameters: {
            query?: {
                /** @description One or more states, with commas; `active` stands for all that have not ended */
                state?: string;
                /** @description As in `volume-create` */
                type?: string;
                volume_id?: string;
                snapshot_id?: string;
                server_id?: string;
                project_id?: string;
                /** @description Of the request that asked for it */
                request_id?: string;
                /** @description At most 1000, which is the default */
                limit?: components["parameters"]["Limit"];
                /** @description The id behind which the page begins */
                marker?: components["parameters"]["Marker"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Operations */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        operations: components["schemas"]["Operation"][];
                        operations_links?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    adminShowOperation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                operation_id: components["parameters"]["OperationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description An operation */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        operation: components["schemas"]["OperationDetail"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    adminCancelOperation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                operation_id: components["parameters"]["OperationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The worker is told */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    adminFlattenVolume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                volume_id: components["parameters"]["VolumeId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is wished for */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        flatten: components["schemas"]["Flatten"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    adminShowChain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                volume_id: components["parameters"]["VolumeId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A chain */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        chain: components["schemas"]["VolumeChain"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    adminCheckChains: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChainCheckWish"];
            };
        };
        responses: {
            /** @description What was begun */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        chain_checks: {
                            volume_id: string;
                            operation_id: string | null;
                            /** @description Why there is no operation */
                            refusal: string | null;
                        }[];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    adminShowChainCheck: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                operation_id: components["parameters"]["OperationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A check */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        chain_check: components["schemas"]["ChainCheck"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    adminCreateShareScan: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    share_scan: {
                        /** @description host@backend#share */
                        pool: string;
                    };
                };
            };
        };
        responses: {
            /** @description The scan that has begun */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShareScanAnswer"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    adminShowShareScan: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                scan_id: components["parameters"]["ScanId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A scan */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShareScanAnswer"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    adminShowSharePlan: {
        parameters: {
            query?: {
                /** @description At most 1000, which is the default */
                limit?: components["parameters"]["Limit"];
                offset?: number;
                /** @description The format of bases that nothing on the share explains, where a person knows it */
                base_format?: "raw" | "qcow2";
            };
            header?: never;
            path: {
                scan_id: components["parameters"]["ScanId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The plan */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        share_plan: components["schemas"]["SharePlan"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    adminListShareFindings: {
        parameters: {
            query?: {
                /** @description At most 1000, which is the default */
                limit?: components["parameters"]["Limit"];
                offset?: number;
                base_format?: "raw" | "qcow2";
            };
            header?: never;
            path: {
                scan_id: components["parameters"]["ScanId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Findings */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        findings: components["schemas"]["ShareFinding"][];
                        total: number;
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    adminRecordVolumes: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                scan_id: components["parameters"]["ScanId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    recording: components["schemas"]["Recording"];
                };
            };
        };
        responses: {
            /** @description What was recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        recording: components["schemas"]["RecordingResult"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    adminListPools: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Pools by name */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        pools: components["schemas"]["Pool"][];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    adminShowAudit: {
        parameters: {
            query?: {
                /** @description With those of the last day that the audit has repaired by itself */
                repaired?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Open findings, the oldest first, then repaired ones */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        audit: components["schemas"]["Audit"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    adminShowPool: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `host@backend#share`, percent-encoded */
                pool_name: components["parameters"]["PoolName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A pool */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PoolAnswer"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    adminMaintainPool: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `host@backend#share`, percent-encoded */
                pool_name: components["parameters"]["PoolName"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    maintenance: components["schemas"]["MaintenanceWish"];
                };
            };
        };
        responses: {
            /** @description The pool */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PoolAnswer"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    adminResumePool: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `host@backend#share`, percent-encoded */
                pool_name: components["parameters"]["PoolName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It takes volumes again */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    adminListOrphans: {
        parameters: {
            query?: {
                /** @description At most 1000, which is the default */
                limit?: components["parameters"]["Limit"];
                offset?: number;
            };
            header?: never;
            path: {
                scan_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Orphans */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        orphans: components["schemas"]["Orphan"][];
                        total: number;
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    adminRemoveOrphans: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                scan_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrphanRemoval"];
            };
        };
        responses: {
            /** @description What was begun */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        orphan_removals: {
                            operation_id: string;
                            files: string[];
                        }[];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    adminExportVolume: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExportWish"];
            };
        };
        responses: {
            /** @description What was begun */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        volume_export: {
                            operation_id: string;
                            directory: string;
                            /** @description Relative to the share */
                            file: string;
                            /** @enum {unknown} */
                            format: "raw" | "qcow2";
                            /** @description False: the file stays where it is */
                            copied: boolean;
                        };
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
}
