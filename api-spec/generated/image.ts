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
        get: operations["imageListVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All versions of the API, answered with 200 */
        get: operations["imageListVersionsPlain"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2/schemas/image": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The schema of an image */
        get: operations["imageShowImageSchema"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2/schemas/images": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The schema of a list of images */
        get: operations["imageShowImagesSchema"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2/schemas/member": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The schema of a member */
        get: operations["imageShowMemberSchema"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2/schemas/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The schema of a list of members */
        get: operations["imageShowMembersSchema"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2/images": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List images
         * @description Filters are name, status, id, owner, visibility, member_status, container_format, disk_format, min_disk, min_ram, size, checksum, os_hash_algo, os_hash_value, protected, os_hidden, created_at, updated_at, size_min, size_max, tag (as often as wanted, all must fit), and any custom property. `in:a,b` names several; gt, gte, lt, lte, eq and neq stand before numbers and times.
         */
        get: operations["imageListImages"];
        put?: never;
        /** Create an image's record; its data is sent afterwards */
        post: operations["imageCreateImage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2/images/{image_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
            };
            cookie?: never;
        };
        /** Show an image */
        get: operations["imageShowImage"];
        put?: never;
        post?: never;
        /**
         * Delete an image
         * @description The data goes as soon as no volume stands on it any more; the image itself is gone at once.
         */
        delete: operations["imageDeleteImage"];
        options?: never;
        head?: never;
        /**
         * Change an image
         * @description A list of operations in one of two types of body, application/openstack-images-v2.1-json-patch (add, replace and remove as in RFC 6902) and application/openstack-images-v2.0-json-patch (its fourth draft).
         */
        patch: operations["imageUpdateImage"];
        trace?: never;
    };
    "/v2/images/{image_id}/actions/deactivate": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let nobody but administrators have the data */
        post: operations["imageDeactivateImage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2/images/{image_id}/actions/reactivate": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give the data to everybody again who may use the image */
        post: operations["imageReactivateImage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2/images/{image_id}/file": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
            };
            cookie?: never;
        };
        /**
         * Read the data of an image
         * @description application/octet-stream, all of it or a range.
         */
        get: operations["imageDownloadImage"];
        /**
         * Send the data of an image
         * @description application/octet-stream, with or without Content-Length. The answer comes when the data is kept; what is not of the declared disk format, or refers to other files, is refused and the image is `queued` again.
         */
        put: operations["imageUploadImage"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2/images/{image_id}/stage": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
            };
            cookie?: never;
        };
        get?: never;
        /** Not offered - data is sent with PUT file */
        put: operations["imageStageImage"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2/images/{image_id}/import": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Not offered - there is no import method */
        post: operations["imageImportImage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2/images/{image_id}/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
            };
            cookie?: never;
        };
        /** Import tasks of an image, of which there are none */
        get: operations["imageListImageTasks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2/images/{image_id}/tags/{tag}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
                tag: string;
            };
            cookie?: never;
        };
        get?: never;
        /** Add a tag */
        put: operations["imageAddTag"];
        post?: never;
        /** Remove a tag */
        delete: operations["imageRemoveTag"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2/images/{image_id}/members": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
            };
            cookie?: never;
        };
        /** List the members of a shared image */
        get: operations["imageListMembers"];
        put?: never;
        /** Share an image with a project */
        post: operations["imageAddMember"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2/images/{image_id}/members/{member_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
                member_id: string;
            };
            cookie?: never;
        };
        /** Show a member */
        get: operations["imageShowMember"];
        /** Accept or reject an image that was shared with one's project */
        put: operations["imageUpdateMember"];
        post?: never;
        /** Share the image with the project no more */
        delete: operations["imageRemoveMember"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2/info/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The import methods, of which there are none */
        get: operations["imageShowImportMethods"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2/info/stores": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Not offered - where data lies is not chosen by clients */
        get: operations["imageListStores"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2/info/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the project's images take, and what they may */
        get: operations["imageShowUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v2/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tasks, of which there are none */
        get: operations["imageListTasks"];
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
        /** @enum {string|null} */
        ContainerFormat: "ami" | "ari" | "aki" | "bare" | "ovf" | "ova" | "docker" | "compressed" | null;
        /** @enum {string|null} */
        DiskFormat: "ami" | "ari" | "aki" | "vhd" | "vhdx" | "vmdk" | "raw" | "qcow2" | "vdi" | "iso" | "ploop" | null;
        /** @enum {string} */
        Visibility: "community" | "public" | "private" | "shared";
        /** @description Keys that are not listed are custom properties, and texts. */
        ImageCreate: {
            id?: string;
            name?: string | null;
            owner?: string | null;
            visibility?: components["schemas"]["Visibility"];
            protected?: boolean;
            os_hidden?: boolean;
            container_format?: components["schemas"]["ContainerFormat"];
            disk_format?: components["schemas"]["DiskFormat"];
            min_disk?: number;
            min_ram?: number;
            tags?: string[];
        };
        Image: {
            id: string;
            name: string | null;
            /** @enum {string} */
            status: "queued" | "saving" | "active" | "deactivated" | "killed" | "deleted" | "pending_delete";
            visibility: components["schemas"]["Visibility"];
            protected: boolean;
            os_hidden: boolean;
            owner: string;
            container_format: components["schemas"]["ContainerFormat"];
            disk_format: components["schemas"]["DiskFormat"];
            /** @description GiB */
            min_disk: number;
            /** @description MiB */
            min_ram: number;
            /** @description Bytes */
            size: number | null;
            /** @description Bytes */
            virtual_size: number | null;
            /** @description MD5 */
            checksum: string | null;
            os_hash_algo: string | null;
            os_hash_value: string | null;
            tags: string[];
            created_at: string;
            updated_at: string;
            self: string;
            file: string;
            schema: string;
        } & {
            [key: string]: string;
        };
        Member: {
            image_id: string;
            member_id: string;
            /** @enum {string} */
            status: "pending" | "accepted" | "rejected";
            created_at: string;
            updated_at: string;
            schema: string;
        };
    };
    responses: {
        /** @description An image */
        Image: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Image"];
            };
        };
        /** @description A member */
        Member: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Member"];
            };
        };
        /** @description A JSON schema */
        Schema: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    name: string;
                    properties: Record<string, never>;
                };
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
                        id: string;
                        status: string;
                        links: {
                            rel: string;
                            href: string;
                        }[];
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
                    message: string;
                    code: string;
                    title: string;
                };
            };
        };
    };
    parameters: {
        ImageId: string;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    imageListVersions: {
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
    imageListVersionsPlain: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Versions"];
            "4XX": components["responses"]["Fault"];
        };
    };
    imageShowImageSchema: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Schema"];
            "4XX": components["responses"]["Fault"];
        };
    };
    imageShowImagesSchema: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Schema"];
            "4XX": components["responses"]["Fault"];
        };
    };
    imageShowMemberSchema: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Schema"];
            "4XX": components["responses"]["Fault"];
        };
    };
    imageShowMembersSchema: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Schema"];
            "4XX": components["responses"]["Fault"];
        };
    };
    imageListImages: {
        parameters: {
            query?: {
                limit?: string;
                marker?: string;
                sort?: string;
                sort_key?: string;
                sort_dir?: string;
                name?: string;
                status?: string;
                visibility?: string;
                owner?: string;
                tag?: string;
                size_min?: string;
                size_max?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Images */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        images: components["schemas"]["Image"][];
                        first: string;
                        next?: string;
                        schema: string;
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    imageCreateImage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImageCreate"];
            };
        };
        responses: {
            201: components["responses"]["Image"];
            "4XX": components["responses"]["Fault"];
        };
    };
    imageShowImage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Image"];
            "4XX": components["responses"]["Fault"];
        };
    };
    imageDeleteImage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
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
            "4XX": components["responses"]["Fault"];
        };
    };
    imageUpdateImage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/openstack-images-v2.1-json-patch": unknown[];
            };
        };
        responses: {
            200: components["responses"]["Image"];
            "4XX": components["responses"]["Fault"];
        };
    };
    imageDeactivateImage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deactivated */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    imageReactivateImage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Active */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    imageDownloadImage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The data */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description There is none */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A range of it */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    imageUploadImage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Kept */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    imageStageImage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Fault"];
        };
    };
    imageImportImage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            "4XX": components["responses"]["Fault"];
        };
    };
    imageListImageTasks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Tasks */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        tasks: unknown[];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    imageAddTag: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
                tag: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Added */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    imageRemoveTag: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
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
    imageListMembers: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Members */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        members: components["schemas"]["Member"][];
                        schema: string;
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    imageAddMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    member: string;
                };
            };
        };
        responses: {
            200: components["responses"]["Member"];
            "4XX": components["responses"]["Fault"];
        };
    };
    imageShowMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
                member_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Member"];
            "4XX": components["responses"]["Fault"];
        };
    };
    imageUpdateMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
                member_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    status: "pending" | "accepted" | "rejected";
                };
            };
        };
        responses: {
            200: components["responses"]["Member"];
            "4XX": components["responses"]["Fault"];
        };
    };
    imageRemoveMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                image_id: components["parameters"]["ImageId"];
                member_id: string;
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
    imageShowImportMethods: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Import methods */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        "import-methods": {
                            description: string;
                            type: string;
                            value: string[];
                        };
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    imageListStores: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Fault"];
        };
    };
    imageShowUsage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Usage; sizes in MiB, a limit of -1 is none */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        usage: {
                            [key: string]: {
                                limit: number;
                                usage: number;
                            };
                        };
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    imageListTasks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Tasks */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        tasks: unknown[];
                        first: string;
                        schema: string;
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
}
