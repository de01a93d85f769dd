// How every route of the compute API is asked in the policy tests: on which resource, with which body, and what somebody of
// another project gets. The suite fails for a route without a row here.
import { randomUUID } from 'node:crypto';
import { missingId } from '../block-storage/block-rig.js';
import type { ComputeTarget } from './compute-targets.js';
import { type Recipe, shared } from './recipe.js';

type ComputeRecipe = Recipe<ComputeTarget>;

const hidden = { on: 'server', foreign: 'hidden' } as const;
const missing = { on: 'server', foreign: 'missing' } as const;
const action = (on: ComputeTarget, name: string, value: unknown = null): ComputeRecipe => ({
  on,
  body: () => ({ [name]: value }),
  foreign: 'missing',
});

const servers = {
  computeListServers: hidden,
  computeListServersDetail: hidden,
  computeCreateServer: {
    on: 'volume',
    body: ({ volume_id: uuid }) => ({
      server: {
        name: 'policy',
        flavorRef: '1',
        networks: 'none',
        block_device_mapping_v2: [{ source_type: 'volume', destination_type: 'volume', uuid, boot_index: 0 }],
      },
    }),
    foreign: 'missing',
    missingAs: 400,
    ownOnly: true,
  },
  computeShowServer: missing,
  computeUpdateServer: { ...missing, body: () => ({ server: { name: 'renamed' } }) },
  computeDeleteServer: missing,
  computeStartServer: action('stoppedServer', 'os-start'),
  computeStopServer: action('server', 'os-stop'),
  computeRebootServer: action('server', 'reboot', { type: 'HARD' }),
  computeForceDeleteServer: action('server', 'forceDelete'),
  computeReadConsole: action('server', 'os-getConsoleOutput', { length: 1 }),
  computeListServerMetadata: missing,
  computeListServerSecurityGroups: missing,
  computeListServerInterfaces: missing,
  computeListServerAddresses: missing,
  computeListInstanceActions: missing,
  computeShowInstanceAction: missing,
  computeListServerTags: missing,
  computeReplaceServerTags: { ...missing, body: () => ({ tags: ['red'] }) },
  computeDeleteServerTags: { on: 'taggedServer', foreign: 'missing' },
  computeCheckServerTag: { on: 'taggedServer', path: { tag: 'blue' }, foreign: 'missing' },
  computeAddServerTag: { ...missing, path: { tag: 'red' } },
  computeDeleteServerTag: { on: 'taggedServer', path: { tag: 'blue' }, foreign: 'missing' },
  computeListVolumeAttachments: missing,
  computeCreateVolumeAttachment: {
    on: 'serverAndVolume',
    body: ({ volume_id: volumeId }) => ({ volumeAttachment: { volumeId } }),
    foreign: 'missing',
  },
  computeShowVolumeAttachment: { on: 'attachedServer', foreign: 'missing' },
  computeDeleteVolumeAttachment: { on: 'attachedServer', foreign: 'missing' },
} as const satisfies Record<string, ComputeRecipe>;

/** Calls of services: for any project. */
const ofServices = {
  computeCreateAssistedSnapshot: {
    on: 'snapshotToSwitch',
    body: ({ root_id, snapshot_id, file }) => ({
      snapshot: { volume_id: root_id, create_info: { snapshot_id, type: 'qcow2', new_file: file } },
    }),
    foreign: 'missing',
  },
  computeDeleteAssistedSnapshot: {
    on: 'snapshotToMerge',
    query: '?delete_info={"volume_id":"{root_id}","file_to_merge":"{file}","merge_target_file":"volume-{root_id}"}',
    foreign: 'missing',
  },
  computeCreateExternalEvents: {
    on: 'server',
    body: ({ server_id: server_uuid }) => ({ events: [{ name: 'network-changed', server_uuid, tag: missingId }] }),
    foreign: 'missing',
  },
} as const satisfies Record<string, ComputeRecipe>;

/** They are gone in the version that the others are asked in. */
const older = () => ({ 'OpenStack-API-Version': 'compute 2.35' });

const proxies = {
  computeListProxyVolumes: { on: 'volume', foreign: 'hidden', headers: older },
  computeListProxyVolumesDetail: { on: 'volume', foreign: 'hidden', headers: older },
  computeCreateProxyVolume: {
    on: 'room',
    body: () => ({ volume: { size: 1, display_name: 'policy' } }),
    foreign: 'shared',
    headers: older,
  },
  computeShowProxyVolume: { on: 'volume', foreign: 'missing', headers: older },
  computeDeleteProxyVolume: { on: 'volume', foreign: 'missing', headers: older },
  computeListProxySnapshots: { on: 'snapshot', foreign: 'hidden', headers: older },
  computeListProxySnapshotsDetail: { on: 'snapshot', foreign: 'hidden', headers: older },
  computeCreateProxySnapshot: {
    on: 'volume',
    body: ({ volume_id }) => ({ snapshot: { volume_id } }),
    foreign: 'missing',
    headers: older,
  },
  computeShowProxySnapshot: { on: 'snapshot', foreign: 'missing', headers: older },
  computeDeleteProxySnapshot: { on: 'snapshot', foreign: 'missing', headers: older },
} as const satisfies Record<string, ComputeRecipe>;

const quotas = { on: 'project', foreign: 'missing' } as const;

export const computeRecipes: Readonly<Record<string, ComputeRecipe>> = {
  computeListVersions: shared,
  computeShowVersion: shared,
  computeListFlavors: shared,
  computeListFlavorsDetail: shared,
  computeShowFlavor: { on: 'flavor', foreign: 'shared' },
  computeListFlavorExtraSpecs: { on: 'flavor', foreign: 'shared' },
  computeCreateFlavor: {
    on: 'nothing',
    body: () => ({ flavor: { name: `made-${randomUUID()}`, ram: 64, vcpus: 1, disk: 0 } }),
    foreign: 'shared',
  },
  computeDeleteFlavor: { on: 'flavor', foreign: 'shared' },
  ...servers,
  ...ofServices,
  ...proxies,
  computeListZones: shared,
  computeListZonesDetail: shared,
  computeListServices: shared,
  computeShowLimits: shared,
  computeListKeypairs: shared,
  computeListExtensions: shared,
  computeShowQuota: quotas,
  computeShowQuotaDefaults: quotas,
  computeShowQuotaDetail: quotas,
  computeUpdateQuota: { ...quotas, body: () => ({ quota_set: { cores: 77 } }) },
  computeDeleteQuota: quotas,
  computeShowQuotaClass: { on: 'nothing', path: { class_name: 'default' }, foreign: 'shared' },
  computeUpdateQuotaClass: {
    on: 'nothing',
    path: { class_name: 'other' },
    body: () => ({ quota_class_set: { cores: 78 } }),
    foreign: 'shared',
  },
};
