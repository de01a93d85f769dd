// Tempest's configuration for one Saggar: what is offered is switched on, whatever Tempest would then find missing included.
// Source: Tempest's own configuration reference (tempest 33, groups auth, identity, volume, volume-feature-enabled).

export interface Cloud {
  readonly authUrl: string;
  readonly userName: string;
  readonly password: string;
  readonly projectName: string;
  readonly region: string;
  /** volume_backend_name of each backend; with two or more the multi-backend tests run. */
  readonly backendNames: readonly string[];
  readonly storageProtocol: string;
  readonly vendorName: string;
  /** Ids of two small active images; null while the cloud stores none. */
  readonly images: readonly [string, string] | null;
  /** Ids of two flavors; null while nothing can be started. */
  readonly flavors: readonly [string, string] | null;
  readonly hasBackup: boolean;
  /** Files of volumes can be taken in and let go. Of snapshots they cannot: the chain's other layers would depend on them. */
  readonly hasManage: boolean;
}

type Section = Readonly<Record<string, string | number | boolean>>;

function startsServers({ images, flavors }: Cloud): boolean {
  return images !== null && flavors !== null;
}

function sectionsOf(cloud: Cloud, workspace: string): Readonly<Record<string, Section>> {
  return {
    DEFAULT: { log_file: `${workspace}/tempest.log`, debug: false },
    oslo_concurrency: { lock_path: `${workspace}/lock` },
    auth: {
      use_dynamic_credentials: true,
      admin_username: cloud.userName,
      admin_password: cloud.password,
      admin_project_name: cloud.projectName,
      admin_domain_name: 'Default',
      create_isolated_networks: false,
      tempest_roles: 'member',
    },
    identity: {
      auth_version: 'v3',
      uri_v3: cloud.authUrl,
      region: cloud.region,
      v3_endpoint_type: 'public',
      default_domain_id: 'default',
    },
    'identity-feature-enabled': { api_v2: false, api_v3: true },
    service_available: {
      cinder: true,
      glance: cloud.images !== null,
      // Tempest starts servers of an image; ours have no networks.
      nova: startsServers(cloud),
      neutron: false,
      swift: false,
      horizon: false,
    },
    image: { region: cloud.region },
    compute: {
      ...(cloud.images === null ? {} : { image_ref: cloud.images[0], image_ref_alt: cloud.images[1] }),
      ...(cloud.flavors === null ? {} : { flavor_ref: cloud.flavors[0], flavor_ref_alt: cloud.flavors[1] }),
      build_interval: 1,
      build_timeout: 180,
    },
    'compute-feature-enabled': {
      api_extensions: 'all',
      attach_encrypted_volume: false,
      cold_migration: false,
      config_drive: false,
      console_output: true,
      live_migration: false,
      rescue: false,
      resize: false,
      shelve: false,
      snapshot: false,
      suspend: false,
      volume_multiattach: false,
    },
    volume: {
      catalog_type: 'volumev3',
      endpoint_type: 'public',
      region: cloud.region,
      min_microversion: '3.0',
      max_microversion: 'latest',
      build_interval: 1,
      build_timeout: 120,
      storage_protocol: cloud.storageProtocol,
      vendor_name: cloud.vendorName,
      disk_format: 'raw',
      ...(cloud.backendNames.length > 1 ? { backend_names: cloud.backendNames.join(',') } : {}),
    },
    'volume-feature-enabled': {
      snapshot: true,
      clone: true,
      backup: cloud.hasBackup,
      multi_backend: cloud.backendNames.length > 1,
      manage_volume: cloud.hasManage,
      manage_snapshot: cloud.hasManage,
      // Tempest waits for the action on the server, so it wants a compute API as well.
      extend_attached_volume: startsServers(cloud),
      extend_attached_encrypted_volume: startsServers(cloud),
      api_extensions: 'all',
    },
    validation: { run_validation: false },
  };
}

/** The text of tempest.conf. */
export function tempestConf(cloud: Cloud, workspace: string): string {
  return Object.entries(sectionsOf(cloud, workspace))
    .map(([name, section]) => {
      const lines = Object.entries(section).map(([key, value]) => `${key} = ${String(value)}`);
      return [`[${name}]`, ...lines, ''].join('\n');
    })
    .join('\n');
}
