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
        get: operations["computeListVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The v2.1 version document */
        get: operations["computeShowVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/flavors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List flavors */
        get: operations["computeListFlavors"];
        put?: never;
        /** Create a flavor */
        post: operations["computeCreateFlavor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/flavors/detail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List flavors with detail */
        get: operations["computeListFlavorsDetail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/flavors/{flavor_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                flavor_id: string;
            };
            cookie?: never;
        };
        /** Show a flavor */
        get: operations["computeShowFlavor"];
        put?: never;
        post?: never;
        /** Delete a flavor; servers made from it keep their size */
        delete: operations["computeDeleteFlavor"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/flavors/{flavor_id}/os-extra_specs": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                flavor_id: string;
            };
            cookie?: never;
        };
        /** Extra specs of a flavor (always empty here) */
        get: operations["computeListFlavorExtraSpecs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/servers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List servers */
        get: operations["computeListServers"];
        put?: never;
        /** Create a server that boots from a volume */
        post: operations["computeCreateServer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/servers/detail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List servers with detail */
        get: operations["computeListServersDetail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/servers/{server_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
            };
            cookie?: never;
        };
        /** Show a server */
        get: operations["computeShowServer"];
        /** Rename a server */
        put: operations["computeUpdateServer"];
        post?: never;
        /** Delete a server; volumes go with it only where that was asked */
        delete: operations["computeDeleteServer"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/servers/{server_id}/action": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start, stop, reboot, force delete, or read the console; the one key of the body says which */
        post: operations["computeActOnServer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/servers/{server_id}/metadata": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
            };
            cookie?: never;
        };
        /** Metadata of a server */
        get: operations["computeListServerMetadata"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/servers/{server_id}/tags": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
            };
            cookie?: never;
        };
        /** Tags of a server (since 2.26, like the other tag calls) */
        get: operations["computeListServerTags"];
        /** Replace all tags */
        put: operations["computeReplaceServerTags"];
        post?: never;
        /** Remove all tags */
        delete: operations["computeDeleteServerTags"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/servers/{server_id}/tags/{tag}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
                tag: string;
            };
            cookie?: never;
        };
        /** Has the server the tag? */
        get: operations["computeCheckServerTag"];
        /** Add a tag */
        put: operations["computeAddServerTag"];
        post?: never;
        /** Remove a tag */
        delete: operations["computeDeleteServerTag"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/servers/{server_id}/os-security-groups": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
            };
            cookie?: never;
        };
        /** Security groups of a server (none, because there is no network) */
        get: operations["computeListServerSecurityGroups"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/servers/{server_id}/os-interface": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
            };
            cookie?: never;
        };
        /** Network interfaces of a server (none) */
        get: operations["computeListServerInterfaces"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/servers/{server_id}/os-volume_attachments": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
            };
            cookie?: never;
        };
        /** Volumes attached to a server */
        get: operations["computeListVolumeAttachments"];
        put?: never;
        /** Attach a volume */
        post: operations["computeCreateVolumeAttachment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/servers/{server_id}/os-volume_attachments/{volume_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
                volume_id: string;
            };
            cookie?: never;
        };
        /** Show an attachment */
        get: operations["computeShowVolumeAttachment"];
        put?: never;
        post?: never;
        /** Detach a volume */
        delete: operations["computeDeleteVolumeAttachment"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/servers/{server_id}/ips": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
            };
            cookie?: never;
        };
        /** Addresses of a server (always none here) */
        get: operations["computeListServerAddresses"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/servers/{server_id}/os-instance-actions": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
            };
            cookie?: never;
        };
        /** What was done to a server, the newest first; since 2.21 also of one that is gone */
        get: operations["computeListInstanceActions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/servers/{server_id}/os-instance-actions/{request_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
                request_id: string;
            };
            cookie?: never;
        };
        /** One action, and how it ended (administrators; since 2.51 everybody) */
        get: operations["computeShowInstanceAction"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/os-volumes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Volumes of the project (up to 2.35; the same in both lists) */
        get: operations["computeListProxyVolumes"];
        put?: never;
        /** Create a volume (up to 2.35) */
        post: operations["computeCreateProxyVolume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/os-volumes/detail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Volumes of the project, with detail (up to 2.35; the same in both lists) */
        get: operations["computeListProxyVolumesDetail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/os-volumes/{volume_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                volume_id: string;
            };
            cookie?: never;
        };
        /** Show a volume (up to 2.35) */
        get: operations["computeShowProxyVolume"];
        put?: never;
        post?: never;
        /** Delete a volume (up to 2.35) */
        delete: operations["computeDeleteProxyVolume"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/os-snapshots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Snapshots of the project (up to 2.35; the same in both lists) */
        get: operations["computeListProxySnapshots"];
        put?: never;
        /** Create a snapshot (up to 2.35) */
        post: operations["computeCreateProxySnapshot"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/os-snapshots/detail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Snapshots of the project, with detail (up to 2.35; the same in both lists) */
        get: operations["computeListProxySnapshotsDetail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/os-snapshots/{snapshot_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                snapshot_id: string;
            };
            cookie?: never;
        };
        /** Show a snapshot (up to 2.35) */
        get: operations["computeShowProxySnapshot"];
        put?: never;
        post?: never;
        /** Delete a snapshot (up to 2.35) */
        delete: operations["computeDeleteProxySnapshot"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/os-assisted-volume-snapshots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Switch the guest to an overlay that the caller has made */
        post: operations["computeCreateAssistedSnapshot"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/os-assisted-volume-snapshots/{snapshot_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                snapshot_id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Merge a file of a live chain */
        delete: operations["computeDeleteAssistedSnapshot"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/os-server-external-events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Events of other services; each is answered by itself */
        post: operations["computeCreateExternalEvents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/os-availability-zone": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Availability zones of compute hosts */
        get: operations["computeListZones"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/os-availability-zone/detail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Availability zones with their hosts (administrators) */
        get: operations["computeListZonesDetail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/os-services": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Compute workers (administrators) */
        get: operations["computeListServices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Limits and usage of the project */
        get: operations["computeShowLimits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/os-quota-sets/{project_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
            };
            cookie?: never;
        };
        /** Quotas of a project */
        get: operations["computeShowQuota"];
        /** Change quotas of a project (administrators) */
        put: operations["computeUpdateQuota"];
        post?: never;
        /** Return to the defaults (administrators) */
        delete: operations["computeDeleteQuota"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/os-quota-sets/{project_id}/defaults": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
            };
            cookie?: never;
        };
        /** Quotas of a project that has none of its own */
        get: operations["computeShowQuotaDefaults"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/os-quota-sets/{project_id}/detail": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project_id: components["parameters"]["ProjectId"];
            };
            cookie?: never;
        };
        /** Quotas of a project with usage */
        get: operations["computeShowQuotaDetail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/os-quota-class-sets/{class_name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                class_name: string;
            };
            cookie?: never;
        };
        /** Quotas of a class; `default` is what projects without quotas of their own get (administrators) */
        get: operations["computeShowQuotaClass"];
        /** Change the quotas of a class (administrators) */
        put: operations["computeUpdateQuotaClass"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/os-keypairs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Key pairs (none; guests are reached by their console) */
        get: operations["computeListKeypairs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2.1/extensions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Extensions */
        get: operations["computeListExtensions"];
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
        Fault: {
            [key: string]: {
                code: number | string;
                message: string;
                title?: string;
                retryAfter?: string;
            };
        };
        Uuid: string;
        UuidLike: string;
        ZuluTime: string;
        NaiveTime: string;
        Name: string;
        DeviceName: string | null;
        Metadata: {
            [key: string]: string;
        };
        Link: {
            rel: string;
            href: string;
            type?: string;
        };
        Links: components["schemas"]["Link"][];
        Version: {
            id: string;
            status: string;
            version: string;
            min_version: string;
            updated: string;
            links: components["schemas"]["Links"];
        };
        VersionDetail: {
            id: string;
            status: string;
            version: string;
            min_version: string;
            updated: string;
            links: components["schemas"]["Links"];
            "media-types": {
                base: string;
                type: string;
            }[];
        };
        QuotaValue: number | string;
        /** @description What this service does not count can be sent and stays what it is. */
        QuotaUpdate: {
            instances?: components["schemas"]["QuotaValue"];
            cores?: components["schemas"]["QuotaValue"];
            ram?: components["schemas"]["QuotaValue"];
            force?: components["schemas"]["BooleanLike"];
            tenant_id?: string;
        };
        /** @description What this service does not count can not be sent. */
        QuotaClassUpdate: {
            instances?: components["schemas"]["QuotaValue"];
            cores?: components["schemas"]["QuotaValue"];
            ram?: components["schemas"]["QuotaValue"];
        };
        FlavorSummary: {
            id: string;
            name: string;
            links: components["schemas"]["Links"];
        };
        Flavor: {
            id: string;
            name: string;
            /** @description MiB */
            ram: number;
            vcpus: number;
            /** @description GiB; guests boot from volumes whatever it says */
            disk: number;
            /** @description MiB, or the empty string for none */
            swap: string | number;
            links: components["schemas"]["Links"];
            "OS-FLV-EXT-DATA:ephemeral": number;
            "OS-FLV-DISABLED:disabled": boolean;
            "os-flavor-access:is_public": boolean;
            rxtx_factor: number;
            /** @description Since 2.55 */
            description?: string | null;
        };
        FlavorCreate: {
            flavor: {
                name: components["schemas"]["Name"];
                id?: string | number | null;
                ram: components["schemas"]["PositiveNumber"];
                vcpus: components["schemas"]["PositiveNumber"];
                disk: components["schemas"]["NaturalNumber"];
                swap?: components["schemas"]["NaturalNumber"];
                "OS-FLV-EXT-DATA:ephemeral"?: components["schemas"]["NaturalNumber"];
                rxtx_factor?: number | string;
                "os-flavor-access:is_public"?: components["schemas"]["BooleanLike"];
                description?: string | null;
            };
        };
        PositiveNumber: number | string;
        NaturalNumber: number | string;
        /** @enum {unknown} */
        BooleanLike: true | false | "True" | "TRUE" | "true" | "1" | "ON" | "On" | "on" | "YES" | "Yes" | "yes" | "y" | "t" | "False" | "FALSE" | "false" | "0" | "OFF" | "Off" | "off" | "NO" | "No" | "no" | "n" | "f";
        ServerSummary: {
            id: components["schemas"]["Uuid"];
            name: string;
            links: components["schemas"]["Links"];
        };
        SecurityGroups: {
            name: string;
        }[];
        IdLinks: {
            id: string;
            links: components["schemas"]["Links"];
        };
        Server: {
            id: components["schemas"]["Uuid"];
            name: string;
            /** @enum {string} */
            status: "BUILD" | "ACTIVE" | "SHUTOFF" | "ERROR" | "DELETED" | "REBOOT" | "HARD_REBOOT";
            image: "" | components["schemas"]["IdLinks"];
            flavor: components["schemas"]["IdLinks"] | components["schemas"]["EmbeddedFlavor"];
            user_id: string;
            tenant_id: string;
            created: components["schemas"]["ZuluTime"];
            updated: components["schemas"]["ZuluTime"];
            metadata: {
                [key: string]: string;
            };
            links: components["schemas"]["Links"];
            addresses: Record<string, never>;
            hostId: string;
            progress?: number;
            accessIPv4?: string;
            accessIPv6?: string;
            key_name?: string | null;
            security_groups?: components["schemas"]["SecurityGroups"];
            config_drive?: string;
            fault?: {
                code: number;
                created: components["schemas"]["ZuluTime"];
                message: string;
                details?: string;
            };
            /** @enum {string} */
            "OS-DCF:diskConfig"?: "MANUAL" | "AUTO";
            "OS-SRV-USG:launched_at"?: components["schemas"]["NaiveTime"] | null;
            "OS-SRV-USG:terminated_at"?: components["schemas"]["NaiveTime"] | null;
            "OS-EXT-AZ:availability_zone"?: string;
            "OS-EXT-STS:task_state"?: string | null;
            "OS-EXT-STS:vm_state"?: string;
            /** @enum {integer} */
            "OS-EXT-STS:power_state"?: 0 | 1 | 3 | 4 | 6 | 7;
            "OS-EXT-SRV-ATTR:host"?: string | null;
            "OS-EXT-SRV-ATTR:instance_name"?: string;
            "OS-EXT-SRV-ATTR:hypervisor_hostname"?: string | null;
            "os-extended-volumes:volumes_attached"?: components["schemas"]["AttachedVolume"][];
            "OS-EXT-SRV-ATTR:reservation_id"?: string;
            "OS-EXT-SRV-ATTR:launch_index"?: number;
            "OS-EXT-SRV-ATTR:hostname"?: string;
            "OS-EXT-SRV-ATTR:kernel_id"?: string;
            "OS-EXT-SRV-ATTR:ramdisk_id"?: string;
            "OS-EXT-SRV-ATTR:root_device_name"?: string | null;
            "OS-EXT-SRV-ATTR:user_data"?: string | null;
            locked?: boolean;
            /** @enum {string} */
            host_status?: "UP" | "DOWN" | "MAINTENANCE" | "UNKNOWN" | "";
            description?: string | null;
            tags?: string[];
        };
        AttachedVolume: {
            id: string;
            /** @description Since 2.3 */
            delete_on_termination?: boolean;
        };
        /** @description Since 2.47 the flavor as it was when the server was made */
        EmbeddedFlavor: {
            original_name: string;
            ram: number;
            vcpus: number;
            disk: number;
            swap: number;
            ephemeral: number;
            extra_specs: {
                [key: string]: string;
            };
        };
        Tag: string;
        Tags: {
            tags: components["schemas"]["Tag"][];
        };
        ServerCreate: {
            "os:scheduler_hints"?: Record<string, never>;
            "OS-SCH-HNT:scheduler_hints"?: Record<string, never>;
            server: {
                name: components["schemas"]["Name"];
                flavorRef: string | number;
                imageRef?: string | null;
                adminPass?: string;
                metadata?: components["schemas"]["Metadata"];
                description?: string | null;
                tags?: components["schemas"]["Tag"][];
                networks?: {
                    [key: string]: unknown;
                }[] | ("none" | "auto");
                user_data?: string | null;
                key_name?: string | null;
                security_groups?: ({
                    name?: string;
                } & {
                    [key: string]: unknown;
                })[];
                availability_zone?: string | null;
                min_count?: components["schemas"]["PositiveNumber"];
                max_count?: components["schemas"]["PositiveNumber"];
                config_drive?: components["schemas"]["BooleanLike"] | null | "";
                accessIPv4?: string | null;
                accessIPv6?: string | null;
                personality?: unknown[];
                /** @enum {string} */
                "OS-DCF:diskConfig"?: "AUTO" | "MANUAL";
                return_reservation_id?: components["schemas"]["BooleanLike"];
                /** @description The older form; device_name decides the order, the first one boots. */
                block_device_mapping?: {
                    device_name?: string | null;
                    volume_id?: string | null;
                    snapshot_id?: string | null;
                    volume_size?: number | string | null;
                    delete_on_termination?: components["schemas"]["BooleanLike"] | null;
                    no_device?: string | Record<string, never> | boolean | null;
                    connection_info?: string;
                    virtual_name?: string;
                }[];
                block_device_mapping_v2?: {
                    /** @enum {string} */
                    source_type?: "volume" | "image" | "snapshot" | "blank";
                    uuid?: components["schemas"]["UuidLike"];
                    /** @enum {string} */
                    destination_type?: "volume" | "local";
                    boot_index?: number | string | null;
                    delete_on_termination?: components["schemas"]["BooleanLike"] | null;
                    volume_size?: number | string | null;
                    device_name?: string | null;
                    disk_bus?: string | null;
                    device_type?: string | null;
                    guest_format?: string | null;
                    tag?: components["schemas"]["Tag"];
                    no_device?: string | Record<string, never> | boolean | null;
                }[];
            };
        };
        /** @description One of the actions */
        ServerAction: Record<string, never>;
        ServerReboot: {
            reboot: {
                /** @enum {string} */
                type: "SOFT" | "HARD" | "soft" | "hard" | "Soft" | "Hard";
            };
        };
        ServerConsole: {
            "os-getConsoleOutput": {
                length?: number | string | null;
            };
        };
        VolumeAttachment: {
            id: components["schemas"]["Uuid"];
            serverId: components["schemas"]["Uuid"];
            volumeId: components["schemas"]["Uuid"];
            device?: string;
        };
        InstanceAction: {
            /**
             * @example create
             * @example attach_volume
             * @example extend_volume
             * @example reboot
             */
            action: string;
            instance_uuid: components["schemas"]["Uuid"];
            /** @description Error when it failed */
            message: string | null;
            project_id: string;
            request_id: string;
            start_time: components["schemas"]["NaiveTime"];
            user_id: string;
            updated_at?: components["schemas"]["NaiveTime"];
        };
        InstanceActionDetail: {
            /**
             * @example create
             * @example attach_volume
             * @example extend_volume
             * @example reboot
             */
            action: string;
            instance_uuid: components["schemas"]["Uuid"];
            /** @description Error when it failed */
            message: string | null;
            project_id: string;
            request_id: string;
            start_time: components["schemas"]["NaiveTime"];
            user_id: string;
            updated_at?: components["schemas"]["NaiveTime"];
            events?: components["schemas"]["InstanceActionEvent"][];
        };
        InstanceActionEvent: {
            /** @example compute_extend_volume */
            event: string;
            start_time: components["schemas"]["NaiveTime"];
            /** @description Null while it goes on */
            finish_time: string | null;
            /** @enum {string|null} */
            result: "Success" | "Error" | null;
            /** @description The reason of a failure, for administrators */
            traceback?: string | null;
        };
        /** @description An object without anything where there is no attachment */
        ProxyAttachment: {
            id?: components["schemas"]["Uuid"];
            volumeId?: components["schemas"]["Uuid"];
            serverId?: string;
            device?: string;
        };
        ProxyVolume: {
            id: components["schemas"]["Uuid"];
            status: string;
            size: number;
            availabilityZone: string;
            createdAt: components["schemas"]["NaiveTime"];
            attachments: components["schemas"]["ProxyAttachment"][];
            displayName: string | null;
            displayDescription: string | null;
            volumeType: string | null;
            snapshotId: string | null;
            metadata: {
                [key: string]: string;
            };
        };
        ProxyVolumeCreate: {
            volume: {
                size: number | string;
                display_name?: string;
                display_description?: string;
                volume_type?: string;
                availability_zone?: string;
                snapshot_id?: components["schemas"]["UuidLike"];
                metadata?: components["schemas"]["Metadata"];
            };
        };
        ProxySnapshot: {
            id: components["schemas"]["Uuid"];
            volumeId: components["schemas"]["Uuid"];
            status: string;
            size: number;
            createdAt: components["schemas"]["NaiveTime"];
            displayName: string | null;
            displayDescription: string | null;
        };
        ProxySnapshotCreate: {
            snapshot: {
                volume_id: components["schemas"]["UuidLike"];
                force?: components["schemas"]["BooleanLike"];
                display_name?: string;
                display_description?: string;
            };
        };
        Zone: {
            zoneName: string;
            zoneState: {
                available: boolean;
            };
            hosts: {
                [key: string]: {
                    [key: string]: {
                        available: boolean;
                        active: boolean;
                        updated_at: string | null;
                    };
                };
            } | null;
        };
    };
    responses: {
        /** @description What went wrong */
        Fault: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Fault"];
            };
        };
        /** @description Flavor */
        Flavor: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    flavor: components["schemas"]["Flavor"];
                };
            };
        };
        /** @description Server */
        Server: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    server: components["schemas"]["Server"];
                };
            };
        };
        /** @description Quotas; -1 is no limit */
        Quota: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    quota_set: {
                        id?: string;
                    } & {
                        [key: string]: number;
                    };
                };
            };
        };
        /** @description Quotas of a class; -1 is no limit */
        QuotaClass: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    quota_class_set: {
                        id?: string;
                    } & {
                        [key: string]: number;
                    };
                };
            };
        };
        /** @description Tags */
        Tags: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Tags"];
            };
        };
        /** @description Attachment */
        VolumeAttachment: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    volumeAttachment: components["schemas"]["VolumeAttachment"];
                };
            };
        };
        /** @description Volume */
        ProxyVolume: {
            headers: {
                Location?: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    volume: components["schemas"]["ProxyVolume"];
                };
            };
        };
        /** @description Snapshot */
        ProxySnapshot: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    snapshot: components["schemas"]["ProxySnapshot"];
                };
            };
        };
        /** @description The events, each with its own code */
        Events: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    events: {
                        name: string;
                        server_uuid: string;
                        tag?: string;
                        status: string;
                        code: number;
                    }[];
                };
            };
        };
    };
    parameters: {
        ServerId: string;
        ProjectId: string;
        Limit: string;
        Marker: string;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    computeListVersions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Versions */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        versions: components["schemas"]["Version"][];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeShowVersion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Version */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        version: components["schemas"]["VersionDetail"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeListFlavors: {
        parameters: {
            query?: {
                limit?: components["parameters"]["Limit"];
                marker?: components["parameters"]["Marker"];
                minRam?: string;
                minDisk?: string;
                /** @description true, false or None (administrators only) */
                is_public?: string;
                sort_key?: string;
                sort_dir?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Flavors */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        flavors: components["schemas"]["FlavorSummary"][];
                        flavors_links?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeCreateFlavor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FlavorCreate"];
            };
        };
        responses: {
            200: components["responses"]["Flavor"];
            "4XX": components["responses"]["Fault"];
        };
    };
    computeListFlavorsDetail: {
        parameters: {
            query?: {
                limit?: components["parameters"]["Limit"];
                marker?: components["parameters"]["Marker"];
                minRam?: string;
                minDisk?: string;
                /** @description true, false or None (administrators only) */
                is_public?: string;
                sort_key?: string;
                sort_dir?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Flavors */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        flavors: components["schemas"]["Flavor"][];
                        flavors_links?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeShowFlavor: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                flavor_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Flavor"];
            "4XX": components["responses"]["Fault"];
        };
    };
    computeDeleteFlavor: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                flavor_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeListFlavorExtraSpecs: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                flavor_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Extra specs */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        extra_specs: {
                            [key: string]: string;
                        };
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeListServers: {
        parameters: {
            query?: {
                limit?: components["parameters"]["Limit"];
                marker?: components["parameters"]["Marker"];
                /** @description Part of the name (Nova takes a regular expression; here plain text with ^, $ and .*) */
                name?: string;
                status?: string;
                /** @description Administrators only */
                all_tenants?: string;
                /** @description Administrators only */
                project_id?: string;
                /** @description Administrators only */
                host?: string;
                "changes-since"?: string;
                sort_key?: string;
                sort_dir?: string;
                deleted?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Servers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        servers: components["schemas"]["ServerSummary"][];
                        servers_links?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeCreateServer: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ServerCreate"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        server: {
                            id: components["schemas"]["Uuid"];
                            links: components["schemas"]["Links"];
                            adminPass: string;
                            /** @enum {string} */
                            "OS-DCF:diskConfig": "MANUAL" | "AUTO";
                            security_groups: components["schemas"]["SecurityGroups"];
                        };
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeListServersDetail: {
        parameters: {
            query?: {
                limit?: components["parameters"]["Limit"];
                marker?: components["parameters"]["Marker"];
                /** @description Part of the name (Nova takes a regular expression; here plain text with ^, $ and .*) */
                name?: string;
                status?: string;
                /** @description Administrators only */
                all_tenants?: string;
                /** @description Administrators only */
                project_id?: string;
                /** @description Administrators only */
                host?: string;
                "changes-since"?: string;
                sort_key?: string;
                sort_dir?: string;
                deleted?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Servers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        servers: components["schemas"]["Server"][];
                        servers_links?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeShowServer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Server"];
            "4XX": components["responses"]["Fault"];
        };
    };
    computeUpdateServer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    server: {
                        name?: components["schemas"]["Name"];
                        description?: string | null;
                        accessIPv4?: string | null;
                        accessIPv6?: string | null;
                        /** @enum {string} */
                        "OS-DCF:diskConfig"?: "AUTO" | "MANUAL";
                    };
                };
            };
        };
        responses: {
            200: components["responses"]["Server"];
            "4XX": components["responses"]["Fault"];
        };
    };
    computeDeleteServer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeActOnServer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ServerAction"];
            };
        };
        responses: {
            /** @description Console output (os-getConsoleOutput) */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        output: string;
                    };
                };
            };
            /** @description Accepted (all other actions) */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeListServerMetadata: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Metadata */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        metadata: components["schemas"]["Metadata"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeListServerTags: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Tags"];
            "4XX": components["responses"]["Fault"];
        };
    };
    computeReplaceServerTags: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Tags"];
            };
        };
        responses: {
            200: components["responses"]["Tags"];
            "4XX": components["responses"]["Fault"];
        };
    };
    computeDeleteServerTags: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeCheckServerTag: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
                tag: string;
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
            "4XX": components["responses"]["Fault"];
        };
    };
    computeAddServerTag: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
                tag: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Added */
            201: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It was there */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeDeleteServerTag: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
                tag: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeListServerSecurityGroups: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Security groups */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        security_groups: unknown[];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeListServerInterfaces: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Interfaces */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        interfaceAttachments: unknown[];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeListVolumeAttachments: {
        parameters: {
            query?: {
                limit?: components["parameters"]["Limit"];
                offset?: string;
            };
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Attachments */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        volumeAttachments: components["schemas"]["VolumeAttachment"][];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeCreateVolumeAttachment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    volumeAttachment: {
                        volumeId: components["schemas"]["UuidLike"];
                        device?: components["schemas"]["DeviceName"];
                        tag?: components["schemas"]["Tag"];
                    };
                };
            };
        };
        responses: {
            200: components["responses"]["VolumeAttachment"];
            "4XX": components["responses"]["Fault"];
        };
    };
    computeShowVolumeAttachment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
                volume_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["VolumeAttachment"];
            "4XX": components["responses"]["Fault"];
        };
    };
    computeDeleteVolumeAttachment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
                volume_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeListServerAddresses: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Addresses */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        addresses: Record<string, never>;
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeListInstanceActions: {
        parameters: {
            query?: {
                limit?: components["parameters"]["Limit"];
                marker?: components["parameters"]["Marker"];
                /** @description Since 2.58 */
                "changes-since"?: string;
            };
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Actions */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        instanceActions: components["schemas"]["InstanceAction"][];
                        links?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeShowInstanceAction: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                server_id: components["parameters"]["ServerId"];
                request_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Action */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        instanceAction: components["schemas"]["InstanceActionDetail"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeListProxyVolumes: {
        parameters: {
            query?: {
                limit?: components["parameters"]["Limit"];
                offset?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Volumes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        volumes: components["schemas"]["ProxyVolume"][];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeCreateProxyVolume: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProxyVolumeCreate"];
            };
        };
        responses: {
            200: components["responses"]["ProxyVolume"];
            "4XX": components["responses"]["Fault"];
        };
    };
    computeListProxyVolumesDetail: {
        parameters: {
            query?: {
                limit?: components["parameters"]["Limit"];
                offset?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Volumes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        volumes: components["schemas"]["ProxyVolume"][];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeShowProxyVolume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                volume_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["ProxyVolume"];
            "4XX": components["responses"]["Fault"];
        };
    };
    computeDeleteProxyVolume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                volume_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeListProxySnapshots: {
        parameters: {
            query?: {
                limit?: components["parameters"]["Limit"];
                offset?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Snapshots */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        snapshots: components["schemas"]["ProxySnapshot"][];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeCreateProxySnapshot: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProxySnapshotCreate"];
            };
        };
        responses: {
            200: components["responses"]["ProxySnapshot"];
            "4XX": components["responses"]["Fault"];
        };
    };
    computeListProxySnapshotsDetail: {
        parameters: {
            query?: {
                limit?: components["parameters"]["Limit"];
                offset?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Snapshots */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        snapshots: components["schemas"]["ProxySnapshot"][];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeShowProxySnapshot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                snapshot_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["ProxySnapshot"];
            "4XX": components["responses"]["Fault"];
        };
    };
    computeDeleteProxySnapshot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                snapshot_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeCreateAssistedSnapshot: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    snapshot: {
                        volume_id: components["schemas"]["UuidLike"];
                        create_info: {
                            snapshot_id: components["schemas"]["UuidLike"];
                            /** @enum {string} */
                            type: "qcow2";
                            new_file: string;
                            id?: components["schemas"]["UuidLike"];
                        };
                    };
                };
            };
        };
        responses: {
            /** @description Accepted; progress is reported on the snapshot */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        snapshot: {
                            id: string | null;
                            volumeId: components["schemas"]["Uuid"];
                        };
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeDeleteAssistedSnapshot: {
        parameters: {
            query: {
                /** @description JSON with volume_id, file_to_merge, merge_target_file */
                delete_info: string;
            };
            header?: never;
            path: {
                snapshot_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeCreateExternalEvents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    events: {
                        /** @enum {string} */
                        name: "network-changed" | "network-vif-plugged" | "network-vif-unplugged" | "network-vif-deleted" | "volume-extended";
                        server_uuid: components["schemas"]["UuidLike"];
                        tag?: string;
                        /** @enum {string} */
                        status?: "failed" | "completed" | "in-progress";
                    }[];
                };
            };
        };
        responses: {
            200: components["responses"]["Events"];
            207: components["responses"]["Events"];
            "4XX": components["responses"]["Fault"];
        };
    };
    computeListZones: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Zones */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        availabilityZoneInfo: components["schemas"]["Zone"][];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeListZonesDetail: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Zones */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        availabilityZoneInfo: components["schemas"]["Zone"][];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeListServices: {
        parameters: {
            query?: {
                host?: string;
                binary?: string;
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
                        services: {
                            id: number | string;
                            /** @description Since 2.11 */
                            forced_down?: boolean;
                            binary: string;
                            host: string;
                            zone: string;
                            /** @enum {string} */
                            status: "enabled" | "disabled";
                            /** @enum {string} */
                            state: "up" | "down";
                            updated_at: string | null;
                            disabled_reason: string | null;
                        }[];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeShowLimits: {
        parameters: {
            query?: {
                /** @description Administrators only */
                tenant_id?: string;
                reserved?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Limits */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        limits: {
                            rate: unknown[];
                            absolute: {
                                [key: string]: number;
                            };
                        };
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeShowQuota: {
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
            200: components["responses"]["Quota"];
            "4XX": components["responses"]["Fault"];
        };
    };
    computeUpdateQuota: {
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
                    quota_set: components["schemas"]["QuotaUpdate"];
                };
            };
        };
        responses: {
            200: components["responses"]["Quota"];
            "4XX": components["responses"]["Fault"];
        };
    };
    computeDeleteQuota: {
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
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeShowQuotaDefaults: {
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
            200: components["responses"]["Quota"];
            "4XX": components["responses"]["Fault"];
        };
    };
    computeShowQuotaDetail: {
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
            /** @description Quotas with usage */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        quota_set: {
                            id: string;
                        } & {
                            [key: string]: {
                                limit: number;
                                in_use: number;
                                reserved: number;
                            };
                        };
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeShowQuotaClass: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                class_name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["QuotaClass"];
            "4XX": components["responses"]["Fault"];
        };
    };
    computeUpdateQuotaClass: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                class_name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    quota_class_set: components["schemas"]["QuotaClassUpdate"];
                };
            };
        };
        responses: {
            200: components["responses"]["QuotaClass"];
            "4XX": components["responses"]["Fault"];
        };
    };
    computeListKeypairs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Key pairs */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        keypairs: unknown[];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    computeListExtensions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Extensions */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        extensions: {
                            name: string;
                            alias: string;
                            description: string;
                            namespace: string;
                            updated: string;
                            links: unknown[];
                        }[];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
}
