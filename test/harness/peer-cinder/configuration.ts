// The configuration files of a private Cinder: only what differs from its defaults. The pipeline is that of Debian's cinder-api
// (api-paste.ini) with a token filter that reads a file; the list of filters is that of cinder-common (resource_filters.json).
import { writeFileSync } from 'node:fs';
import path from 'node:path';

export interface PeerSettings {
  readonly directory: string;
  readonly port: number;
  /** SQLAlchemy's URL. */
  readonly database: string;
  /** oslo.messaging's URL. */
  readonly broker: string;
}

const apiPaste = `
[composite:osapi_volume]
use = call:cinder.api:root_app_factory
/: apiversions
/healthcheck: healthcheck
/v3: openstack_volume_api_v3

[composite:openstack_volume_api_v3]
use = call:cinder.api.middleware.auth:pipeline_factory
keystone = request_id cors http_proxy_to_wsgi faultwrap sizelimit osprofiler authtoken keystonecontext apiv3

[filter:request_id]
paste.filter_factory = oslo_middleware.request_id:RequestId.factory
[filter:http_proxy_to_wsgi]
paste.filter_factory = oslo_middleware.http_proxy_to_wsgi:HTTPProxyToWSGI.factory
[filter:cors]
paste.filter_factory = oslo_middleware.cors:filter_factory
oslo_config_project = cinder
[filter:faultwrap]
paste.filter_factory = cinder.api.middleware.fault:FaultWrapper.factory
[filter:osprofiler]
paste.filter_factory = osprofiler.web:WsgiMiddleware.factory
[filter:sizelimit]
paste.filter_factory = oslo_middleware.sizelimit:RequestBodySizeLimiter.factory
[app:apiv3]
paste.app_factory = cinder.api.v3.router:APIRouter.factory
[pipeline:apiversions]
pipeline = request_id cors http_proxy_to_wsgi faultwrap osvolumeversionapp
[app:osvolumeversionapp]
paste.app_factory = cinder.api.versions:Versions.factory
[pipeline:healthcheck]
pipeline = request_id healthcheckapp
[app:healthcheckapp]
paste.app_factory = oslo_middleware:Healthcheck.app_factory
backends = disable_by_file
[filter:keystonecontext]
paste.filter_factory = cinder.api.middleware.auth:CinderKeystoneContext.factory
[filter:authtoken]
paste.filter_factory = saggar_peer:token_filter
`;

const resourceFilters: Readonly<Record<string, readonly string[]>> = {
  volume: [
    'name',
    'status',
    'metadata',
    'bootable',
    'migration_status',
    'availability_zone',
    'group_id',
    'size',
    'created_at',
    'updated_at',
    'consumes_quota',
  ],
  backup: ['name', 'status', 'volume_id'],
  snapshot: ['name', 'status', 'volume_id', 'metadata', 'availability_zone', 'consumes_quota'],
  group: ['name'],
  group_snapshot: ['name', 'status', 'group_id'],
  attachment: ['volume_id', 'status', 'instance_id', 'attach_status'],
  message: ['resource_uuid', 'resource_type', 'event_id', 'request_id', 'message_level'],
  pool: ['name', 'volume_type'],
  volume_type: ['is_public', 'extra_specs'],
};

type Sections = Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>;

function sections(plan: PeerSettings): Sections {
  const at = (name: string): string => path.join(plan.directory, name);
  return {
    DEFAULT: {
      auth_strategy: 'keystone',
      host: 'node1',
      transport_url: plan.broker,
      enabled_backends: 'gluster',
      osapi_volume_listen: '127.0.0.1',
      osapi_volume_listen_port: plan.port,
      osapi_volume_workers: 1,
      api_paste_config: at('api-paste.ini'),
      resource_query_filters_file: at('resource-filters.json'),
      state_path: at('state'),
      log_dir: at('log'),
      default_volume_type: '__DEFAULT__',
      scheduler_driver_init_wait_time: 10,
      enable_force_upload: true,
      use_stderr: false,
      report_interval: 5,
      periodic_fuzzy_delay: 0,
      backend_stats_polling_interval: 3,
      public_endpoint: `http://127.0.0.1:${plan.port}`,
    },
    gluster: { volume_driver: 'saggar_peer.EmptyDriver', volume_backend_name: 'gluster' },
    database: { connection: plan.database, max_pool_size: 5 },
    keystone_authtoken: {
      www_authenticate_uri: 'http://127.0.0.1:5000/',
      auth_type: 'none',
      endpoint: 'http://127.0.0.1:9/',
    },
    key_manager: { backend: 'cinder.keymgr.conf_key_mgr.ConfKeyManager', fixed_key: '0'.repeat(64) },
    coordination: { backend_url: `file://${at('state')}/locks` },
    oslo_concurrency: { lock_path: at('state') },
    oslo_messaging_notifications: { driver: 'noop' },
    // Cinder's rules as they are meant now: a reader reads, a member writes; without it any role of the project may do everything.
    oslo_policy: { policy_file: at('policy.yaml'), enforce_new_defaults: true, enforce_scope: false },
  };
}

/** Writes all files and returns the path of cinder.conf. */
export function writePeerConfiguration(plan: PeerSettings): string {
  const at = (name: string): string => path.join(plan.directory, name);
  const text = Object.entries(sections(plan))
    .map(([name, values]) =>
      [`[${name}]`, ...Object.entries(values).map(([key, value]) => `${key} = ${value}`), ''].join('\n'),
    )
    .join('\n');
  writeFileSync(at('cinder.conf'), text, { mode: 0o600 });
  writeFileSync(at('api-paste.ini'), apiPaste);
  writeFileSync(at('resource-filters.json'), JSON.stringify(resourceFilters));
  writeFileSync(at('policy.yaml'), '{}\n');
  return at('cinder.conf');
}
