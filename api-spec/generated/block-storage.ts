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
        get: operations["listVersions"];
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
        /** The v3 version */
        get: operations["showVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/extensions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The extensions whose routes are served */
        get: operations["listExtensions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/extensions/{alias}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                alias: string;
            };
            cookie?: never;
        };
        /** One extension */
        get: operations["showExtension"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/volumes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List volumes */
        get: operations["listVolumes"];
        put?: never;
        /** Create a volume, blank, from a snapshot or from a volume */
        post: operations["createVolume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/volumes/detail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List volumes with all fields */
        get: operations["listVolumesDetail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/volumes/summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Number and total size of the project's volumes (3.12) */
        get: operations["summarizeVolumes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/volumes/{volume_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                volume_id: components["parameters"]["VolumeId"];
            };
            cookie?: never;
        };
        /** Show a volume */
        get: operations["showVolume"];
        /** Change name, description or metadata */
        put: operations["updateVolume"];
        post?: never;
        /** Delete a volume */
        delete: operations["deleteVolume"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/volumes/{volume_id}/encryption": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                volume_id: components["parameters"]["VolumeId"];
            };
            cookie?: never;
        };
        /** How the volume is encrypted; a null key for one that is not */
        get: operations["showVolumeEncryption"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/volumes/{volume_id}/metadata": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                volume_id: components["parameters"]["VolumeId"];
            };
            cookie?: never;
        };
        /** Metadata of a volume; from 3.15 with an ETag */
        get: operations["showVolumeMetadata"];
        /** Replace all metadata; from 3.15 honours If-Match */
        put: operations["replaceVolumeMetadata"];
        /** Add or change some metadata */
        post: operations["mergeVolumeMetadata"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/volumes/{volume_id}/metadata/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                volume_id: components["parameters"]["VolumeId"];
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        /** One metadata value */
        get: operations["showVolumeMetadataKey"];
        /** Set one metadata value */
        put: operations["setVolumeMetadataKey"];
        post?: never;
        /** Remove one metadata value */
        delete: operations["deleteVolumeMetadataKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/volumes/{volume_id}/action": {
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
        /** An action, named by the only key of the body */
        post: operations["actOnVolume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/snapshots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List snapshots */
        get: operations["listSnapshots"];
        put?: never;
        /** Take a snapshot of a volume, at rest or while a guest writes to it */
        post: operations["createSnapshot"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/snapshots/detail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List snapshots with all fields */
        get: operations["listSnapshotsDetail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/snapshots/{snapshot_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                snapshot_id: components["parameters"]["SnapshotId"];
            };
            cookie?: never;
        };
        /** Show a snapshot */
        get: operations["showSnapshot"];
        /** Change name or description */
        put: operations["updateSnapshot"];
        post?: never;
        /** Delete a snapshot */
        delete: operations["deleteSnapshot"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/snapshots/{snapshot_id}/metadata": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                snapshot_id: components["parameters"]["SnapshotId"];
            };
            cookie?: never;
        };
        /** Metadata of a snapshot */
        get: operations["showSnapshotMetadata"];
        /** Replace all metadata */
        put: operations["replaceSnapshotMetadata"];
        /** Add or change some metadata */
        post: operations["mergeSnapshotMetadata"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/snapshots/{snapshot_id}/metadata/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                snapshot_id: components["parameters"]["SnapshotId"];
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        /** One metadata value */
        get: operations["showSnapshotMetadataKey"];
        /** Set one metadata value */
        put: operations["setSnapshotMetadataKey"];
        post?: never;
        /** Remove one metadata value */
        delete: operations["deleteSnapshotMetadataKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/snapshots/{snapshot_id}/action": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                snapshot_id: components["parameters"]["SnapshotId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** An action, named by the only key of the body */
        post: operations["actOnSnapshot"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/attachments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List attachments (3.27) */
        get: operations["listAttachments"];
        put?: never;
        /** Reserve a volume, or attach it at once when a connector is given (3.27) */
        post: operations["createAttachment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/attachments/detail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List attachments with all fields (3.27) */
        get: operations["listAttachmentsDetail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/attachments/{attachment_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                attachment_id: components["parameters"]["AttachmentId"];
            };
            cookie?: never;
        };
        /** Show an attachment (3.27) */
        get: operations["showAttachment"];
        /** Give the connector of a reserved attachment and get the connection (3.27) */
        put: operations["updateAttachment"];
        post?: never;
        /** End an attachment (3.27) */
        delete: operations["deleteAttachment"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/attachments/{attachment_id}/action": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                attachment_id: components["parameters"]["AttachmentId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** An action, named by the only key of the body */
        post: operations["actOnAttachment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List volume types
         * @description Public types and the private ones that the project has access to. Administrators may ask for private types alone (`is_public=false`) or for all (`is_public=none`). `extra_specs` is a Python literal, `{'multiattach':'<is> True'}`; users may filter by it since 3.52, and only by the extra specs they are shown.
         */
        get: operations["listTypes"];
        put?: never;
        /** Create a volume type */
        post: operations["createType"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/types/{type_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type_id: components["parameters"]["TypeId"];
            };
            cookie?: never;
        };
        /** Show a volume type; `default` is the default one */
        get: operations["showType"];
        /** Change name, description or visibility */
        put: operations["updateType"];
        post?: never;
        /** Delete a volume type */
        delete: operations["deleteType"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/types/{type_id}/encryption": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type_id: components["parameters"]["TypeId"];
            };
            cookie?: never;
        };
        /** The encryption record of a type, an empty object if it has none */
        get: operations["showTypeEncryption"];
        put?: never;
        /**
         * Give a type an encryption record
         * @description The record is kept and shown, nothing more: volumes are not encrypted here, so no volume can be made of a type that has one (400).
         */
        post: operations["createTypeEncryption"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/types/{type_id}/encryption/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type_id: components["parameters"]["TypeId"];
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        /** One field of the encryption record */
        get: operations["showTypeEncryptionKey"];
        /** Change the encryption record; the last part of the path is not looked at */
        put: operations["updateTypeEncryption"];
        post?: never;
        /** Delete the encryption record; the last part of the path is not looked at */
        delete: operations["deleteTypeEncryption"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/types/{type_id}/os-volume-type-access": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type_id: components["parameters"]["TypeId"];
            };
            cookie?: never;
        };
        /** The projects that may use a private type; 404 for a public one */
        get: operations["listTypeAccess"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/types/{type_id}/action": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type_id: components["parameters"]["TypeId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** An action, named by the only key of the body */
        post: operations["actOnType"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/types/{type_id}/extra_specs": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type_id: components["parameters"]["TypeId"];
            };
            cookie?: never;
        };
        /** Extra specs of a type */
        get: operations["listExtraSpecs"];
        put?: never;
        /** Add or change extra specs */
        post: operations["mergeExtraSpecs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/types/{type_id}/extra_specs/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type_id: components["parameters"]["TypeId"];
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        /** One extra spec */
        get: operations["showExtraSpec"];
        /** Set one extra spec */
        put: operations["setExtraSpec"];
        post?: never;
        /** Remove one extra spec */
        delete: operations["deleteExtraSpec"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/default-types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Default types of projects, since 3.62 */
        get: operations["listDefaultTypes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/default-types/{target_project_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                target_project_id: components["parameters"]["TargetProjectId"];
            };
            cookie?: never;
        };
        /** The default type of a project, since 3.62; 404 if it has none of its own */
        get: operations["showDefaultType"];
        /** Set the default type of a project, since 3.62 */
        put: operations["setDefaultType"];
        post?: never;
        /** Take the default type of a project back, since 3.62 */
        delete: operations["deleteDefaultType"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/qos-specs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List QoS specs */
        get: operations["listQosSpecs"];
        put?: never;
        /** Create QoS specs; every key that is neither name nor consumer is a spec */
        post: operations["createQosSpecs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/qos-specs/{qos_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                qos_id: components["parameters"]["QosId"];
            };
            cookie?: never;
        };
        /** Show QoS specs */
        get: operations["showQosSpecs"];
        /** Add or change specs, or the consumer; connections that are open keep what they were given */
        put: operations["updateQosSpecs"];
        post?: never;
        /** Delete QoS specs */
        delete: operations["deleteQosSpecs"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/qos-specs/{qos_id}/delete_keys": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                qos_id: components["parameters"]["QosId"];
            };
            cookie?: never;
        };
        get?: never;
        /** Remove specs by their keys, all or none */
        put: operations["deleteQosKeys"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/qos-specs/{qos_id}/associate": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                qos_id: components["parameters"]["QosId"];
            };
            cookie?: never;
        };
        /** Make a volume type point to the specs (a GET that changes state, as clients send it) */
        get: operations["associateQosSpecs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/qos-specs/{qos_id}/disassociate": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                qos_id: components["parameters"]["QosId"];
            };
            cookie?: never;
        };
        /** Make a volume type point to the specs no more (a GET that changes state, as clients send it) */
        get: operations["disassociateQosSpecs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/qos-specs/{qos_id}/disassociate_all": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                qos_id: components["parameters"]["QosId"];
            };
            cookie?: never;
        };
        /** Make no volume type point to the specs (a GET that changes state, as clients send it) */
        get: operations["disassociateAllQosSpecs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/qos-specs/{qos_id}/associations": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                qos_id: components["parameters"]["QosId"];
            };
            cookie?: never;
        };
        /** The volume types that point to the specs */
        get: operations["listQosAssociations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/backups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the project's backups */
        get: operations["listBackups"];
        put?: never;
        /** Back up a volume or a snapshot, whole or what has changed since the latest backup */
        post: operations["createBackup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/backups/detail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the project's backups with all fields */
        get: operations["listBackupsDetail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/backups/import_record": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make known a backup that lies in the store, by its record (administrators) */
        post: operations["importBackupRecord"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/backups/{backup_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                backup_id: components["parameters"]["BackupId"];
            };
            cookie?: never;
        };
        /** Show a backup */
        get: operations["showBackup"];
        /** Change name, description (3.9) and metadata (3.43) */
        put: operations["updateBackup"];
        post?: never;
        /** Delete a backup that no other one was made upon */
        delete: operations["deleteBackup"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/backups/{backup_id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                backup_id: components["parameters"]["BackupId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Put a backup into a new volume, or into one at rest */
        post: operations["restoreBackup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/backups/{backup_id}/export_record": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                backup_id: components["parameters"]["BackupId"];
            };
            cookie?: never;
        };
        /** The record by which another installation finds the backup (administrators) */
        get: operations["exportBackupRecord"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/backups/{backup_id}/action": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                backup_id: components["parameters"]["BackupId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** An action (administrators), named by the only key of the body */
        post: operations["actOnBackup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/saggar/volume-uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a volume of a local file
         * @description The volume is `creating` until the bytes have come. Send them in one piece with `PUT` to the URL of the answer, with `Authorization: Bearer <ticket>`; 404 there means that it is not open yet. What names other files, is encrypted or corrupt, or is larger than the volume is refused, and the volume is in `error`.
         */
        post: operations["createVolumeUpload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/saggar/volume-downloads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Read a volume or a snapshot into a local file
         * @description Of a volume, also one that a server of this service has in use, the state of this moment: a snapshot is made for the time of the download. Read with `GET` from the URL of the answer, with `Authorization: Bearer <ticket>`, in ranges if you like; 404 there means that it is not open yet. `GET <url>/digest` tells the hashes of the whole, `DELETE <url>` that all was read.
         */
        post: operations["createVolumeDownload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/saggar/data-transfers/{data_transfer_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                data_transfer_id: components["parameters"]["DataTransferId"];
            };
            cookie?: never;
        };
        /** Show how an upload or a download stands */
        get: operations["showDataTransfer"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/saggar/backup-verifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Read a whole backup and compare every chunk with its hash
         * @description Also the chunks that the backups hold upon which it was made. Nothing is changed. While one is under way for the same backup, the answer is that one.
         */
        post: operations["createBackupVerification"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/saggar/backup-verifications/{backup_verification_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                backup_verification_id: components["parameters"]["BackupVerificationId"];
            };
            cookie?: never;
        };
        /** Show what reading a backup has found */
        get: operations["showBackupVerification"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/volume-transfers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the project's open offers */
        get: operations["listTransfers"];
        put?: never;
        /** Offer a volume to another project */
        post: operations["createTransfer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/volume-transfers/detail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the project's open offers with all fields */
        get: operations["listTransfersDetail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/volume-transfers/{transfer_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                transfer_id: components["parameters"]["TransferId"];
            };
            cookie?: never;
        };
        /** Show an open offer */
        get: operations["showTransfer"];
        put?: never;
        post?: never;
        /** Withdraw an offer; the volume is `available` again */
        delete: operations["deleteTransfer"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/volume-transfers/{transfer_id}/accept": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                transfer_id: components["parameters"]["TransferId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take an offered volume into the own project */
        post: operations["acceptTransfer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/os-volume-transfer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the project's open offers (older path) */
        get: operations["listTransfersOlder"];
        put?: never;
        /** Offer a volume to another project (older path) */
        post: operations["createTransferOlder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/os-volume-transfer/detail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the project's open offers with all fields (older path) */
        get: operations["listTransfersDetailOlder"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/os-volume-transfer/{transfer_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                transfer_id: components["parameters"]["TransferId"];
            };
            cookie?: never;
        };
        /** Show an open offer (older path) */
        get: operations["showTransferOlder"];
        put?: never;
        post?: never;
        /** Withdraw an offer; the volume is `available` again (older path) */
        delete: operations["deleteTransferOlder"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/os-volume-transfer/{transfer_id}/accept": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                transfer_id: components["parameters"]["TransferId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take an offered volume into the own project (older path) */
        post: operations["acceptTransferOlder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/group_types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List group types (3.11)
         * @description Public types; administrators may ask for private ones alone (`is_public=false`) or for all (`is_public=none`).
         */
        get: operations["listGroupTypes"];
        put?: never;
        /** Create a group type (3.11) */
        post: operations["createGroupType"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/group_types/{group_type_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_type_id: components["parameters"]["GroupTypeId"];
            };
            cookie?: never;
        };
        /** Show a group type (3.11); there is no default one, so `default` is not found */
        get: operations["showGroupType"];
        /** Change name, description or visibility (3.11) */
        put: operations["updateGroupType"];
        post?: never;
        /** Delete a group type that no group is of (3.11) */
        delete: operations["deleteGroupType"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/group_types/{group_type_id}/group_specs": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_type_id: components["parameters"]["GroupTypeId"];
            };
            cookie?: never;
        };
        /** Specs of a group type (3.11) */
        get: operations["listGroupSpecs"];
        put?: never;
        /** Add or change some specs (3.11) */
        post: operations["mergeGroupSpecs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/group_types/{group_type_id}/group_specs/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_type_id: components["parameters"]["GroupTypeId"];
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        /** One spec (3.11) */
        get: operations["showGroupSpec"];
        /** Set one spec (3.11) */
        put: operations["setGroupSpec"];
        post?: never;
        /** Remove one spec (3.11) */
        delete: operations["deleteGroupSpec"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List groups (3.13) */
        get: operations["listGroups"];
        put?: never;
        /**
         * Create a group (3.13)
         * @description A group is a record: its volumes may be on different backends. A group of a type that promises replication ends in `error`, because no backend here keeps that. One that promises one instant for several volumes (`consistent_group_snapshot_enabled`) is kept where its volumes are attached to one server at most.
         */
        post: operations["createGroup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/groups/detail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List groups with all fields (3.13) */
        get: operations["listGroupsDetail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/groups/action": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create a group of a group snapshot or of another group (3.14)
         * @description One volume for each of the source's; the group is `creating` until all have ended.
         */
        post: operations["createGroupFromSource"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/groups/{group_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_id: components["parameters"]["GroupId"];
            };
            cookie?: never;
        };
        /** Show a group (3.13) */
        get: operations["showGroup"];
        /** Change name or description, add and remove volumes (3.13) */
        put: operations["updateGroup"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/groups/{group_id}/action": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_id: components["parameters"]["GroupId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** An action, named by the only key of the body */
        post: operations["actOnGroup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/group_snapshots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List group snapshots (3.14; parameters since 3.29) */
        get: operations["listGroupSnapshots"];
        put?: never;
        /**
         * Take a snapshot of every volume of a group (3.14)
         * @description All are taken or none. The volumes that a running server of ours has are taken at one instant, its file systems frozen when a guest agent answers there; where none does, a message of level WARNING says so. Volumes that nobody has open share that instant; volumes at different servers have one for each server.
         */
        post: operations["createGroupSnapshot"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/group_snapshots/detail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List group snapshots with all fields (3.14; parameters since 3.29) */
        get: operations["listGroupSnapshotsDetail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/group_snapshots/{group_snapshot_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_snapshot_id: components["parameters"]["GroupSnapshotId"];
            };
            cookie?: never;
        };
        /** Show a group snapshot (3.14) */
        get: operations["showGroupSnapshot"];
        put?: never;
        post?: never;
        /** Delete a group snapshot with all its snapshots (3.14) */
        delete: operations["deleteGroupSnapshot"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/group_snapshots/{group_snapshot_id}/action": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_snapshot_id: components["parameters"]["GroupSnapshotId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** An action, named by the only key of the body */
        post: operations["actOnGroupSnapshot"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/consistencygroups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List groups as consistency groups (deprecated) */
        get: operations["listConsistencyGroups"];
        put?: never;
        /** Create a consistency group; a group of the type default_cgsnapshot_type (deprecated) */
        post: operations["createConsistencyGroup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/consistencygroups/detail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List groups as consistency groups with all fields (deprecated) */
        get: operations["listConsistencyGroupsDetail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/consistencygroups/create_from_src": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Create a consistency group of a cgsnapshot or of another consistency group (deprecated) */
        post: operations["createConsistencyGroupFromSource"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/consistencygroups/{consistencygroup_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                consistencygroup_id: string;
            };
            cookie?: never;
        };
        /** Show a group as a consistency group (deprecated) */
        get: operations["showConsistencyGroup"];
        /** Change name or description, add and remove volumes (deprecated) */
        put: operations["updateConsistencyGroup"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/consistencygroups/{consistencygroup_id}/update": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                consistencygroup_id: string;
            };
            cookie?: never;
        };
        get?: never;
        /** The same by an older path (deprecated) */
        put: operations["updateConsistencyGroupByAction"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/consistencygroups/{consistencygroup_id}/delete": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                consistencygroup_id: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Delete a consistency group; with force together with its volumes (deprecated) */
        post: operations["deleteConsistencyGroup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/cgsnapshots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List group snapshots as cgsnapshots (deprecated) */
        get: operations["listCgsnapshots"];
        put?: never;
        /** Take a snapshot of every volume of a consistency group (deprecated) */
        post: operations["createCgsnapshot"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/cgsnapshots/detail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List group snapshots as cgsnapshots with all fields (deprecated) */
        get: operations["listCgsnapshotsDetail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/cgsnapshots/{cgsnapshot_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                cgsnapshot_id: string;
            };
            cookie?: never;
        };
        /** Show a cgsnapshot (deprecated) */
        get: operations["showCgsnapshot"];
        put?: never;
        post?: never;
        /** Delete a cgsnapshot with all its snapshots (deprecated) */
        delete: operations["deleteCgsnapshot"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the project may have and has */
        get: operations["showLimits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/os-quota-sets/{target_project_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                target_project_id: components["parameters"]["TargetProjectId"];
            };
            cookie?: never;
        };
        /** Quotas of a project */
        get: operations["showQuotaSet"];
        /** Change quotas of a project */
        put: operations["updateQuotaSet"];
        post?: never;
        /** Back to the defaults */
        delete: operations["deleteQuotaSet"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/os-quota-sets/{target_project_id}/defaults": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                target_project_id: components["parameters"]["TargetProjectId"];
            };
            cookie?: never;
        };
        /** Quotas of a project that has none of its own */
        get: operations["showQuotaDefaults"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/os-quota-class-sets/{class_name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                class_name: string;
            };
            cookie?: never;
        };
        /** Default quotas */
        get: operations["showQuotaClass"];
        /** Change the default quotas */
        put: operations["updateQuotaClass"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/os-services": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The service processes and whether they are alive */
        get: operations["listServices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/os-services/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Let a service get new volumes */
        put: operations["enableService"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/os-services/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Keep a service from getting new volumes */
        put: operations["disableService"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/os-services/disable-log-reason": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Keep a service from getting new volumes, and say why */
        put: operations["disableServiceWithReason"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/os-services/freeze": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Keep a backend's volumes as they are - used, but neither made, changed nor deleted */
        put: operations["freezeHost"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/os-services/thaw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Let a frozen backend's volumes be changed again */
        put: operations["thawHost"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/os-services/failover_host": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Refused - no backend replicates */
        put: operations["failoverHost"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/os-services/failover": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Refused - no backend replicates (3.26) */
        put: operations["failover"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/os-services/set-log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Change the log level of running processes (3.32) */
        put: operations["setLogLevels"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/os-services/get-log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** The log levels that are in force (3.32) */
        put: operations["showLogLevels"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/os-hosts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The hosts of the services */
        get: operations["listHosts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/os-hosts/{host}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                host: string;
            };
            cookie?: never;
        };
        /** What lies on an enabled backend, for each project */
        get: operations["showHost"];
        /** Enable or disable all services of a host */
        put: operations["updateHost"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/capabilities/{host}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                host: string;
            };
            cookie?: never;
        };
        /** What a backend can do */
        get: operations["showCapabilities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/resource_filters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What users may filter lists by (3.33) */
        get: operations["listResourceFilters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/clusters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Clusters of volume workers - there are none (3.7) */
        get: operations["listClusters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/clusters/detail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Clusters of volume workers - there are none (3.7) */
        get: operations["listClustersDetail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/clusters/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        /** A cluster - there is none, so always 404 (3.7) */
        get: operations["showCluster"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/clusters/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Enable a cluster - there is none, so always 404 (3.7) */
        put: operations["enableCluster"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/clusters/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Disable a cluster - there is none, so always 404 (3.7) */
        put: operations["disableCluster"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/workers/cleanup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask for the cleaning up after failed services - it is done without asking (3.24) */
        post: operations["cleanUpWorkers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/os-availability-zone": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Availability zones */
        get: operations["listZones"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/scheduler-stats/get_pools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Pools, one for each share */
        get: operations["listPools"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/os-volume-manage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Files that could be taken over */
        get: operations["listManageableVolumesOlder"];
        put?: never;
        /** Take an existing image file on a share as a volume */
        post: operations["manageVolume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/os-volume-manage/detail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Files that could be taken over, with the reasons why others cannot */
        get: operations["listManageableVolumesDetailOlder"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/manageable_volumes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Files that could be taken over (3.8) */
        get: operations["listManageableVolumes"];
        put?: never;
        /** Take an existing image file on a share as a volume (3.8) */
        post: operations["manageVolumeNewPath"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/manageable_volumes/detail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Files that could be taken over, with the reasons why others cannot (3.8) */
        get: operations["listManageableVolumesDetail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/manageable_snapshots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Overlays that could be taken over (3.8) */
        get: operations["listManageableSnapshots"];
        put?: never;
        /** Take a snapshot back that was let go (3.8) */
        post: operations["manageSnapshot"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/manageable_snapshots/detail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Overlays that could be taken over, with the reasons why others cannot (3.8) */
        get: operations["listManageableSnapshotsDetail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/os-snapshot-manage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Overlays that could be taken over */
        get: operations["listManageableSnapshotsOlder"];
        put?: never;
        /** Take a snapshot back that was let go */
        post: operations["manageSnapshotOlder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/os-snapshot-manage/detail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Overlays that could be taken over, with the reasons why others cannot */
        get: operations["listManageableSnapshotsDetailOlder"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Messages about failed requests (3.3) */
        get: operations["listMessages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/messages/{message_id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                message_id: string;
            };
            cookie?: never;
        };
        /** Show a message (3.3) */
        get: operations["showMessage"];
        put?: never;
        post?: never;
        /** Delete a message (3.3) */
        delete: operations["deleteMessage"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description One key that names the fault; what the dispatcher and the token check answer looks different. */
        Fault: {
            [key: string]: {
                code: number;
                message: string;
                title?: string;
                retryAfter?: string;
            };
        } | {
            message: string;
            code: string;
            title: string;
        };
        Uuid: string;
        UuidOrNull: components["schemas"]["Uuid"] | null;
        /** Format: uuid-like */
        UuidLike: string;
        /** Format: uuid-like */
        UuidLikeOrNull: string | null;
        /** @description Naive UTC */
        Time: string;
        TimeOrNull: components["schemas"]["Time"] | null;
        StringOrNull: string | null;
        Strings: {
            [key: string]: string;
        };
        Specs: {
            [key: string]: string | null;
        };
        /** @description What the hypervisor is to limit, from QoS specs whose consumer is front-end or both */
        FrontEndQos: {
            [key: string]: string | number | null;
        } | null;
        OnePair: {
            [key: string]: string;
        };
        OneSpec: {
            [key: string]: string | null;
        };
        Link: {
            rel: string;
            href: string;
            type?: string;
        };
        Links: components["schemas"]["Link"][];
        Text255: string | null;
        /** Format: printable */
        PrintableText255: string | null;
        /**
         * @description Cinder's spellings of yes and no, in its order: a refusal lists them
         * @enum {unknown}
         */
        BooleanLike: true | "True" | "TRUE" | "true" | "1" | "ON" | "On" | "on" | "YES" | "Yes" | "yes" | "y" | "t" | false | "False" | "FALSE" | "false" | "0" | "OFF" | "Off" | "off" | "NO" | "No" | "no" | "n" | "f";
        MetadataInput: {
            [key: string]: string;
        } | null;
        /** @description GiB */
        SizeInput: number | string | null;
        Host: string;
        Version: {
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
        Extension: {
            name: string;
            alias: string;
            description: string;
            updated: string;
            links: unknown[];
        };
        VolumeSummary: {
            id: components["schemas"]["Uuid"];
            name: components["schemas"]["StringOrNull"];
            links: components["schemas"]["Links"];
        };
        VolumeAttachment: {
            id: components["schemas"]["Uuid"];
            attachment_id: components["schemas"]["Uuid"];
            volume_id: components["schemas"]["Uuid"];
            server_id: components["schemas"]["UuidOrNull"];
            host_name: components["schemas"]["StringOrNull"];
            device: components["schemas"]["StringOrNull"];
            attached_at: components["schemas"]["TimeOrNull"];
        };
        /** @description What POST and PUT answer, without the os-vol-* fields */
        VolumeBase: {
            id: components["schemas"]["Uuid"];
            status: string;
            /** @description GiB */
            size: number;
            availability_zone: components["schemas"]["StringOrNull"];
            created_at: components["schemas"]["Time"];
            updated_at: components["schemas"]["TimeOrNull"];
            name: components["schemas"]["StringOrNull"];
            description: components["schemas"]["StringOrNull"];
            volume_type: components["schemas"]["StringOrNull"];
            /** @description since 3.63 */
            volume_type_id?: components["schemas"]["Uuid"] | null;
            snapshot_id: components["schemas"]["UuidOrNull"];
            source_volid: components["schemas"]["UuidOrNull"];
            metadata: components["schemas"]["Strings"];
            links: components["schemas"]["Links"];
            user_id: string;
            /** @enum {string} */
            bootable: "true" | "false";
            encrypted: boolean;
            encryption_key_id?: components["schemas"]["Uuid"];
            replication_status: components["schemas"]["StringOrNull"];
            consistencygroup_id: components["schemas"]["UuidOrNull"];
            /** @description since 3.13 */
            group_id?: components["schemas"]["Uuid"] | null;
            multiattach: boolean;
            attachments: components["schemas"]["VolumeAttachment"][];
            /** @description administrators */
            migration_status?: string | null;
            /** @description administrators, since 3.21 */
            provider_id?: string | null;
            /** @description since 3.48 */
            service_uuid?: components["schemas"]["Uuid"] | null;
            /** @description since 3.48, null since 3.69 */
            shared_targets?: boolean | null;
            /** @description administrators, since 3.61 */
            cluster_name?: string | null;
            /** @description since 3.65 */
            consumes_quota?: boolean;
            volume_image_metadata?: components["schemas"]["Strings"];
        };
        Volume: {
            id: components["schemas"]["Uuid"];
            status: string;
            /** @description GiB */
            size: number;
            availability_zone: components["schemas"]["StringOrNull"];
            created_at: components["schemas"]["Time"];
            updated_at: components["schemas"]["TimeOrNull"];
            name: components["schemas"]["StringOrNull"];
            description: components["schemas"]["StringOrNull"];
            volume_type: components["schemas"]["StringOrNull"];
            /** @description since 3.63 */
            volume_type_id?: components["schemas"]["Uuid"] | null;
            snapshot_id: components["schemas"]["UuidOrNull"];
            source_volid: components["schemas"]["UuidOrNull"];
            metadata: components["schemas"]["Strings"];
            links: components["schemas"]["Links"];
            user_id: string;
            /** @enum {string} */
            bootable: "true" | "false";
            encrypted: boolean;
            encryption_key_id?: components["schemas"]["Uuid"];
            replication_status: components["schemas"]["StringOrNull"];
            consistencygroup_id: components["schemas"]["UuidOrNull"];
            /** @description since 3.13 */
            group_id?: components["schemas"]["Uuid"] | null;
            multiattach: boolean;
            attachments: components["schemas"]["VolumeAttachment"][];
            /** @description administrators */
            migration_status?: string | null;
            /** @description administrators, since 3.21 */
            provider_id?: string | null;
            /** @description since 3.48 */
            service_uuid?: components["schemas"]["Uuid"] | null;
            /** @description since 3.48, null since 3.69 */
            shared_targets?: boolean | null;
            /** @description administrators, since 3.61 */
            cluster_name?: string | null;
            /** @description since 3.65 */
            consumes_quota?: boolean;
            volume_image_metadata?: components["schemas"]["Strings"];
            "os-vol-tenant-attr:tenant_id": string;
            /** @description administrators */
            "os-vol-host-attr:host"?: string | null;
            /** @description administrators */
            "os-vol-mig-status-attr:migstat"?: string | null;
            /** @description administrators */
            "os-vol-mig-status-attr:name_id"?: components["schemas"]["Uuid"] | null;
        };
        VolumeEnvelope: {
            volume: components["schemas"]["Volume"];
        };
        VolumeCreatedEnvelope: {
            volume: components["schemas"]["VolumeBase"];
        };
        VolumeCreate: {
            /** @description Unknown keys are refused from 3.53. */
            volume: {
                name?: components["schemas"]["Text255"];
                description?: components["schemas"]["Text255"];
                display_name?: components["schemas"]["Text255"];
                display_description?: components["schemas"]["Text255"];
                size?: components["schemas"]["SizeInput"];
                volume_type?: string | null;
                metadata?: components["schemas"]["MetadataInput"];
                snapshot_id?: components["schemas"]["UuidLikeOrNull"];
                source_volid?: components["schemas"]["UuidLikeOrNull"];
                consistencygroup_id?: components["schemas"]["UuidLikeOrNull"];
                group_id?: components["schemas"]["UuidLikeOrNull"];
                backup_id?: components["schemas"]["UuidLikeOrNull"];
                availability_zone?: string | null;
                multiattach?: components["schemas"]["BooleanLike"] | null;
                image_id?: string | null;
                imageRef?: string | null;
            };
            "OS-SCH-HNT:scheduler_hints"?: components["schemas"]["SchedulerHints"];
        };
        /** @description Where the volume wants to lie. Hints of other names are accepted and have no effect. */
        SchedulerHints: {
            same_host?: components["schemas"]["HintedVolumes"];
            different_host?: components["schemas"]["HintedVolumes"];
            local_to_instance?: components["schemas"]["UuidLikeOrNull"];
            query?: string | Record<string, never>;
        } | null;
        /** @description One volume or several */
        HintedVolumes: components["schemas"]["UuidLike"] | components["schemas"]["UuidLike"][];
        VolumeUpdate: {
            /** @description From 3.53 at least one key, and no unknown one. */
            volume: {
                name?: components["schemas"]["Text255"];
                description?: components["schemas"]["Text255"];
                display_name?: components["schemas"]["Text255"];
                display_description?: components["schemas"]["Text255"];
                metadata?: components["schemas"]["MetadataInput"];
            };
        };
        VolumeExtend: {
            "os-extend": {
                new_size: number | string;
            };
        };
        VolumeResetStatus: {
            "os-reset_status": {
                status?: string | null;
                attach_status?: string | null;
                migration_status?: string | null;
            };
        };
        VolumeSetBootable: {
            "os-set_bootable": {
                bootable: components["schemas"]["BooleanLike"];
            };
        };
        VolumeReadonlyFlag: {
            "os-update_readonly_flag": {
                readonly: components["schemas"]["BooleanLike"];
            };
        };
        VolumeAttach: {
            "os-attach": {
                mountpoint: string;
                instance_uuid?: components["schemas"]["UuidLikeOrNull"];
                host_name?: string | null;
                /** @enum {string} */
                mode?: "rw" | "ro";
            };
        };
        VolumeDetach: {
            "os-detach": {
                attachment_id?: components["schemas"]["UuidLikeOrNull"];
            } | null;
        };
        VolumeForceDetach: {
            "os-force_detach": {
                attachment_id?: components["schemas"]["UuidLikeOrNull"];
                connector?: Record<string, never> | string | null;
            };
        };
        VolumeSetImageMetadata: {
            "os-set_image_metadata": {
                metadata: {
                    [key: string]: string;
                };
            };
        };
        VolumeUnsetImageMetadata: {
            "os-unset_image_metadata": {
                key: string;
            };
        };
        ImageMetadataEnvelope: {
            metadata: components["schemas"]["Strings"];
        };
        VolumeUploadImage: {
            "os-volume_upload_image": {
                image_name: string;
                force?: components["schemas"]["BooleanLike"] | null;
                /** @enum {unknown} */
                disk_format?: "raw" | "vmdk" | "vdi" | "qcow2" | "vhd" | "vhdx" | "ploop";
                container_format?: string | null;
                /**
                 * @description From 3.1
                 * @enum {unknown}
                 */
                visibility?: "community" | "public" | "private" | "shared";
                protected?: components["schemas"]["BooleanLike"];
            };
        };
        UploadedImageEnvelope: {
            "os-volume_upload_image": components["schemas"]["UploadedImage"];
        };
        UploadedImage: {
            /** @description The volume */
            id: string;
            updated_at: string | null;
            status: string;
            display_description: string | null;
            size: number;
            volume_type: {
                id: string;
                name: string;
                description?: string | null;
                is_public?: boolean;
                extra_specs?: {
                    [key: string]: string | null;
                };
                qos_specs_id?: string | null;
                deleted?: boolean;
                deleted_at?: string | null;
            } | null;
            image_id: string;
            container_format: string;
            disk_format: string;
            image_name: string;
            /** @description From 3.1 */
            protected?: boolean;
            /** @description From 3.1 */
            visibility?: string;
        };
        /** @description From 3.68 */
        VolumeReimage: {
            "os-reimage": {
                image_id: components["schemas"]["UuidLike"];
                reimage_reserved?: components["schemas"]["BooleanLike"];
            };
        };
        VolumeRetype: {
            "os-retype": {
                /** @description Id or name of the type */
                new_type: string;
                /**
                 * @description May the volume be moved? Default: never
                 * @enum {unknown}
                 */
                migration_policy?: "on-demand" | "never";
            };
        };
        VolumeMigrate: {
            "os-migrate_volume": {
                /** @description Pool, as host@backend#pool */
                host?: string | null;
                /** @description From 3.16; there are no clusters */
                cluster?: string | null;
                force_host_copy?: components["schemas"]["BooleanLike"];
                lock_volume?: components["schemas"]["BooleanLike"];
            };
        };
        VolumeMigrateCompletion: {
            "os-migrate_volume_completion": {
                new_volume: components["schemas"]["UuidLike"];
                error?: string | boolean | null;
            };
        };
        /** @description From 3.71 */
        VolumeExtendCompletion: {
            "os-extend_volume_completion": {
                error?: string | boolean | null;
            };
        };
        /** @description From 3.40 */
        VolumeRevert: {
            revert: {
                /** @description The latest one of the volume */
                snapshot_id?: string | null;
            };
        };
        VolumeInitializeConnection: {
            "os-initialize_connection": {
                connector: Record<string, never>;
            };
        };
        VolumeTerminateConnection: {
            "os-terminate_connection": {
                connector: Record<string, never> | null;
            };
        };
        ConnectionInfoEnvelope: {
            connection_info: {
                driver_volume_type: string;
                data: components["schemas"]["ConnectionData"];
            };
        };
        /** @description A closed list: no credential of a backend ever goes here. */
        ConnectionData: {
            /** @description server:/glusterVolume */
            export?: string;
            /** @description The active image file */
            name?: string;
            options?: string | null;
            /** @enum {string} */
            format?: "raw" | "qcow2";
            /** @enum {string} */
            access_mode?: "rw" | "ro";
            encrypted?: boolean;
            qos_specs?: components["schemas"]["FrontEndQos"];
            cacheable?: boolean;
            enforce_multipath?: boolean;
        };
        VolumeManage: {
            volume: {
                name?: components["schemas"]["Text255"];
                description?: components["schemas"]["Text255"];
                availability_zone?: string | null;
                bootable?: components["schemas"]["BooleanLike"];
                volume_type?: string | null;
                metadata?: components["schemas"]["MetadataInput"];
                host?: components["schemas"]["Host"];
                cluster?: string | null;
                ref: Record<string, never> | string;
            };
        };
        SnapshotManage: {
            snapshot: {
                name?: components["schemas"]["Text255"];
                description?: components["schemas"]["Text255"];
                metadata?: components["schemas"]["MetadataInput"];
                /** Format: uuid-like */
                volume_id: string;
                ref: Record<string, never> | string | null;
            };
        };
        SourceReference: {
            "source-name": string;
        };
        ManageableVolumeSummary: {
            reference: components["schemas"]["SourceReference"];
            /** @description GiB */
            size: number;
            safe_to_manage: boolean;
        };
        ManageableVolume: {
            reference: components["schemas"]["SourceReference"];
            /** @description GiB */
            size: number;
            safe_to_manage: boolean;
            reason_not_managed: components["schemas"]["StringOrNull"];
            cinder_id: components["schemas"]["StringOrNull"];
            extra_info: components["schemas"]["StringOrNull"];
        };
        ManageableSnapshotSummary: {
            reference: components["schemas"]["SourceReference"];
            /** @description GiB */
            size: number;
            safe_to_manage: boolean;
            source_reference: components["schemas"]["SourceReference"];
        };
        ManageableSnapshot: {
            reference: components["schemas"]["SourceReference"];
            /** @description GiB */
            size: number;
            safe_to_manage: boolean;
            source_reference: components["schemas"]["SourceReference"];
            reason_not_managed: components["schemas"]["StringOrNull"];
            cinder_id: components["schemas"]["StringOrNull"];
            extra_info: components["schemas"]["StringOrNull"];
        };
        SnapshotBase: {
            id: components["schemas"]["Uuid"];
            created_at: components["schemas"]["Time"];
            updated_at: components["schemas"]["TimeOrNull"];
            name: components["schemas"]["StringOrNull"];
            description: components["schemas"]["StringOrNull"];
            volume_id: components["schemas"]["Uuid"];
            status: string;
            /** @description GiB */
            size: number;
            metadata: components["schemas"]["Strings"];
            /** @description since 3.14 */
            group_snapshot_id?: components["schemas"]["Uuid"] | null;
            /** @description since 3.41 */
            user_id?: string;
            /** @description since 3.65 */
            consumes_quota?: boolean;
        };
        Snapshot: {
            id: components["schemas"]["Uuid"];
            created_at: components["schemas"]["Time"];
            updated_at: components["schemas"]["TimeOrNull"];
            name: components["schemas"]["StringOrNull"];
            description: components["schemas"]["StringOrNull"];
            volume_id: components["schemas"]["Uuid"];
            status: string;
            /** @description GiB */
            size: number;
            metadata: components["schemas"]["Strings"];
            /** @description since 3.14 */
            group_snapshot_id?: components["schemas"]["Uuid"] | null;
            /** @description since 3.41 */
            user_id?: string;
            /** @description since 3.65 */
            consumes_quota?: boolean;
            "os-extended-snapshot-attributes:project_id": string;
            "os-extended-snapshot-attributes:progress": string;
        };
        SnapshotCreatedEnvelope: {
            snapshot: components["schemas"]["SnapshotBase"];
        };
        SnapshotCreate: {
            snapshot: {
                name?: components["schemas"]["Text255"];
                display_name?: components["schemas"]["Text255"];
                description?: components["schemas"]["PrintableText255"];
                volume_id: components["schemas"]["UuidLike"] | null;
                force?: components["schemas"]["BooleanLike"] | null;
                metadata?: components["schemas"]["MetadataInput"];
            };
        };
        SnapshotUpdate: {
            snapshot: {
                name?: components["schemas"]["Text255"];
                description?: components["schemas"]["PrintableText255"];
                display_name?: components["schemas"]["Text255"];
                display_description?: components["schemas"]["PrintableText255"];
            };
        };
        SnapshotResetStatus: {
            "os-reset_status": {
                status: string;
            };
        };
        SnapshotStatusReport: {
            "os-update_snapshot_status": {
                status: string;
                progress?: string | null;
            };
        };
        MetadataBody: {
            metadata: {
                [key: string]: string;
            };
        };
        MetaBody: {
            meta: {
                [key: string]: string;
            };
        };
        AttachmentSummary: {
            id: components["schemas"]["Uuid"];
            status: string;
            instance: components["schemas"]["UuidOrNull"];
            volume_id: components["schemas"]["Uuid"];
        };
        Attachment: {
            id: components["schemas"]["Uuid"];
            status: string;
            instance: components["schemas"]["UuidOrNull"];
            volume_id: components["schemas"]["Uuid"];
            attached_at: components["schemas"]["Time"] | "";
            detached_at: components["schemas"]["Time"] | "";
            attach_mode: string;
            connection_info: {
                driver_volume_type?: string;
                attachment_id?: components["schemas"]["Uuid"];
                export?: string;
                name?: string;
                options?: string | null;
                /** @enum {string} */
                format?: "raw" | "qcow2";
                /** @enum {string} */
                access_mode?: "rw" | "ro";
                encrypted?: boolean;
                qos_specs?: components["schemas"]["FrontEndQos"];
                cacheable?: boolean;
                enforce_multipath?: boolean;
            };
        };
        AttachmentCreate: {
            attachment: {
                volume_uuid: components["schemas"]["UuidLike"];
                instance_uuid?: components["schemas"]["UuidLikeOrNull"];
                connector?: Record<string, never> | null;
                /**
                 * @description since 3.54
                 * @enum {string}
                 */
                mode?: "rw" | "ro";
            };
        };
        AttachmentUpdate: {
            attachment: {
                connector: Record<string, never>;
            };
        };
        VolumeType: {
            id: components["schemas"]["Uuid"];
            name: string;
            is_public: boolean;
            description: components["schemas"]["StringOrNull"];
            extra_specs?: components["schemas"]["Specs"];
            /** @description administrators */
            qos_specs_id?: components["schemas"]["Uuid"] | null;
            "os-volume-type-access:is_public"?: boolean;
        };
        /** @description What POST answers */
        VolumeTypeCreated: {
            id: components["schemas"]["Uuid"];
            name: string;
            is_public: boolean;
            description: components["schemas"]["StringOrNull"];
            extra_specs: components["schemas"]["Specs"];
            "os-volume-type-access:is_public": boolean;
        };
        /** @description What PUT answers */
        VolumeTypeUpdated: {
            id: components["schemas"]["Uuid"];
            name: string;
            is_public: boolean;
            description: components["schemas"]["StringOrNull"];
            extra_specs: components["schemas"]["Specs"];
        };
        TypeAccess: {
            volume_type_id: components["schemas"]["Uuid"];
            project_id: string;
        };
        TypeAccessProject: {
            project: string;
        };
        TypeAccessAdd: {
            addProjectAccess: components["schemas"]["TypeAccessProject"];
        };
        TypeAccessRemove: {
            removeProjectAccess: components["schemas"]["TypeAccessProject"];
        };
        /** @description Empty when the type has no record */
        TypeEncryption: {
            volume_type_id?: components["schemas"]["Uuid"];
            encryption_id?: components["schemas"]["Uuid"];
            provider?: string;
            /** @enum {string} */
            control_location?: "front-end" | "back-end";
            cipher?: components["schemas"]["StringOrNull"];
            /** @description bits */
            key_size?: number | null;
            created_at?: components["schemas"]["Time"];
            updated_at?: components["schemas"]["TimeOrNull"];
            deleted?: boolean;
            deleted_at?: components["schemas"]["TimeOrNull"];
        };
        /** @description Bits, as a number or its digits */
        KeySizeInput: number | string | null;
        TypeEncryptionCreate: {
            encryption: {
                provider: string;
                /** @enum {string} */
                control_location: "front-end" | "back-end";
                cipher?: string | null;
                key_size?: components["schemas"]["KeySizeInput"];
            };
        };
        TypeEncryptionCreated: {
            encryption: {
                provider: string;
                /** @enum {string} */
                control_location: "front-end" | "back-end";
                cipher?: string | null;
                /** @description bits */
                key_size?: number | null;
                volume_type_id: components["schemas"]["Uuid"];
                encryption_id: components["schemas"]["Uuid"];
            };
        };
        TypeEncryptionUpdate: {
            encryption: {
                provider?: string;
                /** @enum {string} */
                control_location?: "front-end" | "back-end";
                cipher?: string | null;
                key_size?: components["schemas"]["KeySizeInput"];
            };
        };
        TypeEncryptionUpdated: {
            encryption: {
                provider?: string;
                /** @enum {string} */
                control_location?: "front-end" | "back-end";
                cipher?: string | null;
                /** @description bits */
                key_size?: number | null;
            };
        };
        DefaultType: {
            project_id: string;
            volume_type_id: components["schemas"]["Uuid"];
        };
        DefaultTypeSet: {
            default_type: {
                /**
                 * Format: not-blank
                 * @description id or name
                 */
                volume_type: string;
            };
        };
        QosSpecs: {
            id: components["schemas"]["Uuid"];
            name: string;
            /** @enum {string} */
            consumer: "front-end" | "back-end" | "both";
            specs: components["schemas"]["Specs"];
        };
        QosAssociation: {
            /** @constant */
            association_type: "volume_type";
            name: string;
            id: components["schemas"]["Uuid"];
        };
        QosCreate: {
            qos_specs: {
                /** Format: not-blank */
                name: string;
                /** @description front-end, back-end (default) or both */
                consumer?: string;
            } & {
                [key: string]: string | null;
            };
        };
        QosUpdate: {
            qos_specs: {
                [key: string]: string | null;
            };
        };
        QosDeleteKeys: {
            keys: string[];
        };
        TypeCreate: {
            volume_type: {
                /** Format: not-blank */
                name: string;
                description?: components["schemas"]["PrintableText255"];
                extra_specs?: components["schemas"]["ExtraSpecsInput"];
                "os-volume-type-access:is_public"?: components["schemas"]["BooleanLike"];
            };
        };
        TypeUpdate: {
            volume_type: {
                name?: string | null;
                description?: components["schemas"]["PrintableText255"];
                is_public?: components["schemas"]["BooleanLike"];
            };
        };
        ExtraSpecsInput: {
            [key: string]: string | null;
        } | null;
        ExtraSpecsBody: {
            extra_specs: {
                [key: string]: string | null;
            };
        };
        ExtraSpecPair: {
            [key: string]: string | null;
        };
        BackupSummary: {
            id: components["schemas"]["Uuid"];
            name: string | null;
            links: components["schemas"]["Links"];
        };
        BackupSummaryEnvelope: {
            backup: components["schemas"]["BackupSummary"];
        };
        Backup: {
            id: components["schemas"]["Uuid"];
            status: components["schemas"]["BackupStatus"];
            /** @description GiB of the volume */
            size: number;
            object_count: number;
            availability_zone: string | null;
            container: string | null;
            created_at: components["schemas"]["Time"];
            updated_at: components["schemas"]["TimeOrNull"];
            name: string | null;
            description: string | null;
            fail_reason: string | null;
            volume_id: components["schemas"]["Uuid"] | null;
            links: components["schemas"]["Links"];
            is_incremental: boolean;
            has_dependent_backups: boolean;
            snapshot_id: components["schemas"]["Uuid"] | null;
            data_timestamp: components["schemas"]["TimeOrNull"];
            metadata?: components["schemas"]["Strings"];
            /** @description Administrators, since 3.18 */
            "os-backup-project-attr:project_id"?: string;
            /** @description Administrators, since 3.56 */
            user_id?: string;
            /** @description since 3.64 */
            encryption_key_id?: string;
        };
        /** @enum {string} */
        BackupStatus: "creating" | "available" | "deleting" | "deleted" | "restoring" | "error" | "error_deleting";
        BackupEnvelope: {
            backup: components["schemas"]["Backup"];
        };
        BackupCreate: {
            backup: {
                volume_id: components["schemas"]["UuidLike"];
                container?: components["schemas"]["Text255"];
                name?: components["schemas"]["Text255"];
                description?: components["schemas"]["PrintableText255"];
                incremental?: components["schemas"]["BooleanLike"];
                force?: components["schemas"]["BooleanLike"];
                snapshot_id?: components["schemas"]["UuidLike"] | null;
                metadata?: components["schemas"]["MetadataInput"];
                availability_zone?: components["schemas"]["Text255"];
            };
        };
        BackupUpdate: {
            backup: {
                name?: components["schemas"]["Text255"];
                description?: components["schemas"]["PrintableText255"];
                metadata?: components["schemas"]["MetadataInput"];
            };
        };
        BackupRestore: {
            restore: {
                name?: components["schemas"]["Text255"];
                volume_id?: components["schemas"]["UuidLike"] | null;
            } | null;
        };
        BackupRecordEnvelope: {
            "backup-record": {
                backup_service: string;
                /** @description Base64 of a JSON record */
                backup_url: string;
            };
        };
        BackupResetStatus: {
            "os-reset_status": {
                status: string;
            };
        };
        TransferSummary: {
            id: components["schemas"]["Uuid"];
            volume_id: components["schemas"]["Uuid"];
            name: string | null;
            links: components["schemas"]["Links"];
        };
        Transfer: {
            id: components["schemas"]["Uuid"];
            volume_id: components["schemas"]["Uuid"];
            name: string | null;
            links: components["schemas"]["Links"];
            created_at: components["schemas"]["Time"];
            /** @description since 3.55 */
            no_snapshots?: boolean;
            /** @description since 3.57 */
            source_project_id?: string;
            /** @description since 3.57 */
            destination_project_id?: string | null;
            /** @description since 3.57 */
            accepted?: boolean;
        };
        VolumeUploadCreate: {
            volume_upload: {
                name?: string | null;
                description?: string | null;
                /** @description GiB; a smaller disk is grown to it */
                size: number;
                /**
                 * @description What the bytes are; believed never, checked always
                 * @enum {string}
                 */
                disk_format: "raw" | "qcow2";
                /** @description Exactly so many will come, if known */
                bytes?: number | null;
                volume_type?: string | null;
                availability_zone?: string | null;
                metadata?: {
                    [key: string]: string;
                };
            };
        };
        VolumeDownloadCreate: {
            volume_download: {
                volume_id?: string | null;
                snapshot_id?: string | null;
                /** @enum {string} */
                disk_format: "raw" | "qcow2";
            };
        };
        VolumeDataTransferOpened: {
            id: components["schemas"]["Uuid"];
            volume_id: components["schemas"]["Uuid"];
            snapshot_id: string | null;
            /** @description Of the transfer, at the volume worker; null: ask for the transfer again in a moment */
            url: string | null;
            /** @description Bearer token at that URL; told once */
            ticket: string;
            /** @description The transfer ends when nothing moves for so long */
            idle_seconds: number;
            /** @description ISO 8601, UTC; null: as long as bytes move */
            expires_at: string | null;
        };
        VolumeDataTransfer: {
            id: components["schemas"]["Uuid"];
            /** @enum {string} */
            kind: "upload" | "download";
            volume_id: components["schemas"]["Uuid"];
            /**
             * @description waiting: for its turn or a copy; open: bytes may come or go; working: they have come, the volume is being finished
             * @enum {string}
             */
            status: "waiting" | "open" | "working" | "done" | "failed";
            url: string | null;
            error: {
                code: string;
                message: string;
            } | null;
            created_at: components["schemas"]["Time"];
        };
        BackupVerificationCreate: {
            backup_verification: {
                backup_id: components["schemas"]["Uuid"];
            };
        };
        BackupVerification: {
            id: components["schemas"]["Uuid"];
            backup_id: components["schemas"]["Uuid"];
            /**
             * @description failed: it could not be read to the end
             * @enum {string}
             */
            status: "waiting" | "running" | "whole" | "damaged" | "failed";
            progress: number;
            /** @description Of 1 MiB; those of zeros are not stored and not counted */
            checked_chunks: number | null;
            damaged_chunks: number | null;
            /** @description Stretches of the disk that cannot be given back; the first 64 */
            damage: {
                /** @description Of the disk */
                first_byte: number;
                bytes: number;
                stored_as: components["schemas"]["Uuid"];
                /** @description Of the backup that is stored under that id */
                object: string;
                /** @enum {string} */
                reason: "missing" | "damaged";
            }[];
            error: {
                code: string;
                message: string;
            } | null;
            created_at: components["schemas"]["Time"];
        };
        TransferCreated: {
            id: components["schemas"]["Uuid"];
            volume_id: components["schemas"]["Uuid"];
            name: string | null;
            links: components["schemas"]["Links"];
            created_at: components["schemas"]["Time"];
            /** @description since 3.55 */
            no_snapshots?: boolean;
            /** @description since 3.57 */
            source_project_id?: string;
            /** @description since 3.57 */
            destination_project_id?: string | null;
            /** @description since 3.57 */
            accepted?: boolean;
            /** @description Told once */
            auth_key: string;
        };
        TransferCreate: {
            transfer: {
                volume_id: components["schemas"]["UuidLike"];
                name?: string | null;
                no_snapshots?: components["schemas"]["BooleanLike"];
            };
        };
        TransferAccept: {
            accept: {
                auth_key: string | number;
            };
        };
        GroupType: {
            id: components["schemas"]["Uuid"];
            name: string;
            description: components["schemas"]["StringOrNull"];
            is_public: boolean;
            /** @description administrators */
            group_specs?: {
                [key: string]: string | null;
            };
        };
        GroupTypeCreate: {
            group_type: {
                /** Format: not-blank */
                name: string;
                description?: components["schemas"]["PrintableText255"];
                is_public?: components["schemas"]["BooleanLike"];
                group_specs?: components["schemas"]["MetadataInput"];
            };
        };
        GroupTypeUpdate: {
            group_type: {
                name?: components["schemas"]["Text255"];
                description?: components["schemas"]["PrintableText255"];
                is_public?: components["schemas"]["BooleanLike"];
            };
        };
        GroupSpecs: {
            group_specs: components["schemas"]["Specs"];
        };
        GroupSpecsBody: {
            group_specs: {
                [key: string]: string | null;
            };
        };
        GroupSummary: {
            id: components["schemas"]["Uuid"];
            name: components["schemas"]["StringOrNull"];
        };
        Group: {
            id: components["schemas"]["Uuid"];
            status: string;
            availability_zone: components["schemas"]["StringOrNull"];
            created_at: components["schemas"]["Time"];
            name: components["schemas"]["StringOrNull"];
            description: components["schemas"]["StringOrNull"];
            group_type: components["schemas"]["Uuid"];
            volume_types: components["schemas"]["Uuid"][];
            /** @description since 3.14 */
            group_snapshot_id?: components["schemas"]["Uuid"] | null;
            /** @description since 3.14 */
            source_group_id?: components["schemas"]["Uuid"] | null;
            /** @description since 3.25 with list_volume */
            volumes?: components["schemas"]["Uuid"][];
            /** @description since 3.38 */
            replication_status?: string | null;
            /** @description since 3.58; administrators */
            project_id?: string;
        };
        GroupCreate: {
            group: {
                name?: components["schemas"]["Text255"];
                description?: components["schemas"]["PrintableText255"];
                /**
                 * Format: not-blank
                 * @description id or name
                 */
                group_type: string;
                /** @description ids or names */
                volume_types: string[];
                availability_zone?: string | null;
            };
        };
        GroupFromSource: {
            "create-from-src": {
                name?: components["schemas"]["Text255"];
                description?: components["schemas"]["PrintableText255"];
                group_snapshot_id?: components["schemas"]["UuidLike"];
                source_group_id?: components["schemas"]["UuidLike"];
            };
        };
        GroupUpdate: {
            group: {
                name?: components["schemas"]["Text255"];
                description?: components["schemas"]["PrintableText255"];
                /**
                 * Format: printable
                 * @description ids with commas between
                 */
                add_volumes?: string | null;
                /**
                 * Format: printable
                 * @description ids with commas between
                 */
                remove_volumes?: string | null;
            };
        };
        GroupDelete: {
            delete: {
                "delete-volumes"?: components["schemas"]["BooleanLike"];
            };
        };
        GroupResetStatus: {
            reset_status: {
                status: string;
            };
        };
        GroupSnapshot: {
            id: components["schemas"]["Uuid"];
            group_id: components["schemas"]["Uuid"];
            group_type_id: components["schemas"]["Uuid"];
            status: string;
            created_at: components["schemas"]["Time"];
            name: components["schemas"]["StringOrNull"];
            description: components["schemas"]["StringOrNull"];
            /** @description since 3.58; administrators */
            project_id?: string;
        };
        GroupSnapshotCreate: {
            group_snapshot: {
                group_id: components["schemas"]["UuidLike"];
                name?: components["schemas"]["Text255"];
                description?: components["schemas"]["PrintableText255"];
            };
        };
        ConsistencyGroup: {
            id: components["schemas"]["Uuid"];
            status: string;
            availability_zone: components["schemas"]["StringOrNull"];
            created_at: components["schemas"]["Time"];
            name: components["schemas"]["StringOrNull"];
            description: components["schemas"]["StringOrNull"];
            volume_types: components["schemas"]["Uuid"][];
        };
        ConsistencyGroupCreate: {
            consistencygroup: {
                name?: components["schemas"]["Text255"];
                description?: components["schemas"]["PrintableText255"];
                /**
                 * Format: printable
                 * @description ids or names, with commas between
                 */
                volume_types?: string | null;
                availability_zone?: string | null;
            };
        };
        ConsistencyGroupFromSource: {
            "consistencygroup-from-src": {
                name?: components["schemas"]["Text255"];
                description?: components["schemas"]["PrintableText255"];
                cgsnapshot_id?: components["schemas"]["UuidLikeOrNull"];
                source_cgid?: components["schemas"]["UuidLikeOrNull"];
            };
        };
        ConsistencyGroupUpdate: {
            consistencygroup: {
                name?: components["schemas"]["Text255"];
                description?: components["schemas"]["PrintableText255"];
                /**
                 * Format: printable
                 * @description ids with commas between
                 */
                add_volumes?: string | null;
                /**
                 * Format: printable
                 * @description ids with commas between
                 */
                remove_volumes?: string | null;
            };
        };
        ConsistencyGroupDelete: {
            consistencygroup: {
                force?: boolean | string | number | null;
            };
        };
        Cgsnapshot: {
            id: components["schemas"]["Uuid"];
            consistencygroup_id: components["schemas"]["Uuid"];
            status: string;
            created_at: components["schemas"]["Time"];
            name: components["schemas"]["StringOrNull"];
            description: components["schemas"]["StringOrNull"];
        };
        CgsnapshotCreate: {
            cgsnapshot: {
                consistencygroup_id?: components["schemas"]["UuidLike"];
                name?: components["schemas"]["Text255"];
                description?: components["schemas"]["PrintableText255"];
            };
        };
        LimitsEnvelope: {
            limits: {
                rate: unknown[];
                absolute: {
                    [key: string]: number;
                };
            };
        };
        QuotaValue: number | {
            limit: number;
            in_use: number;
            reserved: number;
        };
        QuotaSetEnvelope: {
            quota_set: {
                id?: string;
            } & {
                [key: string]: components["schemas"]["QuotaValue"];
            };
        };
        QuotaClassEnvelope: {
            quota_class_set: {
                id?: string;
            } & {
                [key: string]: number;
            };
        };
        QuotaInput: {
            tenant_id?: string;
            id?: string;
        } & {
            [key: string]: number | string;
        };
        QuotaSetUpdate: {
            quota_set: components["schemas"]["QuotaInput"];
        };
        QuotaClassUpdate: {
            quota_class_set: components["schemas"]["QuotaInput"];
        };
        Service: {
            binary: string;
            host: string;
            zone: string;
            /** @enum {string} */
            status: "enabled" | "disabled";
            /** @enum {string} */
            state: "up" | "down";
            updated_at: components["schemas"]["TimeOrNull"];
            disabled_reason: components["schemas"]["StringOrNull"];
            /** @description since 3.7 */
            cluster?: string | null;
            replication_status?: string | null;
            active_backend_id?: string | null;
            frozen?: boolean;
            /**
             * @description since 3.49
             * @enum {string}
             */
            backend_state?: "up" | "down";
        };
        ServiceChange: {
            host: string;
            binary?: string;
            service?: string;
        };
        ServiceDisableReason: {
            host: string;
            binary?: string;
            service?: string;
            /** Format: not-blank */
            disabled_reason: string;
        };
        ServiceChanged: {
            host: string;
            service: string;
            binary: string;
            /** @enum {string} */
            status: "enabled" | "disabled";
            disabled: boolean;
            disabled_reason?: string | null;
        };
        HostOrCluster: {
            host?: components["schemas"]["ServiceHost"];
            /** @description Since 3.26; there are no clusters. */
            cluster?: string | null;
        };
        Failover: {
            host?: components["schemas"]["ServiceHost"];
            /** @description Since 3.26; there are no clusters. */
            cluster?: string | null;
            backend_id?: string | null;
        };
        ServiceHost: string | null;
        LogLevelQuestion: {
            binary?: components["schemas"]["LogBinary"];
            /** @description host or host@backend; all when left out */
            server?: string | null;
            /** @description Beginning of a logger's name; each process has one logger. */
            prefix?: string | null;
        };
        LogLevelChange: {
            binary?: components["schemas"]["LogBinary"];
            /** @description host or host@backend; all when left out */
            server?: string | null;
            /** @description Beginning of a logger's name; each process has one logger. */
            prefix?: string | null;
            /** @description DEBUG, INFO, WARNING or ERROR */
            level?: string | null;
        };
        /** @enum {string|null} */
        LogBinary: "cinder-api" | "cinder-volume" | "cinder-scheduler" | "cinder-backup" | "*" | "" | null;
        LogLevels: {
            binary: string;
            host: string;
            levels: {
                [key: string]: "DEBUG" | "INFO" | "WARNING" | "ERROR";
            };
        };
        ListedHost: {
            host_name: string;
            service: string;
            zone: string;
            /** @enum {string} */
            "service-status": "available" | "unavailable";
            /** @enum {string} */
            "service-state": "enabled" | "disabled";
            "last-update": components["schemas"]["TimeOrNull"];
        };
        HostUsage: {
            resource: {
                host: string;
                /** @description The id of a project, or "(total)" */
                project: string;
                volume_count: string;
                total_volume_gb: string;
                snapshot_count: string;
                total_snapshot_gb: string;
            };
        };
        HostUpdate: {
            /** @enum {string} */
            status: "enable" | "disable";
        };
        BackendCapabilities: {
            namespace: string;
            vendor_name: string;
            volume_backend_name: string;
            pool_name: null;
            driver_version: string;
            storage_protocol: string;
            display_name: null;
            description: null;
            visibility: null;
            replication_targets: unknown[];
            properties: {
                [key: string]: {
                    type: string;
                    title: string;
                    description: string;
                };
            };
        };
        ClusterChange: {
            name: string;
            binary?: string | null;
            disabled_reason?: string | null;
        };
        WorkersCleanup: {
            cluster_name?: string | null;
            service_id?: string | number | null;
            host?: string | null;
            /** @enum {string|null} */
            binary?: "cinder-volume" | "cinder-scheduler" | null;
            is_up?: components["schemas"]["BooleanLike"] | null;
            disabled?: components["schemas"]["BooleanLike"] | null;
            resource_id?: components["schemas"]["UuidLikeOrNull"];
            resource_type?: string | null;
        };
        CleanedService: {
            id: components["schemas"]["Uuid"];
            host: string;
            binary: string;
            cluster_name: null;
        };
        Pool: {
            name: string;
            capabilities?: components["schemas"]["PoolCapabilities"];
        };
        PoolCapabilities: {
            total_capacity_gb: number | string;
            free_capacity_gb: number | string;
            allocated_capacity_gb?: number;
            provisioned_capacity_gb?: number;
            max_over_subscription_ratio?: string;
            reserved_percentage?: number;
            volume_backend_name: string;
            vendor_name: string;
            driver_version?: string;
            storage_protocol: string;
            QoS_support?: boolean;
            thin_provisioning_support?: boolean;
            thick_provisioning_support?: boolean;
            multiattach?: boolean;
            timestamp?: components["schemas"]["Time"];
        } & {
            [key: string]: unknown;
        };
        Message: {
            id: components["schemas"]["Uuid"];
            event_id: string;
            user_message: string;
            message_level: string;
            created_at: components["schemas"]["Time"];
            guaranteed_until: components["schemas"]["TimeOrNull"];
            request_id: components["schemas"]["StringOrNull"];
            links: components["schemas"]["Links"];
            resource_type?: string;
            resource_uuid?: components["schemas"]["Uuid"];
        };
    };
    responses: {
        /** @description No backup service is up that could do it, as Cinder says it */
        NoBackupService: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Fault"];
            };
        };
        /** @description What went wrong */
        Fault: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Fault"];
            };
        };
        /** @description Versions */
        Versions: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    versions: components["schemas"]["Version"][];
                };
            };
        };
        /** @description Metadata */
        Metadata: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    metadata: components["schemas"]["Strings"];
                };
            };
        };
        /** @description One metadata value */
        Meta: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    meta: components["schemas"]["OnePair"];
                };
            };
        };
        /** @description Attachment */
        Attachment: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    attachment: components["schemas"]["Attachment"];
                };
            };
        };
        /** @description Volume type */
        VolumeType: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    volume_type: components["schemas"]["VolumeType"];
                };
            };
        };
        /** @description Group type */
        GroupType: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    group_type: components["schemas"]["GroupType"];
                };
            };
        };
        /** @description Accepted */
        GroupAccepted: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    group: components["schemas"]["GroupSummary"];
                };
            };
        };
        /** @description Volume type */
        VolumeTypeCreated: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    volume_type: components["schemas"]["VolumeTypeCreated"];
                };
            };
        };
        /** @description Volume type */
        VolumeTypeUpdated: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    volume_type: components["schemas"]["VolumeTypeUpdated"];
                };
            };
        };
        /** @description Default type */
        DefaultType: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    default_type: components["schemas"]["DefaultType"];
                };
            };
        };
        /** @description QoS specs */
        QosSpecs: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    qos_specs: components["schemas"]["QosSpecs"];
                    links: components["schemas"]["Links"];
                };
            };
        };
        /** @description Extra specs */
        ExtraSpecs: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    extra_specs: components["schemas"]["Specs"];
                };
            };
        };
        /** @description One extra spec */
        ExtraSpec: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["OneSpec"];
            };
        };
    };
    parameters: {
        BackupVerificationId: string;
        DataTransferId: string;
        VolumeId: string;
        SnapshotId: string;
        AttachmentId: string;
        GroupTypeId: string;
        GroupId: string;
        GroupSnapshotId: string;
        /** @description since 3.25; true tells the ids of the volumes */
        ListVolume: string;
        TypeId: string;
        QosId: string;
        BackupId: string;
        TransferId: string;
        TargetProjectId: string;
        Key: string;
        /** @description 0 to 1000, more is cut */
        Limit: string;
        /** @description Id of the last item seen */
        Marker: string;
        Offset: string;
        /** @description key[:asc|desc],... */
        Sort: string;
        /** @description The older way to sort */
        SortKey: string;
        SortDir: string;
        /** @description Administrators only; ignored for others */
        AllTenants: string;
        /** @description since 3.45 */
        WithCount: string;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listVersions: {
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
    showVersion: {
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
    listExtensions: {
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
                        extensions: components["schemas"]["Extension"][];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    showExtension: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                alias: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Extension */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        extension: components["schemas"]["Extension"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listVolumes: {
        parameters: {
            query?: {
                /** @description 0 to 1000, more is cut */
                limit?: components["parameters"]["Limit"];
                /** @description Id of the last item seen */
                marker?: components["parameters"]["Marker"];
                offset?: components["parameters"]["Offset"];
                /** @description key[:asc|desc],... */
                sort?: components["parameters"]["Sort"];
                /** @description The older way to sort */
                sort_key?: components["parameters"]["SortKey"];
                sort_dir?: components["parameters"]["SortDir"];
                /** @description Administrators only; ignored for others */
                all_tenants?: components["parameters"]["AllTenants"];
                /** @description since 3.45 */
                with_count?: components["parameters"]["WithCount"];
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
                        volumes: components["schemas"]["VolumeSummary"][];
                        volumes_links?: components["schemas"]["Links"];
                        /** @description since 3.45 */
                        count?: number;
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    createVolume: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VolumeCreate"];
            };
        };
        responses: {
            /** @description Accepted; the volume is `creating` */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VolumeCreatedEnvelope"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listVolumesDetail: {
        parameters: {
            query?: {
                /** @description 0 to 1000, more is cut */
                limit?: components["parameters"]["Limit"];
                /** @description Id of the last item seen */
                marker?: components["parameters"]["Marker"];
                offset?: components["parameters"]["Offset"];
                /** @description key[:asc|desc],... */
                sort?: components["parameters"]["Sort"];
                /** @description The older way to sort */
                sort_key?: components["parameters"]["SortKey"];
                sort_dir?: components["parameters"]["SortDir"];
                /** @description Administrators only; ignored for others */
                all_tenants?: components["parameters"]["AllTenants"];
                /** @description since 3.45 */
                with_count?: components["parameters"]["WithCount"];
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
                        volumes: components["schemas"]["Volume"][];
                        volumes_links?: components["schemas"]["Links"];
                        /** @description since 3.45 */
                        count?: number;
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    summarizeVolumes: {
        parameters: {
            query?: {
                /** @description Administrators only; ignored for others */
                all_tenants?: components["parameters"]["AllTenants"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Summary */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        "volume-summary": {
                            total_count: number;
                            /** @description GiB */
                            total_size: number;
                            /** @description since 3.36; the values that each key has */
                            metadata?: {
                                [key: string]: string[];
                            };
                        };
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    showVolume: {
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
            /** @description Volume */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VolumeEnvelope"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    updateVolume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                volume_id: components["parameters"]["VolumeId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VolumeUpdate"];
            };
        };
        responses: {
            /** @description Volume */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VolumeCreatedEnvelope"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    deleteVolume: {
        parameters: {
            query?: {
                /** @description With its snapshots */
                cascade?: string;
                /** @description Whatever its status (administrators, 3.23) */
                force?: string;
            };
            header?: never;
            path: {
                volume_id: components["parameters"]["VolumeId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted; the volume is `deleting` */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    showVolumeEncryption: {
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
            /** @description Encryption */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        encryption_key_id: string | null;
                        provider?: string;
                        /** @enum {string} */
                        control_location?: "front-end" | "back-end";
                        cipher?: string | null;
                        /** @description Bits. */
                        key_size?: number | null;
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    showVolumeMetadata: {
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
            200: components["responses"]["Metadata"];
            "4XX": components["responses"]["Fault"];
        };
    };
    replaceVolumeMetadata: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                volume_id: components["parameters"]["VolumeId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MetadataBody"];
            };
        };
        responses: {
            200: components["responses"]["Metadata"];
            "4XX": components["responses"]["Fault"];
        };
    };
    mergeVolumeMetadata: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                volume_id: components["parameters"]["VolumeId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MetadataBody"];
            };
        };
        responses: {
            200: components["responses"]["Metadata"];
            "4XX": components["responses"]["Fault"];
        };
    };
    showVolumeMetadataKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                volume_id: components["parameters"]["VolumeId"];
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Meta"];
            "4XX": components["responses"]["Fault"];
        };
    };
    setVolumeMetadataKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                volume_id: components["parameters"]["VolumeId"];
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MetaBody"];
            };
        };
        responses: {
            200: components["responses"]["Meta"];
            "4XX": components["responses"]["Fault"];
        };
    };
    deleteVolumeMetadataKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                volume_id: components["parameters"]["VolumeId"];
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    actOnVolume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                volume_id: components["parameters"]["VolumeId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VolumeExtend"] | components["schemas"]["VolumeResetStatus"] | components["schemas"]["VolumeSetBootable"] | components["schemas"]["VolumeReadonlyFlag"] | components["schemas"]["VolumeAttach"] | components["schemas"]["VolumeDetach"] | components["schemas"]["VolumeForceDetach"] | components["schemas"]["VolumeInitializeConnection"] | components["schemas"]["VolumeTerminateConnection"] | components["schemas"]["VolumeSetImageMetadata"] | components["schemas"]["VolumeUnsetImageMetadata"] | components["schemas"]["VolumeUploadImage"] | components["schemas"]["VolumeReimage"] | components["schemas"]["VolumeRetype"] | components["schemas"]["VolumeMigrate"] | components["schemas"]["VolumeMigrateCompletion"] | components["schemas"]["VolumeExtendCompletion"] | components["schemas"]["VolumeRevert"] | {
                    "os-show_image_metadata"?: unknown;
                    "os-unmanage"?: unknown;
                    "os-force_delete"?: unknown;
                    "os-reserve"?: unknown;
                    "os-unreserve"?: unknown;
                    "os-begin_detaching"?: unknown;
                    "os-roll_detaching"?: unknown;
                };
            };
        };
        responses: {
            /** @description Done; os-initialize_connection answers with the connection, os-set_image_metadata and os-show_image_metadata with all image metadata, os-set_bootable and os-unset_image_metadata with nothing */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionInfoEnvelope"] | components["schemas"]["ImageMetadataEnvelope"];
                };
            };
            /** @description Accepted (all others); os-volume_upload_image answers with the image that is being made */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadedImageEnvelope"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listSnapshots: {
        parameters: {
            query?: {
                /** @description 0 to 1000, more is cut */
                limit?: components["parameters"]["Limit"];
                /** @description Id of the last item seen */
                marker?: components["parameters"]["Marker"];
                offset?: components["parameters"]["Offset"];
                /** @description key[:asc|desc],... */
                sort?: components["parameters"]["Sort"];
                /** @description The older way to sort */
                sort_key?: components["parameters"]["SortKey"];
                sort_dir?: components["parameters"]["SortDir"];
                /** @description Administrators only; ignored for others */
                all_tenants?: components["parameters"]["AllTenants"];
                /** @description since 3.45 */
                with_count?: components["parameters"]["WithCount"];
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
                        snapshots: components["schemas"]["SnapshotBase"][];
                        snapshots_links?: components["schemas"]["Links"];
                        /** @description since 3.45 */
                        count?: number;
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    createSnapshot: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SnapshotCreate"];
            };
        };
        responses: {
            /** @description Accepted; the snapshot is `creating` */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SnapshotCreatedEnvelope"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listSnapshotsDetail: {
        parameters: {
            query?: {
                /** @description 0 to 1000, more is cut */
                limit?: components["parameters"]["Limit"];
                /** @description Id of the last item seen */
                marker?: components["parameters"]["Marker"];
                offset?: components["parameters"]["Offset"];
                /** @description key[:asc|desc],... */
                sort?: components["parameters"]["Sort"];
                /** @description The older way to sort */
                sort_key?: components["parameters"]["SortKey"];
                sort_dir?: components["parameters"]["SortDir"];
                /** @description Administrators only; ignored for others */
                all_tenants?: components["parameters"]["AllTenants"];
                /** @description since 3.45 */
                with_count?: components["parameters"]["WithCount"];
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
                        snapshots: components["schemas"]["Snapshot"][];
                        snapshots_links?: components["schemas"]["Links"];
                        /** @description since 3.45 */
                        count?: number;
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    showSnapshot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                snapshot_id: components["parameters"]["SnapshotId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Snapshot */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        snapshot: components["schemas"]["Snapshot"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    updateSnapshot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                snapshot_id: components["parameters"]["SnapshotId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SnapshotUpdate"];
            };
        };
        responses: {
            /** @description Snapshot */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SnapshotCreatedEnvelope"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    deleteSnapshot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                snapshot_id: components["parameters"]["SnapshotId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted; the snapshot is `deleting` */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    showSnapshotMetadata: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                snapshot_id: components["parameters"]["SnapshotId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Metadata"];
            "4XX": components["responses"]["Fault"];
        };
    };
    replaceSnapshotMetadata: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                snapshot_id: components["parameters"]["SnapshotId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MetadataBody"];
            };
        };
        responses: {
            200: components["responses"]["Metadata"];
            "4XX": components["responses"]["Fault"];
        };
    };
    mergeSnapshotMetadata: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                snapshot_id: components["parameters"]["SnapshotId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MetadataBody"];
            };
        };
        responses: {
            200: components["responses"]["Metadata"];
            "4XX": components["responses"]["Fault"];
        };
    };
    showSnapshotMetadataKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                snapshot_id: components["parameters"]["SnapshotId"];
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Meta"];
            "4XX": components["responses"]["Fault"];
        };
    };
    setSnapshotMetadataKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                snapshot_id: components["parameters"]["SnapshotId"];
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MetaBody"];
            };
        };
        responses: {
            200: components["responses"]["Meta"];
            "4XX": components["responses"]["Fault"];
        };
    };
    deleteSnapshotMetadataKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                snapshot_id: components["parameters"]["SnapshotId"];
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    actOnSnapshot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                snapshot_id: components["parameters"]["SnapshotId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SnapshotResetStatus"] | components["schemas"]["SnapshotStatusReport"] | {
                    "os-force_delete"?: unknown;
                    "os-unmanage"?: unknown;
                };
            };
        };
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
    listAttachments: {
        parameters: {
            query?: {
                /** @description 0 to 1000, more is cut */
                limit?: components["parameters"]["Limit"];
                /** @description Id of the last item seen */
                marker?: components["parameters"]["Marker"];
                offset?: components["parameters"]["Offset"];
                /** @description key[:asc|desc],... */
                sort?: components["parameters"]["Sort"];
                /** @description The older way to sort */
                sort_key?: components["parameters"]["SortKey"];
                sort_dir?: components["parameters"]["SortDir"];
                /** @description Administrators only; ignored for others */
                all_tenants?: components["parameters"]["AllTenants"];
                /** @description since 3.45 */
                with_count?: components["parameters"]["WithCount"];
            };
            header?: never;
            path?: never;
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
                        attachments: components["schemas"]["AttachmentSummary"][];
                        attachments_links?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    createAttachment: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AttachmentCreate"];
            };
        };
        responses: {
            200: components["responses"]["Attachment"];
            "4XX": components["responses"]["Fault"];
        };
    };
    listAttachmentsDetail: {
        parameters: {
            query?: {
                /** @description 0 to 1000, more is cut */
                limit?: components["parameters"]["Limit"];
                /** @description Id of the last item seen */
                marker?: components["parameters"]["Marker"];
                offset?: components["parameters"]["Offset"];
                /** @description key[:asc|desc],... */
                sort?: components["parameters"]["Sort"];
                /** @description The older way to sort */
                sort_key?: components["parameters"]["SortKey"];
                sort_dir?: components["parameters"]["SortDir"];
                /** @description Administrators only; ignored for others */
                all_tenants?: components["parameters"]["AllTenants"];
                /** @description since 3.45 */
                with_count?: components["parameters"]["WithCount"];
            };
            header?: never;
            path?: never;
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
                        attachments: components["schemas"]["Attachment"][];
                        attachments_links?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    showAttachment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                attachment_id: components["parameters"]["AttachmentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Attachment"];
            "4XX": components["responses"]["Fault"];
        };
    };
    updateAttachment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                attachment_id: components["parameters"]["AttachmentId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AttachmentUpdate"];
            };
        };
        responses: {
            200: components["responses"]["Attachment"];
            "4XX": components["responses"]["Fault"];
        };
    };
    deleteAttachment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                attachment_id: components["parameters"]["AttachmentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The attachments that the volume still has */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        attachments: components["schemas"]["AttachmentSummary"][];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    actOnAttachment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                attachment_id: components["parameters"]["AttachmentId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    "os-complete"?: unknown;
                };
            };
        };
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listTypes: {
        parameters: {
            query?: {
                /** @description 0 to 1000, more is cut */
                limit?: components["parameters"]["Limit"];
                /** @description Id of the last item seen */
                marker?: components["parameters"]["Marker"];
                offset?: components["parameters"]["Offset"];
                /** @description key[:asc|desc],... */
                sort?: components["parameters"]["Sort"];
                /** @description The older way to sort */
                sort_key?: components["parameters"]["SortKey"];
                sort_dir?: components["parameters"]["SortDir"];
                /** @description administrators; true, false or none */
                is_public?: string;
                /** @description for users since 3.52 */
                extra_specs?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Volume types */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        volume_types: components["schemas"]["VolumeType"][];
                        volume_type_links?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    createType: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TypeCreate"];
            };
        };
        responses: {
            200: components["responses"]["VolumeTypeCreated"];
            "4XX": components["responses"]["Fault"];
        };
    };
    showType: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type_id: components["parameters"]["TypeId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["VolumeType"];
            "4XX": components["responses"]["Fault"];
        };
    };
    updateType: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type_id: components["parameters"]["TypeId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TypeUpdate"];
            };
        };
        responses: {
            200: components["responses"]["VolumeTypeUpdated"];
            "4XX": components["responses"]["Fault"];
        };
    };
    deleteType: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type_id: components["parameters"]["TypeId"];
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
    showTypeEncryption: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type_id: components["parameters"]["TypeId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Encryption */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TypeEncryption"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    createTypeEncryption: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type_id: components["parameters"]["TypeId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TypeEncryptionCreate"];
            };
        };
        responses: {
            /** @description What was sent, with the ids */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TypeEncryptionCreated"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    showTypeEncryptionKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type_id: components["parameters"]["TypeId"];
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The field */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TypeEncryption"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    updateTypeEncryption: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type_id: components["parameters"]["TypeId"];
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TypeEncryptionUpdate"];
            };
        };
        responses: {
            /** @description What was sent */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TypeEncryptionUpdated"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    deleteTypeEncryption: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type_id: components["parameters"]["TypeId"];
                key: components["parameters"]["Key"];
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
    listTypeAccess: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type_id: components["parameters"]["TypeId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Access */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        volume_type_access: components["schemas"]["TypeAccess"][];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    actOnType: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type_id: components["parameters"]["TypeId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    addProjectAccess?: unknown;
                    removeProjectAccess?: unknown;
                };
            };
        };
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
    listExtraSpecs: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type_id: components["parameters"]["TypeId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["ExtraSpecs"];
            "4XX": components["responses"]["Fault"];
        };
    };
    mergeExtraSpecs: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type_id: components["parameters"]["TypeId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExtraSpecsBody"];
            };
        };
        responses: {
            200: components["responses"]["ExtraSpecs"];
            "4XX": components["responses"]["Fault"];
        };
    };
    showExtraSpec: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type_id: components["parameters"]["TypeId"];
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["ExtraSpec"];
            "4XX": components["responses"]["Fault"];
        };
    };
    setExtraSpec: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type_id: components["parameters"]["TypeId"];
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExtraSpecPair"];
            };
        };
        responses: {
            200: components["responses"]["ExtraSpec"];
            "4XX": components["responses"]["Fault"];
        };
    };
    deleteExtraSpec: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type_id: components["parameters"]["TypeId"];
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listDefaultTypes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default types */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        default_types: components["schemas"]["DefaultType"][];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    showDefaultType: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                target_project_id: components["parameters"]["TargetProjectId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["DefaultType"];
            "4XX": components["responses"]["Fault"];
        };
    };
    setDefaultType: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                target_project_id: components["parameters"]["TargetProjectId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DefaultTypeSet"];
            };
        };
        responses: {
            200: components["responses"]["DefaultType"];
            "4XX": components["responses"]["Fault"];
        };
    };
    deleteDefaultType: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                target_project_id: components["parameters"]["TargetProjectId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Taken back */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listQosSpecs: {
        parameters: {
            query?: {
                /** @description 0 to 1000, more is cut */
                limit?: components["parameters"]["Limit"];
                /** @description Id of the last item seen */
                marker?: components["parameters"]["Marker"];
                offset?: components["parameters"]["Offset"];
                /** @description key[:asc|desc],... */
                sort?: components["parameters"]["Sort"];
                /** @description The older way to sort */
                sort_key?: components["parameters"]["SortKey"];
                sort_dir?: components["parameters"]["SortDir"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description QoS specs */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        qos_specs: components["schemas"]["QosSpecs"][];
                        qos_specs_links?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    createQosSpecs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["QosCreate"];
            };
        };
        responses: {
            200: components["responses"]["QosSpecs"];
            "4XX": components["responses"]["Fault"];
        };
    };
    showQosSpecs: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                qos_id: components["parameters"]["QosId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["QosSpecs"];
            "4XX": components["responses"]["Fault"];
        };
    };
    updateQosSpecs: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                qos_id: components["parameters"]["QosId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["QosUpdate"];
            };
        };
        responses: {
            /** @description What was sent */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QosUpdate"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    deleteQosSpecs: {
        parameters: {
            query?: {
                /** @description Also when volume types point to them */
                force?: string;
            };
            header?: never;
            path: {
                qos_id: components["parameters"]["QosId"];
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
    deleteQosKeys: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                qos_id: components["parameters"]["QosId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["QosDeleteKeys"];
            };
        };
        responses: {
            /** @description Removed */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    associateQosSpecs: {
        parameters: {
            query: {
                vol_type_id: string;
            };
            header?: never;
            path: {
                qos_id: components["parameters"]["QosId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Associated */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    disassociateQosSpecs: {
        parameters: {
            query: {
                vol_type_id: string;
            };
            header?: never;
            path: {
                qos_id: components["parameters"]["QosId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Disassociated */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    disassociateAllQosSpecs: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                qos_id: components["parameters"]["QosId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Disassociated */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listQosAssociations: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                qos_id: components["parameters"]["QosId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Associations */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        qos_associations: components["schemas"]["QosAssociation"][];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listBackups: {
        parameters: {
            query?: {
                /** @description 0 to 1000, more is cut */
                limit?: components["parameters"]["Limit"];
                /** @description Id of the last item seen */
                marker?: components["parameters"]["Marker"];
                offset?: components["parameters"]["Offset"];
                /** @description key[:asc|desc],... */
                sort?: components["parameters"]["Sort"];
                /** @description The older way to sort */
                sort_key?: components["parameters"]["SortKey"];
                sort_dir?: components["parameters"]["SortDir"];
                /** @description Administrators only; ignored for others */
                all_tenants?: components["parameters"]["AllTenants"];
                /** @description since 3.45 */
                with_count?: components["parameters"]["WithCount"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Backups */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        backups: components["schemas"]["BackupSummary"][];
                        backups_links?: components["schemas"]["Links"];
                        /** @description since 3.45 */
                        count?: number;
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    createBackup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BackupCreate"];
            };
        };
        responses: {
            /** @description Accepted; the backup is `creating` */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupSummaryEnvelope"];
                };
            };
            503: components["responses"]["NoBackupService"];
            "4XX": components["responses"]["Fault"];
        };
    };
    listBackupsDetail: {
        parameters: {
            query?: {
                /** @description 0 to 1000, more is cut */
                limit?: components["parameters"]["Limit"];
                /** @description Id of the last item seen */
                marker?: components["parameters"]["Marker"];
                offset?: components["parameters"]["Offset"];
                /** @description key[:asc|desc],... */
                sort?: components["parameters"]["Sort"];
                /** @description The older way to sort */
                sort_key?: components["parameters"]["SortKey"];
                sort_dir?: components["parameters"]["SortDir"];
                /** @description Administrators only; ignored for others */
                all_tenants?: components["parameters"]["AllTenants"];
                /** @description since 3.45 */
                with_count?: components["parameters"]["WithCount"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Backups */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        backups: components["schemas"]["Backup"][];
                        backups_links?: components["schemas"]["Links"];
                        /** @description since 3.45 */
                        count?: number;
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    importBackupRecord: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BackupRecordEnvelope"];
            };
        };
        responses: {
            /** @description The backup is `creating` until its manifest was read */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupSummaryEnvelope"];
                };
            };
            503: components["responses"]["NoBackupService"];
            "4XX": components["responses"]["Fault"];
        };
    };
    showBackup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                backup_id: components["parameters"]["BackupId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Backup */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupEnvelope"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    updateBackup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                backup_id: components["parameters"]["BackupId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BackupUpdate"];
            };
        };
        responses: {
            /** @description Changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupSummaryEnvelope"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    deleteBackup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                backup_id: components["parameters"]["BackupId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The backup is `deleting` */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            503: components["responses"]["NoBackupService"];
            "4XX": components["responses"]["Fault"];
        };
    };
    restoreBackup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                backup_id: components["parameters"]["BackupId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BackupRestore"];
            };
        };
        responses: {
            /** @description The volume is on its way */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        restore: {
                            backup_id: components["schemas"]["Uuid"];
                            volume_id: components["schemas"]["Uuid"];
                            volume_name: string | null;
                        };
                    };
                };
            };
            503: components["responses"]["NoBackupService"];
            "4XX": components["responses"]["Fault"];
        };
    };
    exportBackupRecord: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                backup_id: components["parameters"]["BackupId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Record */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupRecordEnvelope"];
                };
            };
            503: components["responses"]["NoBackupService"];
            "4XX": components["responses"]["Fault"];
        };
    };
    actOnBackup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                backup_id: components["parameters"]["BackupId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BackupResetStatus"] | {
                    "os-force_delete"?: unknown;
                };
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            503: components["responses"]["NoBackupService"];
            "4XX": components["responses"]["Fault"];
        };
    };
    createVolumeUpload: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VolumeUploadCreate"];
            };
        };
        responses: {
            /** @description Accepted; the ticket is told here and never again */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        volume_upload: components["schemas"]["VolumeDataTransferOpened"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    createVolumeDownload: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VolumeDownloadCreate"];
            };
        };
        responses: {
            /** @description Accepted; the ticket is told here and never again */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        volume_download: components["schemas"]["VolumeDataTransferOpened"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    showDataTransfer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                data_transfer_id: components["parameters"]["DataTransferId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The transfer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data_transfer: components["schemas"]["VolumeDataTransfer"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    createBackupVerification: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BackupVerificationCreate"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        backup_verification: components["schemas"]["BackupVerification"];
                    };
                };
            };
            503: components["responses"]["NoBackupService"];
            "4XX": components["responses"]["Fault"];
        };
    };
    showBackupVerification: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                backup_verification_id: components["parameters"]["BackupVerificationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The verification */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        backup_verification: components["schemas"]["BackupVerification"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listTransfers: {
        parameters: {
            query?: {
                /** @description 0 to 1000, more is cut */
                limit?: components["parameters"]["Limit"];
                /** @description Id of the last item seen */
                marker?: components["parameters"]["Marker"];
                offset?: components["parameters"]["Offset"];
                /** @description key[:asc|desc],... */
                sort?: components["parameters"]["Sort"];
                /** @description The older way to sort */
                sort_key?: components["parameters"]["SortKey"];
                sort_dir?: components["parameters"]["SortDir"];
                /** @description Administrators only; ignored for others */
                all_tenants?: components["parameters"]["AllTenants"];
                /** @description since 3.45 */
                with_count?: components["parameters"]["WithCount"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Transfers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        transfers: components["schemas"]["TransferSummary"][];
                        transfers_links?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    createTransfer: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TransferCreate"];
            };
        };
        responses: {
            /** @description The volume is `awaiting-transfer`; the key is told here and never again */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        transfer: components["schemas"]["TransferCreated"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listTransfersDetail: {
        parameters: {
            query?: {
                /** @description 0 to 1000, more is cut */
                limit?: components["parameters"]["Limit"];
                /** @description Id of the last item seen */
                marker?: components["parameters"]["Marker"];
                offset?: components["parameters"]["Offset"];
                /** @description key[:asc|desc],... */
                sort?: components["parameters"]["Sort"];
                /** @description The older way to sort */
                sort_key?: components["parameters"]["SortKey"];
                sort_dir?: components["parameters"]["SortDir"];
                /** @description Administrators only; ignored for others */
                all_tenants?: components["parameters"]["AllTenants"];
                /** @description since 3.45 */
                with_count?: components["parameters"]["WithCount"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Transfers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        transfers: components["schemas"]["Transfer"][];
                        transfers_links?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    showTransfer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                transfer_id: components["parameters"]["TransferId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Transfer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        transfer: components["schemas"]["Transfer"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    deleteTransfer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                transfer_id: components["parameters"]["TransferId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Withdrawn */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    acceptTransfer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                transfer_id: components["parameters"]["TransferId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TransferAccept"];
            };
        };
        responses: {
            /** @description The volume, and its snapshots unless the giver keeps them, are the requester's */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        transfer: components["schemas"]["TransferSummary"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listTransfersOlder: {
        parameters: {
            query?: {
                /** @description 0 to 1000, more is cut */
                limit?: components["parameters"]["Limit"];
                /** @description Id of the last item seen */
                marker?: components["parameters"]["Marker"];
                offset?: components["parameters"]["Offset"];
                /** @description key[:asc|desc],... */
                sort?: components["parameters"]["Sort"];
                /** @description The older way to sort */
                sort_key?: components["parameters"]["SortKey"];
                sort_dir?: components["parameters"]["SortDir"];
                /** @description Administrators only; ignored for others */
                all_tenants?: components["parameters"]["AllTenants"];
                /** @description since 3.45 */
                with_count?: components["parameters"]["WithCount"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Transfers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        transfers: components["schemas"]["TransferSummary"][];
                        transfers_links?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    createTransferOlder: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TransferCreate"];
            };
        };
        responses: {
            /** @description The volume is `awaiting-transfer`; the key is told here and never again */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        transfer: components["schemas"]["TransferCreated"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listTransfersDetailOlder: {
        parameters: {
            query?: {
                /** @description 0 to 1000, more is cut */
                limit?: components["parameters"]["Limit"];
                /** @description Id of the last item seen */
                marker?: components["parameters"]["Marker"];
                offset?: components["parameters"]["Offset"];
                /** @description key[:asc|desc],... */
                sort?: components["parameters"]["Sort"];
                /** @description The older way to sort */
                sort_key?: components["parameters"]["SortKey"];
                sort_dir?: components["parameters"]["SortDir"];
                /** @description Administrators only; ignored for others */
                all_tenants?: components["parameters"]["AllTenants"];
                /** @description since 3.45 */
                with_count?: components["parameters"]["WithCount"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Transfers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        transfers: components["schemas"]["Transfer"][];
                        transfers_links?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    showTransferOlder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                transfer_id: components["parameters"]["TransferId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Transfer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        transfer: components["schemas"]["Transfer"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    deleteTransferOlder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                transfer_id: components["parameters"]["TransferId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Withdrawn */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    acceptTransferOlder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                transfer_id: components["parameters"]["TransferId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TransferAccept"];
            };
        };
        responses: {
            /** @description The volume, and its snapshots unless the giver keeps them, are the requester's */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        transfer: components["schemas"]["TransferSummary"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listGroupTypes: {
        parameters: {
            query?: {
                /** @description 0 to 1000, more is cut */
                limit?: components["parameters"]["Limit"];
                /** @description Id of the last item seen */
                marker?: components["parameters"]["Marker"];
                offset?: components["parameters"]["Offset"];
                /** @description key[:asc|desc],... */
                sort?: components["parameters"]["Sort"];
                /** @description The older way to sort */
                sort_key?: components["parameters"]["SortKey"];
                sort_dir?: components["parameters"]["SortDir"];
                /** @description administrators; true, false or none */
                is_public?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Group types */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        group_types: components["schemas"]["GroupType"][];
                        group_type_links?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    createGroupType: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GroupTypeCreate"];
            };
        };
        responses: {
            202: components["responses"]["GroupType"];
            "4XX": components["responses"]["Fault"];
        };
    };
    showGroupType: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_type_id: components["parameters"]["GroupTypeId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["GroupType"];
            "4XX": components["responses"]["Fault"];
        };
    };
    updateGroupType: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_type_id: components["parameters"]["GroupTypeId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GroupTypeUpdate"];
            };
        };
        responses: {
            200: components["responses"]["GroupType"];
            "4XX": components["responses"]["Fault"];
        };
    };
    deleteGroupType: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_type_id: components["parameters"]["GroupTypeId"];
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
    listGroupSpecs: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_type_id: components["parameters"]["GroupTypeId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Specs */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GroupSpecs"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    mergeGroupSpecs: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_type_id: components["parameters"]["GroupTypeId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GroupSpecsBody"];
            };
        };
        responses: {
            /** @description What was sent */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GroupSpecs"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    showGroupSpec: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_type_id: components["parameters"]["GroupTypeId"];
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The spec */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OneSpec"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    setGroupSpec: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_type_id: components["parameters"]["GroupTypeId"];
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExtraSpecPair"];
            };
        };
        responses: {
            /** @description The spec */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OneSpec"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    deleteGroupSpec: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_type_id: components["parameters"]["GroupTypeId"];
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listGroups: {
        parameters: {
            query?: {
                /** @description 0 to 1000, more is cut */
                limit?: components["parameters"]["Limit"];
                /** @description Id of the last item seen */
                marker?: components["parameters"]["Marker"];
                offset?: components["parameters"]["Offset"];
                /** @description key[:asc|desc],... */
                sort?: components["parameters"]["Sort"];
                /** @description The older way to sort */
                sort_key?: components["parameters"]["SortKey"];
                sort_dir?: components["parameters"]["SortDir"];
                /** @description Administrators only; ignored for others */
                all_tenants?: components["parameters"]["AllTenants"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Groups */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        groups: components["schemas"]["GroupSummary"][];
                        group_links?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    createGroup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GroupCreate"];
            };
        };
        responses: {
            202: components["responses"]["GroupAccepted"];
            "4XX": components["responses"]["Fault"];
        };
    };
    listGroupsDetail: {
        parameters: {
            query?: {
                /** @description 0 to 1000, more is cut */
                limit?: components["parameters"]["Limit"];
                /** @description Id of the last item seen */
                marker?: components["parameters"]["Marker"];
                offset?: components["parameters"]["Offset"];
                /** @description key[:asc|desc],... */
                sort?: components["parameters"]["Sort"];
                /** @description The older way to sort */
                sort_key?: components["parameters"]["SortKey"];
                sort_dir?: components["parameters"]["SortDir"];
                /** @description Administrators only; ignored for others */
                all_tenants?: components["parameters"]["AllTenants"];
                /** @description since 3.25; true tells the ids of the volumes */
                list_volume?: components["parameters"]["ListVolume"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Groups */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        groups: components["schemas"]["Group"][];
                        group_links?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    createGroupFromSource: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GroupFromSource"];
            };
        };
        responses: {
            202: components["responses"]["GroupAccepted"];
            "4XX": components["responses"]["Fault"];
        };
    };
    showGroup: {
        parameters: {
            query?: {
                /** @description since 3.25; true tells the ids of the volumes */
                list_volume?: components["parameters"]["ListVolume"];
            };
            header?: never;
            path: {
                group_id: components["parameters"]["GroupId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Group */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        group: components["schemas"]["Group"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    updateGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_id: components["parameters"]["GroupId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GroupUpdate"];
            };
        };
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
    actOnGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_id: components["parameters"]["GroupId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GroupDelete"] | components["schemas"]["GroupResetStatus"] | {
                    enable_replication?: unknown;
                    disable_replication?: unknown;
                    failover_replication?: unknown;
                    list_replication_targets?: unknown;
                };
            };
        };
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
    listGroupSnapshots: {
        parameters: {
            query?: {
                /** @description 0 to 1000, more is cut */
                limit?: components["parameters"]["Limit"];
                /** @description Id of the last item seen */
                marker?: components["parameters"]["Marker"];
                offset?: components["parameters"]["Offset"];
                /** @description key[:asc|desc],... */
                sort?: components["parameters"]["Sort"];
                /** @description The older way to sort */
                sort_key?: components["parameters"]["SortKey"];
                sort_dir?: components["parameters"]["SortDir"];
                /** @description Administrators only; ignored for others */
                all_tenants?: components["parameters"]["AllTenants"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Group snapshots */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        group_snapshots: components["schemas"]["GroupSummary"][];
                        group_snapshot_links?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    createGroupSnapshot: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GroupSnapshotCreate"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        group_snapshot: {
                            id: components["schemas"]["Uuid"];
                            name: components["schemas"]["StringOrNull"];
                            group_type_id: components["schemas"]["Uuid"];
                        };
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listGroupSnapshotsDetail: {
        parameters: {
            query?: {
                /** @description 0 to 1000, more is cut */
                limit?: components["parameters"]["Limit"];
                /** @description Id of the last item seen */
                marker?: components["parameters"]["Marker"];
                offset?: components["parameters"]["Offset"];
                /** @description key[:asc|desc],... */
                sort?: components["parameters"]["Sort"];
                /** @description The older way to sort */
                sort_key?: components["parameters"]["SortKey"];
                sort_dir?: components["parameters"]["SortDir"];
                /** @description Administrators only; ignored for others */
                all_tenants?: components["parameters"]["AllTenants"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Group snapshots */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        group_snapshots: components["schemas"]["GroupSnapshot"][];
                        group_snapshot_links?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    showGroupSnapshot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_snapshot_id: components["parameters"]["GroupSnapshotId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Group snapshot */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        group_snapshot: components["schemas"]["GroupSnapshot"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    deleteGroupSnapshot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_snapshot_id: components["parameters"]["GroupSnapshotId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted; it is `deleting` */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    actOnGroupSnapshot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_snapshot_id: components["parameters"]["GroupSnapshotId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GroupResetStatus"];
            };
        };
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
    listConsistencyGroups: {
        parameters: {
            query?: {
                /** @description 0 to 1000, more is cut */
                limit?: components["parameters"]["Limit"];
                /** @description Id of the last item seen */
                marker?: components["parameters"]["Marker"];
                offset?: components["parameters"]["Offset"];
                /** @description key[:asc|desc],... */
                sort?: components["parameters"]["Sort"];
                /** @description The older way to sort */
                sort_key?: components["parameters"]["SortKey"];
                sort_dir?: components["parameters"]["SortDir"];
                /** @description Administrators only; ignored for others */
                all_tenants?: components["parameters"]["AllTenants"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Found */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        consistencygroups: components["schemas"]["GroupSummary"][];
                        consistencygroup_links?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    createConsistencyGroup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConsistencyGroupCreate"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        consistencygroup: components["schemas"]["GroupSummary"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listConsistencyGroupsDetail: {
        parameters: {
            query?: {
                /** @description 0 to 1000, more is cut */
                limit?: components["parameters"]["Limit"];
                /** @description Id of the last item seen */
                marker?: components["parameters"]["Marker"];
                offset?: components["parameters"]["Offset"];
                /** @description key[:asc|desc],... */
                sort?: components["parameters"]["Sort"];
                /** @description The older way to sort */
                sort_key?: components["parameters"]["SortKey"];
                sort_dir?: components["parameters"]["SortDir"];
                /** @description Administrators only; ignored for others */
                all_tenants?: components["parameters"]["AllTenants"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Found */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        consistencygroups: components["schemas"]["ConsistencyGroup"][];
                        consistencygroup_links?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    createConsistencyGroupFromSource: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConsistencyGroupFromSource"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        consistencygroup: components["schemas"]["GroupSummary"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    showConsistencyGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                consistencygroup_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Found */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        consistencygroup: components["schemas"]["ConsistencyGroup"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    updateConsistencyGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                consistencygroup_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConsistencyGroupUpdate"];
            };
        };
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
    updateConsistencyGroupByAction: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                consistencygroup_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConsistencyGroupUpdate"];
            };
        };
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
    deleteConsistencyGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                consistencygroup_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConsistencyGroupDelete"];
            };
        };
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
    listCgsnapshots: {
        parameters: {
            query?: {
                /** @description 0 to 1000, more is cut */
                limit?: components["parameters"]["Limit"];
                /** @description Id of the last item seen */
                marker?: components["parameters"]["Marker"];
                offset?: components["parameters"]["Offset"];
                /** @description key[:asc|desc],... */
                sort?: components["parameters"]["Sort"];
                /** @description The older way to sort */
                sort_key?: components["parameters"]["SortKey"];
                sort_dir?: components["parameters"]["SortDir"];
                /** @description Administrators only; ignored for others */
                all_tenants?: components["parameters"]["AllTenants"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Found */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        cgsnapshots: components["schemas"]["GroupSummary"][];
                        cgsnapshot_links?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    createCgsnapshot: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CgsnapshotCreate"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        cgsnapshot: components["schemas"]["GroupSummary"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listCgsnapshotsDetail: {
        parameters: {
            query?: {
                /** @description 0 to 1000, more is cut */
                limit?: components["parameters"]["Limit"];
                /** @description Id of the last item seen */
                marker?: components["parameters"]["Marker"];
                offset?: components["parameters"]["Offset"];
                /** @description key[:asc|desc],... */
                sort?: components["parameters"]["Sort"];
                /** @description The older way to sort */
                sort_key?: components["parameters"]["SortKey"];
                sort_dir?: components["parameters"]["SortDir"];
                /** @description Administrators only; ignored for others */
                all_tenants?: components["parameters"]["AllTenants"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Found */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        cgsnapshots: components["schemas"]["Cgsnapshot"][];
                        cgsnapshot_links?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    showCgsnapshot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                cgsnapshot_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Found */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        cgsnapshot: components["schemas"]["Cgsnapshot"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    deleteCgsnapshot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                cgsnapshot_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted; it is `deleting` */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    showLimits: {
        parameters: {
            query?: never;
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
                    "application/json": components["schemas"]["LimitsEnvelope"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    showQuotaSet: {
        parameters: {
            query?: {
                /** @description With what is in use */
                usage?: string;
            };
            header?: never;
            path: {
                target_project_id: components["parameters"]["TargetProjectId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Quotas */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuotaSetEnvelope"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    updateQuotaSet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                target_project_id: components["parameters"]["TargetProjectId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["QuotaSetUpdate"];
            };
        };
        responses: {
            /** @description Quotas, without the id */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuotaSetEnvelope"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    deleteQuotaSet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                target_project_id: components["parameters"]["TargetProjectId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    showQuotaDefaults: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                target_project_id: components["parameters"]["TargetProjectId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Quotas */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuotaSetEnvelope"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    showQuotaClass: {
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
            /** @description Quotas */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuotaClassEnvelope"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    updateQuotaClass: {
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
                "application/json": components["schemas"]["QuotaClassUpdate"];
            };
        };
        responses: {
            /** @description Quotas, without the id */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuotaClassEnvelope"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listServices: {
        parameters: {
            query?: {
                /** @description Also matches host@backend */
                host?: string;
                binary?: string;
                /** @description The older name of binary */
                service?: string;
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
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    enableService: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ServiceChange"];
            };
        };
        responses: {
            /** @description The service */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceChanged"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    disableService: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ServiceChange"];
            };
        };
        responses: {
            /** @description The service */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceChanged"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    disableServiceWithReason: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ServiceDisableReason"];
            };
        };
        responses: {
            /** @description The service */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceChanged"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    freezeHost: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HostOrCluster"];
            };
        };
        responses: {
            /** @description Frozen */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    thawHost: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HostOrCluster"];
            };
        };
        responses: {
            /** @description Thawed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    failoverHost: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Failover"];
            };
        };
        responses: {
            "4XX": components["responses"]["Fault"];
        };
    };
    failover: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Failover"];
            };
        };
        responses: {
            "4XX": components["responses"]["Fault"];
        };
    };
    setLogLevels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LogLevelChange"];
            };
        };
        responses: {
            /** @description Recorded; each process follows within seconds */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    showLogLevels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LogLevelQuestion"];
            };
        };
        responses: {
            /** @description Log levels */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        log_levels: components["schemas"]["LogLevels"][];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listHosts: {
        parameters: {
            query?: {
                zone?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Hosts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        hosts: components["schemas"]["ListedHost"][];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    showHost: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                host: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Counts and sums, as text */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        host: components["schemas"]["HostUsage"][];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    updateHost: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                host: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HostUpdate"];
            };
        };
        responses: {
            /** @description The host */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        host: string;
                        /** @enum {string} */
                        status: "enabled" | "disabled";
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    showCapabilities: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                host: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Capabilities */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackendCapabilities"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listResourceFilters: {
        parameters: {
            query?: {
                resource?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Filters */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        resource_filters: {
                            resource: string;
                            filters: string[];
                        }[];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listClusters: {
        parameters: {
            query?: {
                name?: string;
                binary?: string;
                is_up?: string;
                disabled?: string;
                num_hosts?: string;
                num_down_hosts?: string;
                /** @description since 3.26 */
                replication_status?: string;
                /** @description since 3.26 */
                frozen?: string;
                /** @description since 3.26 */
                active_backend_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description None */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        clusters: unknown[];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listClustersDetail: {
        parameters: {
            query?: {
                name?: string;
                binary?: string;
                is_up?: string;
                disabled?: string;
                num_hosts?: string;
                num_down_hosts?: string;
                /** @description since 3.26 */
                replication_status?: string;
                /** @description since 3.26 */
                frozen?: string;
                /** @description since 3.26 */
                active_backend_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description None */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        clusters: unknown[];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    showCluster: {
        parameters: {
            query?: {
                binary?: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": components["responses"]["Fault"];
        };
    };
    enableCluster: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClusterChange"];
            };
        };
        responses: {
            "4XX": components["responses"]["Fault"];
        };
    };
    disableCluster: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClusterChange"];
            };
        };
        responses: {
            "4XX": components["responses"]["Fault"];
        };
    };
    cleanUpWorkers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WorkersCleanup"];
            };
        };
        responses: {
            /** @description Who cleans, and who cannot now */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        cleaning: components["schemas"]["CleanedService"][];
                        unavailable: components["schemas"]["CleanedService"][];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listZones: {
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
                        availabilityZoneInfo: {
                            zoneName: string;
                            zoneState: {
                                available: boolean;
                            };
                        }[];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listPools: {
        parameters: {
            query?: {
                detail?: string;
                /** @description since 3.28 */
                name?: string;
                /** @description since 3.35 */
                volume_type?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Pools */
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
    listManageableVolumesOlder: {
        parameters: {
            query?: {
                /** @description host@backend, or one pool of it; needed */
                host?: string;
                /** @description since 3.17; there are none */
                cluster?: string;
                /** @description reference or size */
                sort?: string;
                limit?: string;
                offset?: string;
                /** @description The reference behind which the page begins */
                marker?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What there is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        "manageable-volumes": components["schemas"]["ManageableVolumeSummary"][];
                        "manageable-volumes_links"?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    manageVolume: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VolumeManage"];
            };
        };
        responses: {
            /** @description Accepted; the volume is `creating` */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VolumeCreatedEnvelope"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listManageableVolumesDetailOlder: {
        parameters: {
            query?: {
                /** @description host@backend, or one pool of it; needed */
                host?: string;
                /** @description since 3.17; there are none */
                cluster?: string;
                /** @description reference or size */
                sort?: string;
                limit?: string;
                offset?: string;
                /** @description The reference behind which the page begins */
                marker?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What there is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        "manageable-volumes": components["schemas"]["ManageableVolume"][];
                        "manageable-volumes_links"?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listManageableVolumes: {
        parameters: {
            query?: {
                /** @description host@backend, or one pool of it; needed */
                host?: string;
                /** @description since 3.17; there are none */
                cluster?: string;
                /** @description reference or size */
                sort?: string;
                limit?: string;
                offset?: string;
                /** @description The reference behind which the page begins */
                marker?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What there is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        "manageable-volumes": components["schemas"]["ManageableVolumeSummary"][];
                        "manageable-volumes_links"?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    manageVolumeNewPath: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VolumeManage"];
            };
        };
        responses: {
            /** @description Accepted; the volume is `creating` */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VolumeCreatedEnvelope"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listManageableVolumesDetail: {
        parameters: {
            query?: {
                /** @description host@backend, or one pool of it; needed */
                host?: string;
                /** @description since 3.17; there are none */
                cluster?: string;
                /** @description reference or size */
                sort?: string;
                limit?: string;
                offset?: string;
                /** @description The reference behind which the page begins */
                marker?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What there is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        "manageable-volumes": components["schemas"]["ManageableVolume"][];
                        "manageable-volumes_links"?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listManageableSnapshots: {
        parameters: {
            query?: {
                /** @description host@backend, or one pool of it; needed */
                host?: string;
                /** @description since 3.17; there are none */
                cluster?: string;
                /** @description reference or size */
                sort?: string;
                limit?: string;
                offset?: string;
                /** @description The reference behind which the page begins */
                marker?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What there is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        "manageable-snapshots": components["schemas"]["ManageableSnapshotSummary"][];
                        "manageable-snapshots_links"?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    manageSnapshot: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SnapshotManage"];
            };
        };
        responses: {
            /** @description Accepted; the snapshot is `creating` */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SnapshotCreatedEnvelope"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listManageableSnapshotsDetail: {
        parameters: {
            query?: {
                /** @description host@backend, or one pool of it; needed */
                host?: string;
                /** @description since 3.17; there are none */
                cluster?: string;
                /** @description reference or size */
                sort?: string;
                limit?: string;
                offset?: string;
                /** @description The reference behind which the page begins */
                marker?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What there is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        "manageable-snapshots": components["schemas"]["ManageableSnapshot"][];
                        "manageable-snapshots_links"?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listManageableSnapshotsOlder: {
        parameters: {
            query?: {
                /** @description host@backend, or one pool of it; needed */
                host?: string;
                /** @description since 3.17; there are none */
                cluster?: string;
                /** @description reference or size */
                sort?: string;
                limit?: string;
                offset?: string;
                /** @description The reference behind which the page begins */
                marker?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What there is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        "manageable-snapshots": components["schemas"]["ManageableSnapshotSummary"][];
                        "manageable-snapshots_links"?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    manageSnapshotOlder: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SnapshotManage"];
            };
        };
        responses: {
            /** @description Accepted; the snapshot is `creating` */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SnapshotCreatedEnvelope"];
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listManageableSnapshotsDetailOlder: {
        parameters: {
            query?: {
                /** @description host@backend, or one pool of it; needed */
                host?: string;
                /** @description since 3.17; there are none */
                cluster?: string;
                /** @description reference or size */
                sort?: string;
                limit?: string;
                offset?: string;
                /** @description The reference behind which the page begins */
                marker?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What there is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        "manageable-snapshots": components["schemas"]["ManageableSnapshot"][];
                        "manageable-snapshots_links"?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    listMessages: {
        parameters: {
            query?: {
                /** @description 0 to 1000, more is cut */
                limit?: components["parameters"]["Limit"];
                /** @description Id of the last item seen */
                marker?: components["parameters"]["Marker"];
                offset?: components["parameters"]["Offset"];
                /** @description key[:asc|desc],... */
                sort?: components["parameters"]["Sort"];
                /** @description The older way to sort */
                sort_key?: components["parameters"]["SortKey"];
                sort_dir?: components["parameters"]["SortDir"];
                /** @description Administrators only; ignored for others */
                all_tenants?: components["parameters"]["AllTenants"];
                /** @description since 3.45 */
                with_count?: components["parameters"]["WithCount"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Messages */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        messages: components["schemas"]["Message"][];
                        messages_links?: components["schemas"]["Links"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    showMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                message_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Message */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        message: components["schemas"]["Message"];
                    };
                };
            };
            "4XX": components["responses"]["Fault"];
        };
    };
    deleteMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                message_id: string;
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
}
