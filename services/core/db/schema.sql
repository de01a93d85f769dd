CREATE FUNCTION public.note_custody_image() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  if tg_op <> 'INSERT' and old.volume_id is not null then insert into custody_changes (volume_id) values (old.volume_id); end if;
  if tg_op <> 'DELETE' and new.volume_id is not null and (tg_op = 'INSERT' or new.volume_id is distinct from old.volume_id) then
    insert into custody_changes (volume_id) values (new.volume_id);
  end if;
  return null;
end $$;

CREATE FUNCTION public.note_custody_image_member() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  insert into custody_changes (volume_id) select volume_id from images
    where id = (case when tg_op = 'DELETE' then old.image_id else new.image_id end) and volume_id is not null;
  return null;
end $$;

CREATE FUNCTION public.note_custody_part() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  insert into custody_changes (volume_id) values (case when tg_op = 'DELETE' then old.volume_id else new.volume_id end);
  return null;
end $$;

CREATE FUNCTION public.note_custody_type() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  insert into custody_changes (volume_id) select id from volumes where volume_type_id = new.id;
  return null;
end $$;

CREATE FUNCTION public.note_custody_volume() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  if tg_op = 'DELETE' then
    if old.host is not null then insert into custody_changes (volume_id, pool) values (old.id, old.host); end if;
    return null;
  end if;
  insert into custody_changes (volume_id) values (new.id);
  if tg_op = 'UPDATE' and old.host is not null and old.host is distinct from new.host then
    insert into custody_changes (volume_id, pool) values (old.id, old.host);
  end if;
  return null;
end $$;

CREATE FUNCTION public.utc_now() RETURNS timestamp without time zone
    LANGUAGE sql STABLE
    AS $$ select timezone('UTC', clock_timestamp()) $$;

CREATE TABLE public.attachments (
    id uuid NOT NULL,
    volume_id uuid NOT NULL,
    project_id text NOT NULL,
    instance_uuid uuid,
    managed_server_id uuid,
    attached_host text,
    mountpoint text,
    attach_mode text,
    status text NOT NULL,
    connector jsonb,
    connection_info jsonb DEFAULT '{}'::jsonb NOT NULL,
    boot_index integer,
    delete_on_termination boolean DEFAULT false NOT NULL,
    tag text,
    attached_at timestamp without time zone,
    detached_at timestamp without time zone,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    updated_at timestamp without time zone
);

CREATE TABLE public.audit_findings (
    rule text NOT NULL,
    kind text NOT NULL,
    id text NOT NULL,
    file text DEFAULT ''::text NOT NULL,
    text text NOT NULL,
    pool text,
    at_cursor text,
    compute_host text,
    first_seen timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    last_seen timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    repaired_at timestamp without time zone,
    repairs integer DEFAULT 0 NOT NULL
);

CREATE TABLE public.audit_rounds (
    only_row boolean DEFAULT true NOT NULL,
    round bigint DEFAULT 0 NOT NULL,
    taken_by text,
    leased_until timestamp without time zone,
    begun_at timestamp without time zone,
    complete_at timestamp without time zone,
    took_seconds real,
    CONSTRAINT audit_rounds_only_row_check CHECK (only_row)
);

CREATE TABLE public.audit_shares (
    pool text NOT NULL,
    next_after text,
    pass_begun_at timestamp without time zone,
    entries integer DEFAULT 0 NOT NULL,
    whole_at timestamp without time zone,
    whole_seconds real,
    whole_entries integer
);

CREATE TABLE public.backups (
    id uuid NOT NULL,
    project_id text NOT NULL,
    user_id text NOT NULL,
    name text,
    description text,
    status text NOT NULL,
    volume_id uuid,
    snapshot_id uuid,
    parent_id uuid,
    size_gib integer NOT NULL,
    container text,
    availability_zone text,
    backend_host text,
    service text,
    object_count integer DEFAULT 0 NOT NULL,
    stored_bytes bigint DEFAULT 0 NOT NULL,
    manifest_sha256 text,
    data_timestamp timestamp without time zone,
    fail_reason text,
    encryption_key_id uuid,
    restore_volume_id uuid,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    updated_at timestamp without time zone,
    stored_as uuid,
    objects_of uuid GENERATED ALWAYS AS (COALESCE(stored_as, id)) STORED,
    needs uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    objects_seen boolean DEFAULT true NOT NULL
);

CREATE TABLE public.chain_layers (
    volume_id uuid NOT NULL,
    "position" integer NOT NULL,
    file text NOT NULL,
    format text NOT NULL,
    virtual_size_bytes bigint NOT NULL,
    snapshot_id uuid,
    key_id uuid,
    CONSTRAINT chain_layers_check CHECK ((("position" = 0) OR ((format = 'qcow2'::text) AND (snapshot_id IS NOT NULL)))),
    CONSTRAINT chain_layers_encrypted_format CHECK (((key_id IS NULL) OR (format = 'qcow2'::text))),
    CONSTRAINT chain_layers_format_check CHECK ((format = ANY (ARRAY['raw'::text, 'qcow2'::text]))),
    CONSTRAINT chain_layers_position_check CHECK (("position" >= 0))
);

CREATE TABLE public.custody_changes (
    id bigint NOT NULL,
    volume_id uuid NOT NULL,
    pool text
);

ALTER TABLE public.custody_changes ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.custody_changes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.data_servers (
    backend_host text NOT NULL,
    boot_id uuid NOT NULL,
    url text NOT NULL,
    updated_at timestamp without time zone DEFAULT public.utc_now() NOT NULL
);

CREATE TABLE public.default_volume_types (
    project_id text NOT NULL,
    volume_type_id uuid NOT NULL,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    updated_at timestamp without time zone
);

CREATE TABLE public.flavors (
    id text NOT NULL,
    name text NOT NULL,
    ram_mib integer NOT NULL,
    vcpus integer NOT NULL,
    disk_gib integer DEFAULT 0 NOT NULL,
    is_public boolean DEFAULT true NOT NULL,
    description text,
    extra_specs jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL
);

CREATE TABLE public.group_snapshots (
    id uuid NOT NULL,
    project_id text NOT NULL,
    user_id text NOT NULL,
    group_id uuid NOT NULL,
    group_type_id uuid NOT NULL,
    name text,
    description text,
    status text NOT NULL,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    updated_at timestamp without time zone
);

CREATE TABLE public.group_types (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    description text,
    is_public boolean DEFAULT true NOT NULL,
    group_specs jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    updated_at timestamp without time zone
);

CREATE TABLE public.group_volume_types (
    group_id uuid NOT NULL,
    volume_type_id uuid NOT NULL
);

CREATE TABLE public.guest_sights (
    compute_host text NOT NULL,
    seen_at timestamp without time zone NOT NULL,
    guests jsonb NOT NULL
);

CREATE TABLE public.idempotency_answers (
    id text NOT NULL,
    fingerprint text NOT NULL,
    request_id text NOT NULL,
    status integer NOT NULL,
    headers jsonb NOT NULL,
    body text,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    CONSTRAINT idempotency_answers_status_check CHECK (((status >= 200) AND (status <= 499)))
);

CREATE TABLE public.identity_application_credential_roles (
    application_credential_id text NOT NULL,
    role_id text NOT NULL
);

CREATE TABLE public.identity_application_credentials (
    id text NOT NULL,
    user_id text NOT NULL,
    project_id text NOT NULL,
    name text NOT NULL,
    description text,
    secret_hash text NOT NULL,
    expires_at timestamp without time zone,
    unrestricted boolean DEFAULT false NOT NULL,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL
);

CREATE TABLE public.identity_assignments (
    user_id text NOT NULL,
    role_id text NOT NULL,
    project_id text,
    domain_id text,
    CONSTRAINT identity_assignments_check CHECK (((project_id IS NULL) <> (domain_id IS NULL)))
);

CREATE TABLE public.identity_bootstrap (
    user_id text NOT NULL,
    password_hash text NOT NULL
);

CREATE TABLE public.identity_domains (
    id text NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    enabled boolean DEFAULT true NOT NULL,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL
);

CREATE TABLE public.identity_implied_roles (
    prior_role_id text NOT NULL,
    implied_role_id text NOT NULL
);

CREATE TABLE public.identity_projects (
    id text NOT NULL,
    domain_id text NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    enabled boolean DEFAULT true NOT NULL,
    tags jsonb DEFAULT '[]'::jsonb NOT NULL,
    extra jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL
);

CREATE TABLE public.identity_roles (
    id text NOT NULL,
    name text NOT NULL,
    description text,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL
);

CREATE TABLE public.identity_tokens (
    token_hash bytea NOT NULL,
    user_id text NOT NULL,
    project_id text,
    domain_id text,
    methods jsonb NOT NULL,
    audit_ids jsonb NOT NULL,
    issued_at timestamp without time zone NOT NULL,
    expires_at timestamp without time zone NOT NULL,
    application_credential_id text
);

CREATE TABLE public.identity_users (
    id text NOT NULL,
    domain_id text NOT NULL,
    name text NOT NULL,
    password_hash text,
    enabled boolean DEFAULT true NOT NULL,
    default_project_id text,
    description text,
    extra jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL
);

CREATE TABLE public.image_cache (
    volume_id uuid NOT NULL,
    image_id uuid NOT NULL,
    pool text NOT NULL,
    last_used_at timestamp without time zone DEFAULT public.utc_now() NOT NULL
);

CREATE TABLE public.image_members (
    image_id uuid NOT NULL,
    member text NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    updated_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    CONSTRAINT image_members_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'accepted'::text, 'rejected'::text])))
);

CREATE TABLE public.images (
    id uuid NOT NULL,
    project_id text NOT NULL,
    name text,
    status text NOT NULL,
    visibility text DEFAULT 'shared'::text NOT NULL,
    protected boolean DEFAULT false NOT NULL,
    hidden boolean DEFAULT false NOT NULL,
    container_format text,
    disk_format text,
    min_disk integer DEFAULT 0 NOT NULL,
    min_ram integer DEFAULT 0 NOT NULL,
    size bigint,
    virtual_size bigint,
    checksum text,
    os_hash_algo text,
    os_hash_value text,
    properties jsonb DEFAULT '{}'::jsonb NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    volume_id uuid,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    updated_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    CONSTRAINT images_min_disk_check CHECK ((min_disk >= 0)),
    CONSTRAINT images_min_ram_check CHECK ((min_ram >= 0)),
    CONSTRAINT images_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'saving'::text, 'active'::text, 'deactivated'::text, 'killed'::text, 'deleted'::text, 'pending_delete'::text]))),
    CONSTRAINT images_visibility_check CHECK ((visibility = ANY (ARRAY['public'::text, 'private'::text, 'shared'::text, 'community'::text])))
);

CREATE TABLE public.notifications (
    id bigint NOT NULL,
    message_id uuid NOT NULL,
    event_type text NOT NULL,
    priority text NOT NULL,
    message jsonb NOT NULL,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    CONSTRAINT notifications_priority_check CHECK ((priority = ANY (ARRAY['INFO'::text, 'ERROR'::text])))
);

CREATE SEQUENCE public.notifications_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.notifications_id_seq OWNED BY public.notifications.id;

CREATE TABLE public.operation_cancels (
    operation_id uuid NOT NULL,
    reason text NOT NULL,
    asked_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    sent_at timestamp without time zone,
    CONSTRAINT operation_cancels_reason_check CHECK ((reason = ANY (ARRAY['gives-way'::text, 'asked'::text])))
);

CREATE SEQUENCE public.operation_epochs
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE SEQUENCE public.operation_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE public.operations (
    id uuid NOT NULL,
    seq bigint NOT NULL,
    type text NOT NULL,
    project_id text NOT NULL,
    user_id text NOT NULL,
    request_id text NOT NULL,
    params jsonb NOT NULL,
    plan jsonb,
    outputs jsonb DEFAULT '{}'::jsonb NOT NULL,
    visited jsonb DEFAULT '[]'::jsonb NOT NULL,
    state text NOT NULL,
    step text,
    phase text DEFAULT 'do'::text NOT NULL,
    attempt integer DEFAULT 0 NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    epoch bigint DEFAULT 0 NOT NULL,
    queue text,
    error jsonb,
    progress real DEFAULT 0 NOT NULL,
    settled boolean DEFAULT false NOT NULL,
    wake_at timestamp without time zone,
    depends_on uuid,
    depends_mode text DEFAULT 'success'::text NOT NULL,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    updated_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    finished_at timestamp without time zone,
    awaits_volume_id uuid,
    CONSTRAINT operations_depends_mode_check CHECK ((depends_mode = ANY (ARRAY['success'::text, 'end'::text]))),
    CONSTRAINT operations_phase_check CHECK ((phase = ANY (ARRAY['do'::text, 'undo'::text]))),
    CONSTRAINT operations_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'running'::text, 'undoing'::text, 'stuck'::text, 'done'::text, 'failed'::text])))
);

CREATE TABLE public.outbox (
    id bigint NOT NULL,
    operation_id uuid,
    routing_key text NOT NULL,
    message jsonb NOT NULL,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL
);

CREATE SEQUENCE public.outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.outbox_id_seq OWNED BY public.outbox.id;

CREATE TABLE public.pools (
    name text NOT NULL,
    backend_host text NOT NULL,
    share text NOT NULL,
    zone text DEFAULT 'nova'::text NOT NULL,
    state text NOT NULL,
    access jsonb NOT NULL,
    capabilities jsonb NOT NULL,
    findings jsonb DEFAULT '[]'::jsonb NOT NULL,
    total_bytes bigint,
    free_bytes bigint,
    provisioned_gib bigint DEFAULT 0 NOT NULL,
    updated_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    maintenance_since timestamp without time zone,
    maintenance_reason text,
    evacuation jsonb,
    retired boolean DEFAULT false NOT NULL,
    figures jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT pools_evacuation_in_maintenance CHECK (((evacuation IS NULL) OR (maintenance_since IS NOT NULL))),
    CONSTRAINT pools_state_check CHECK ((state = ANY (ARRAY['up'::text, 'down'::text])))
);

CREATE TABLE public.qos_specs (
    id uuid NOT NULL,
    name text NOT NULL,
    consumer text NOT NULL,
    specs jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    updated_at timestamp without time zone,
    CONSTRAINT qos_specs_consumer_check CHECK ((consumer = ANY (ARRAY['front-end'::text, 'back-end'::text, 'both'::text])))
);

CREATE TABLE public.quota_limits (
    project_id text NOT NULL,
    resource text NOT NULL,
    hard_limit bigint NOT NULL
);

CREATE TABLE public.resource_locks (
    resource text NOT NULL,
    operation_id uuid NOT NULL,
    seq bigint NOT NULL,
    mode text NOT NULL,
    held boolean DEFAULT false NOT NULL,
    CONSTRAINT resource_locks_mode_check CHECK ((mode = ANY (ARRAY['read'::text, 'use'::text, 'chain'::text])))
);

CREATE TABLE public.servers (
    id uuid NOT NULL,
    project_id text NOT NULL,
    user_id text NOT NULL,
    name text NOT NULL,
    description text,
    flavor_id text NOT NULL,
    flavor jsonb NOT NULL,
    vm_state text NOT NULL,
    task_state text,
    power_state integer DEFAULT 0 NOT NULL,
    compute_host text,
    availability_zone text,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    tags jsonb DEFAULT '[]'::jsonb NOT NULL,
    user_data text,
    key_name text,
    config_drive text DEFAULT ''::text NOT NULL,
    fault jsonb,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    updated_at timestamp without time zone,
    launched_at timestamp without time zone,
    terminated_at timestamp without time zone,
    image_id uuid
);

CREATE TABLE public.services (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    "binary" text NOT NULL,
    host text NOT NULL,
    zone text DEFAULT 'nova'::text NOT NULL,
    disabled boolean DEFAULT false NOT NULL,
    disabled_reason text,
    boot_id uuid,
    url text,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    updated_at timestamp without time zone,
    frozen boolean DEFAULT false NOT NULL,
    log_level text,
    log_level_in_force text,
    CONSTRAINT services_log_level_check CHECK ((log_level = ANY (ARRAY['trace'::text, 'debug'::text, 'info'::text, 'warn'::text, 'error'::text])))
);

CREATE TABLE public.share_scan_pages (
    scan_id uuid NOT NULL,
    page integer NOT NULL,
    entries jsonb NOT NULL
);

CREATE TABLE public.share_scans (
    id uuid NOT NULL,
    pool text NOT NULL,
    state text NOT NULL,
    entries integer DEFAULT 0 NOT NULL,
    error jsonb,
    project_id text NOT NULL,
    user_id text NOT NULL,
    request_id text NOT NULL,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    finished_at timestamp without time zone,
    purpose text DEFAULT 'asked'::text NOT NULL,
    begins_after text,
    page_limit integer,
    stopped_at text,
    CONSTRAINT share_scans_purpose_check CHECK ((purpose = ANY (ARRAY['asked'::text, 'audit'::text]))),
    CONSTRAINT share_scans_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text])))
);

CREATE TABLE public.snapshots (
    id uuid NOT NULL,
    volume_id uuid NOT NULL,
    project_id text NOT NULL,
    user_id text NOT NULL,
    name text,
    description text,
    size_gib integer NOT NULL,
    status text NOT NULL,
    progress text DEFAULT '0%'::text NOT NULL,
    volume_type_id uuid,
    group_snapshot_id uuid,
    consumes_quota boolean DEFAULT true NOT NULL,
    internal boolean DEFAULT false NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    updated_at timestamp without time zone
);

CREATE TABLE public.user_messages (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    project_id text NOT NULL,
    event_id text NOT NULL,
    resource_type text,
    resource_uuid uuid,
    request_id text,
    message_level text DEFAULT 'ERROR'::text NOT NULL,
    user_message text NOT NULL,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    guaranteed_until timestamp without time zone DEFAULT (public.utc_now() + '30 days'::interval) NOT NULL
);

CREATE TABLE public.volume_groups (
    id uuid NOT NULL,
    project_id text NOT NULL,
    user_id text NOT NULL,
    name text,
    description text,
    group_type_id uuid NOT NULL,
    status text NOT NULL,
    availability_zone text,
    group_snapshot_id uuid,
    source_group_id uuid,
    replication_status text DEFAULT 'disabled'::text NOT NULL,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    updated_at timestamp without time zone
);

CREATE TABLE public.volume_transfers (
    id uuid NOT NULL,
    volume_id uuid NOT NULL,
    project_id text NOT NULL,
    name text,
    no_snapshots boolean DEFAULT false NOT NULL,
    salt bytea NOT NULL,
    key_digest bytea NOT NULL,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    updated_at timestamp without time zone
);

CREATE TABLE public.volume_type_access (
    volume_type_id uuid NOT NULL,
    project_id text NOT NULL,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL
);

CREATE TABLE public.volume_type_encryption (
    encryption_id uuid NOT NULL,
    volume_type_id uuid NOT NULL,
    provider text NOT NULL,
    control_location text NOT NULL,
    cipher text,
    key_size integer,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    updated_at timestamp without time zone,
    CONSTRAINT volume_type_encryption_control_location_check CHECK ((control_location = ANY (ARRAY['front-end'::text, 'back-end'::text]))),
    CONSTRAINT volume_type_encryption_key_size_check CHECK ((key_size >= 0))
);

CREATE TABLE public.volume_types (
    id uuid NOT NULL,
    name text NOT NULL,
    description text,
    is_public boolean DEFAULT true NOT NULL,
    extra_specs jsonb DEFAULT '{}'::jsonb NOT NULL,
    qos_specs_id uuid,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    updated_at timestamp without time zone
);

CREATE TABLE public.volumes (
    id uuid NOT NULL,
    project_id text NOT NULL,
    user_id text NOT NULL,
    name text,
    description text,
    size_gib integer NOT NULL,
    status text NOT NULL,
    previous_status text,
    attach_status text DEFAULT 'detached'::text NOT NULL,
    migration_status text,
    availability_zone text,
    volume_type_id uuid,
    snapshot_id uuid,
    source_volid uuid,
    host text,
    provider_location text,
    provider_id text,
    base_format text,
    preallocation text DEFAULT 'off'::text NOT NULL,
    bootable boolean DEFAULT false NOT NULL,
    encrypted boolean DEFAULT false NOT NULL,
    encryption_key_id uuid,
    multiattach boolean DEFAULT false NOT NULL,
    replication_status text,
    consistencygroup_id uuid,
    group_id uuid,
    name_id uuid,
    cluster_name text,
    consumes_quota boolean DEFAULT true NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    admin_metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    image_metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp without time zone DEFAULT public.utc_now() NOT NULL,
    updated_at timestamp without time zone,
    scheduled_at timestamp without time zone,
    launched_at timestamp without time zone,
    backing_volume_id uuid,
    backing_snapshot_id uuid,
    backing_file text,
    flatten_requested_at timestamp without time zone,
    flatten_not_before timestamp without time zone,
    flatten_failures integer DEFAULT 0 NOT NULL,
    flatten_error jsonb,
    purpose text DEFAULT 'volume'::text NOT NULL,
    CONSTRAINT volumes_backing CHECK ((((backing_snapshot_id IS NULL) OR (backing_volume_id IS NOT NULL)) AND ((backing_file IS NULL) OR (backing_volume_id IS NOT NULL)))),
    CONSTRAINT volumes_purpose_check CHECK ((purpose = ANY (ARRAY['volume'::text, 'image'::text, 'image-cache'::text]))),
    CONSTRAINT volumes_size_gib_check CHECK ((size_gib >= 0))
);

ALTER TABLE ONLY public.notifications ALTER COLUMN id SET DEFAULT nextval('public.notifications_id_seq'::regclass);

ALTER TABLE ONLY public.outbox ALTER COLUMN id SET DEFAULT nextval('public.outbox_id_seq'::regclass);

ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_findings
    ADD CONSTRAINT audit_findings_pkey PRIMARY KEY (rule, kind, id, file);

ALTER TABLE ONLY public.audit_rounds
    ADD CONSTRAINT audit_rounds_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY public.audit_shares
    ADD CONSTRAINT audit_shares_pkey PRIMARY KEY (pool);

ALTER TABLE ONLY public.backups
    ADD CONSTRAINT backups_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.chain_layers
    ADD CONSTRAINT chain_layers_file UNIQUE (volume_id, file);

ALTER TABLE ONLY public.chain_layers
    ADD CONSTRAINT chain_layers_pkey PRIMARY KEY (volume_id, "position") DEFERRABLE;

ALTER TABLE ONLY public.custody_changes
    ADD CONSTRAINT custody_changes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.data_servers
    ADD CONSTRAINT data_servers_pkey PRIMARY KEY (backend_host, boot_id);

ALTER TABLE ONLY public.default_volume_types
    ADD CONSTRAINT default_volume_types_pkey PRIMARY KEY (project_id);

ALTER TABLE ONLY public.flavors
    ADD CONSTRAINT flavors_name_key UNIQUE (name);

ALTER TABLE ONLY public.flavors
    ADD CONSTRAINT flavors_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.group_snapshots
    ADD CONSTRAINT group_snapshots_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.group_types
    ADD CONSTRAINT group_types_name_key UNIQUE (name);

ALTER TABLE ONLY public.group_types
    ADD CONSTRAINT group_types_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.group_volume_types
    ADD CONSTRAINT group_volume_types_pkey PRIMARY KEY (group_id, volume_type_id);

ALTER TABLE ONLY public.guest_sights
    ADD CONSTRAINT guest_sights_pkey PRIMARY KEY (compute_host);

ALTER TABLE ONLY public.idempotency_answers
    ADD CONSTRAINT idempotency_answers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.identity_application_credential_roles
    ADD CONSTRAINT identity_application_credential_roles_pkey PRIMARY KEY (application_credential_id, role_id);

ALTER TABLE ONLY public.identity_application_credentials
    ADD CONSTRAINT identity_application_credentials_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.identity_application_credentials
    ADD CONSTRAINT identity_application_credentials_user_id_name_key UNIQUE (user_id, name);

ALTER TABLE ONLY public.identity_bootstrap
    ADD CONSTRAINT identity_bootstrap_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.identity_domains
    ADD CONSTRAINT identity_domains_name_key UNIQUE (name);

ALTER TABLE ONLY public.identity_domains
    ADD CONSTRAINT identity_domains_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.identity_implied_roles
    ADD CONSTRAINT identity_implied_roles_pkey PRIMARY KEY (prior_role_id, implied_role_id);

ALTER TABLE ONLY public.identity_projects
    ADD CONSTRAINT identity_projects_domain_id_name_key UNIQUE (domain_id, name);

ALTER TABLE ONLY public.identity_projects
    ADD CONSTRAINT identity_projects_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.identity_roles
    ADD CONSTRAINT identity_roles_name_key UNIQUE (name);

ALTER TABLE ONLY public.identity_roles
    ADD CONSTRAINT identity_roles_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.identity_tokens
    ADD CONSTRAINT identity_tokens_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY public.identity_users
    ADD CONSTRAINT identity_users_domain_id_name_key UNIQUE (domain_id, name);

ALTER TABLE ONLY public.identity_users
    ADD CONSTRAINT identity_users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.image_cache
    ADD CONSTRAINT image_cache_pkey PRIMARY KEY (volume_id);

ALTER TABLE ONLY public.image_members
    ADD CONSTRAINT image_members_pkey PRIMARY KEY (image_id, member);

ALTER TABLE ONLY public.images
    ADD CONSTRAINT images_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT notifications_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.operation_cancels
    ADD CONSTRAINT operation_cancels_pkey PRIMARY KEY (operation_id);

ALTER TABLE ONLY public.operations
    ADD CONSTRAINT operations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pools
    ADD CONSTRAINT pools_backend_host_share_key UNIQUE (backend_host, share);

ALTER TABLE ONLY public.pools
    ADD CONSTRAINT pools_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.qos_specs
    ADD CONSTRAINT qos_specs_name_key UNIQUE (name);

ALTER TABLE ONLY public.qos_specs
    ADD CONSTRAINT qos_specs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.quota_limits
    ADD CONSTRAINT quota_limits_pkey PRIMARY KEY (project_id, resource);

ALTER TABLE ONLY public.resource_locks
    ADD CONSTRAINT resource_locks_pkey PRIMARY KEY (resource, operation_id);

ALTER TABLE ONLY public.servers
    ADD CONSTRAINT servers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.services
    ADD CONSTRAINT services_binary_host_key UNIQUE ("binary", host);

ALTER TABLE ONLY public.services
    ADD CONSTRAINT services_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.share_scan_pages
    ADD CONSTRAINT share_scan_pages_pkey PRIMARY KEY (scan_id, page);

ALTER TABLE ONLY public.share_scans
    ADD CONSTRAINT share_scans_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.snapshots
    ADD CONSTRAINT snapshots_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.user_messages
    ADD CONSTRAINT user_messages_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.volume_groups
    ADD CONSTRAINT volume_groups_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.volume_transfers
    ADD CONSTRAINT volume_transfers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.volume_transfers
    ADD CONSTRAINT volume_transfers_volume_id_key UNIQUE (volume_id);

ALTER TABLE ONLY public.volume_type_access
    ADD CONSTRAINT volume_type_access_pkey PRIMARY KEY (volume_type_id, project_id);

ALTER TABLE ONLY public.volume_type_encryption
    ADD CONSTRAINT volume_type_encryption_pkey PRIMARY KEY (encryption_id);

ALTER TABLE ONLY public.volume_type_encryption
    ADD CONSTRAINT volume_type_encryption_volume_type_id_key UNIQUE (volume_type_id);

ALTER TABLE ONLY public.volume_types
    ADD CONSTRAINT volume_types_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.volumes
    ADD CONSTRAINT volumes_pkey PRIMARY KEY (id);

CREATE INDEX attachments_instance ON public.attachments USING btree (instance_uuid);

CREATE INDEX attachments_project ON public.attachments USING btree (project_id, created_at DESC);

CREATE INDEX attachments_server ON public.attachments USING btree (managed_server_id);

CREATE INDEX attachments_volume ON public.attachments USING btree (volume_id);

CREATE INDEX backups_encryption_key ON public.backups USING btree (encryption_key_id) WHERE (encryption_key_id IS NOT NULL);

CREATE INDEX backups_needs ON public.backups USING gin (needs);

CREATE INDEX backups_objects ON public.backups USING btree (objects_of);

CREATE INDEX backups_objects_unseen ON public.backups USING btree (id) WHERE (NOT objects_seen);

CREATE INDEX backups_page ON public.backups USING btree (project_id, created_at DESC, id DESC);

CREATE INDEX backups_parent ON public.backups USING btree (parent_id) WHERE (parent_id IS NOT NULL);

CREATE INDEX backups_volume ON public.backups USING btree (volume_id, data_timestamp DESC);

CREATE INDEX chain_layers_key ON public.chain_layers USING btree (key_id) WHERE (key_id IS NOT NULL);

CREATE UNIQUE INDEX chain_layers_snapshot ON public.chain_layers USING btree (snapshot_id) WHERE (snapshot_id IS NOT NULL);

CREATE INDEX default_volume_types_type ON public.default_volume_types USING btree (volume_type_id);

CREATE INDEX group_snapshots_group ON public.group_snapshots USING btree (group_id);

CREATE INDEX group_snapshots_page ON public.group_snapshots USING btree (project_id, created_at DESC, id DESC);

CREATE INDEX group_snapshots_type ON public.group_snapshots USING btree (group_type_id);

CREATE INDEX group_types_page ON public.group_types USING btree (created_at DESC, id DESC);

CREATE INDEX group_volume_types_type ON public.group_volume_types USING btree (volume_type_id);

CREATE INDEX idempotency_answers_age ON public.idempotency_answers USING btree (created_at);

CREATE INDEX identity_application_credential_roles_role ON public.identity_application_credential_roles USING btree (role_id);

CREATE INDEX identity_application_credentials_project ON public.identity_application_credentials USING btree (project_id);

CREATE INDEX identity_assignments_by_domain ON public.identity_assignments USING btree (domain_id);

CREATE INDEX identity_assignments_by_project ON public.identity_assignments USING btree (project_id);

CREATE INDEX identity_assignments_by_role ON public.identity_assignments USING btree (role_id);

CREATE UNIQUE INDEX identity_assignments_domain ON public.identity_assignments USING btree (user_id, domain_id, role_id) WHERE (domain_id IS NOT NULL);

CREATE UNIQUE INDEX identity_assignments_project ON public.identity_assignments USING btree (user_id, project_id, role_id) WHERE (project_id IS NOT NULL);

CREATE INDEX identity_tokens_application_credential ON public.identity_tokens USING btree (application_credential_id) WHERE (application_credential_id IS NOT NULL);

CREATE INDEX identity_tokens_domain ON public.identity_tokens USING btree (domain_id);

CREATE INDEX identity_tokens_expiry ON public.identity_tokens USING btree (expires_at);

CREATE INDEX identity_tokens_project ON public.identity_tokens USING btree (project_id);

CREATE INDEX identity_tokens_user ON public.identity_tokens USING btree (user_id);

CREATE UNIQUE INDEX image_cache_image ON public.image_cache USING btree (image_id, pool);

CREATE INDEX image_cache_pool ON public.image_cache USING btree (pool, last_used_at);

CREATE INDEX image_members_member ON public.image_members USING btree (member);

CREATE INDEX images_name ON public.images USING btree (name);

CREATE INDEX images_page ON public.images USING btree (created_at DESC, id DESC);

CREATE INDEX images_project ON public.images USING btree (project_id, created_at DESC, id DESC);

CREATE UNIQUE INDEX images_volume ON public.images USING btree (volume_id) WHERE (volume_id IS NOT NULL);

CREATE INDEX operations_awaiting ON public.operations USING btree (awaits_volume_id) WHERE ((state = 'pending'::text) AND (awaits_volume_id IS NOT NULL));

CREATE INDEX operations_depends ON public.operations USING btree (depends_on) WHERE (depends_on IS NOT NULL);

CREATE INDEX operations_extending ON public.operations USING btree ((((params ->> 'volumeId'::text))::uuid)) WHERE ((type = 'volume-extend'::text) AND (state = ANY (ARRAY['pending'::text, 'running'::text, 'undoing'::text, 'stuck'::text])));

CREATE INDEX operations_finished ON public.operations USING btree (finished_at) WHERE (finished_at IS NOT NULL);

CREATE INDEX operations_pending ON public.operations USING btree (seq) WHERE (state = 'pending'::text);

CREATE INDEX operations_queue ON public.operations USING btree (queue) WHERE (state = ANY (ARRAY['running'::text, 'undoing'::text, 'stuck'::text]));

CREATE INDEX operations_scan ON public.operations USING btree (((params ->> 'scanId'::text))) WHERE (type = 'share-scan'::text);

CREATE INDEX operations_seq ON public.operations USING btree (seq);

CREATE INDEX operations_server ON public.operations USING btree (((params ->> 'serverId'::text)), seq) WHERE ((params ->> 'serverId'::text) IS NOT NULL);

CREATE INDEX operations_volume ON public.operations USING btree (((params ->> 'volumeId'::text)), seq) WHERE ((params ->> 'volumeId'::text) IS NOT NULL);

CREATE INDEX operations_wake ON public.operations USING btree (wake_at) WHERE (state = ANY (ARRAY['running'::text, 'undoing'::text, 'stuck'::text]));

CREATE INDEX outbox_operation ON public.outbox USING btree (operation_id);

CREATE INDEX resource_locks_operation ON public.resource_locks USING btree (operation_id);

CREATE INDEX servers_host ON public.servers USING btree (compute_host);

CREATE INDEX servers_page ON public.servers USING btree (project_id, created_at DESC, id DESC);

CREATE INDEX share_scans_pool ON public.share_scans USING btree (pool);

CREATE INDEX snapshots_group ON public.snapshots USING btree (group_snapshot_id) WHERE (group_snapshot_id IS NOT NULL);

CREATE INDEX snapshots_page ON public.snapshots USING btree (project_id, created_at DESC, id DESC);

CREATE INDEX snapshots_volume ON public.snapshots USING btree (volume_id);

CREATE INDEX user_messages_project ON public.user_messages USING btree (project_id, created_at DESC);

CREATE INDEX volume_groups_creating ON public.volume_groups USING btree (COALESCE(group_snapshot_id, source_group_id)) WHERE (status = 'creating'::text);

CREATE INDEX volume_groups_page ON public.volume_groups USING btree (project_id, created_at DESC, id DESC);

CREATE INDEX volume_groups_type ON public.volume_groups USING btree (group_type_id);

CREATE INDEX volume_transfers_page ON public.volume_transfers USING btree (project_id, created_at DESC, id DESC);

CREATE INDEX volume_type_access_project ON public.volume_type_access USING btree (project_id);

CREATE UNIQUE INDEX volume_types_name ON public.volume_types USING btree (name);

CREATE INDEX volume_types_qos_specs ON public.volume_types USING btree (qos_specs_id) WHERE (qos_specs_id IS NOT NULL);

CREATE INDEX volumes_all_page ON public.volumes USING btree (created_at DESC, id DESC);

CREATE INDEX volumes_backing_layer ON public.volumes USING btree (backing_volume_id, backing_file) WHERE (backing_volume_id IS NOT NULL);

CREATE INDEX volumes_backing_snapshot ON public.volumes USING btree (backing_snapshot_id) WHERE (backing_snapshot_id IS NOT NULL);

CREATE INDEX volumes_encryption_key ON public.volumes USING btree (encryption_key_id) WHERE (encryption_key_id IS NOT NULL);

CREATE INDEX volumes_group ON public.volumes USING btree (group_id) WHERE (group_id IS NOT NULL);

CREATE INDEX volumes_hidden ON public.volumes USING btree (purpose) WHERE (purpose <> 'volume'::text);

CREATE INDEX volumes_host ON public.volumes USING btree (host);

CREATE INDEX volumes_name ON public.volumes USING btree (project_id, name);

CREATE INDEX volumes_page ON public.volumes USING btree (project_id, created_at DESC, id DESC);

CREATE INDEX volumes_status ON public.volumes USING btree (status);

CREATE INDEX volumes_type ON public.volumes USING btree (volume_type_id);

CREATE TRIGGER custody_attachment_facts AFTER UPDATE ON public.attachments FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION public.note_custody_part();

CREATE TRIGGER custody_attachment_rows AFTER INSERT OR DELETE ON public.attachments FOR EACH ROW EXECUTE FUNCTION public.note_custody_part();

CREATE TRIGGER custody_image_members AFTER INSERT OR DELETE OR UPDATE ON public.image_members FOR EACH ROW EXECUTE FUNCTION public.note_custody_image_member();

CREATE TRIGGER custody_images AFTER INSERT OR DELETE OR UPDATE ON public.images FOR EACH ROW EXECUTE FUNCTION public.note_custody_image();

CREATE TRIGGER custody_layers AFTER INSERT OR DELETE OR UPDATE ON public.chain_layers FOR EACH ROW EXECUTE FUNCTION public.note_custody_part();

CREATE TRIGGER custody_snapshot_facts AFTER UPDATE ON public.snapshots FOR EACH ROW WHEN (((((((old.project_id IS DISTINCT FROM new.project_id) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.name IS DISTINCT FROM new.name)) OR (old.description IS DISTINCT FROM new.description)) OR (old.status IS DISTINCT FROM new.status)) OR (old.metadata IS DISTINCT FROM new.metadata))) EXECUTE FUNCTION public.note_custody_part();

CREATE TRIGGER custody_snapshot_rows AFTER INSERT OR DELETE ON public.snapshots FOR EACH ROW EXECUTE FUNCTION public.note_custody_part();

CREATE TRIGGER custody_type_facts AFTER UPDATE ON public.volume_types FOR EACH ROW WHEN (((((old.name IS DISTINCT FROM new.name) OR (old.description IS DISTINCT FROM new.description)) OR (old.is_public IS DISTINCT FROM new.is_public)) OR (old.extra_specs IS DISTINCT FROM new.extra_specs))) EXECUTE FUNCTION public.note_custody_type();

CREATE TRIGGER custody_volume_facts AFTER UPDATE ON public.volumes FOR EACH ROW WHEN ((((((((((((((((((((((old.project_id IS DISTINCT FROM new.project_id) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.name IS DISTINCT FROM new.name)) OR (old.description IS DISTINCT FROM new.description)) OR (old.size_gib IS DISTINCT FROM new.size_gib)) OR (old.volume_type_id IS DISTINCT FROM new.volume_type_id)) OR (old.host IS DISTINCT FROM new.host)) OR (old.availability_zone IS DISTINCT FROM new.availability_zone)) OR (old.base_format IS DISTINCT FROM new.base_format)) OR (old.preallocation IS DISTINCT FROM new.preallocation)) OR (old.bootable IS DISTINCT FROM new.bootable)) OR (old.multiattach IS DISTINCT FROM new.multiattach)) OR (old.metadata IS DISTINCT FROM new.metadata)) OR (old.admin_metadata IS DISTINCT FROM new.admin_metadata)) OR (old.image_metadata IS DISTINCT FROM new.image_metadata)) OR (old.snapshot_id IS DISTINCT FROM new.snapshot_id)) OR (old.source_volid IS DISTINCT FROM new.source_volid)) OR (old.consumes_quota IS DISTINCT FROM new.consumes_quota)) OR (old.launched_at IS DISTINCT FROM new.launched_at)) OR (old.backing_volume_id IS DISTINCT FROM new.backing_volume_id)) OR (old.backing_file IS DISTINCT FROM new.backing_file))) EXECUTE FUNCTION public.note_custody_volume();

CREATE TRIGGER custody_volume_rows AFTER INSERT OR DELETE ON public.volumes FOR EACH ROW EXECUTE FUNCTION public.note_custody_volume();

ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_managed_server_id_fkey FOREIGN KEY (managed_server_id) REFERENCES public.servers(id);

ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_volume_id_fkey FOREIGN KEY (volume_id) REFERENCES public.volumes(id);

ALTER TABLE ONLY public.backups
    ADD CONSTRAINT backups_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.backups(id);

ALTER TABLE ONLY public.chain_layers
    ADD CONSTRAINT chain_layers_volume_id_fkey FOREIGN KEY (volume_id) REFERENCES public.volumes(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.default_volume_types
    ADD CONSTRAINT default_volume_types_volume_type_id_fkey FOREIGN KEY (volume_type_id) REFERENCES public.volume_types(id);

ALTER TABLE ONLY public.group_snapshots
    ADD CONSTRAINT group_snapshots_group_id_fkey FOREIGN KEY (group_id) REFERENCES public.volume_groups(id);

ALTER TABLE ONLY public.group_snapshots
    ADD CONSTRAINT group_snapshots_group_type_id_fkey FOREIGN KEY (group_type_id) REFERENCES public.group_types(id);

ALTER TABLE ONLY public.group_volume_types
    ADD CONSTRAINT group_volume_types_group_id_fkey FOREIGN KEY (group_id) REFERENCES public.volume_groups(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.group_volume_types
    ADD CONSTRAINT group_volume_types_volume_type_id_fkey FOREIGN KEY (volume_type_id) REFERENCES public.volume_types(id);

ALTER TABLE ONLY public.identity_application_credential_roles
    ADD CONSTRAINT identity_application_credential__application_credential_id_fkey FOREIGN KEY (application_credential_id) REFERENCES public.identity_application_credentials(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.identity_application_credential_roles
    ADD CONSTRAINT identity_application_credential_roles_role_id_fkey FOREIGN KEY (role_id) REFERENCES public.identity_roles(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.identity_application_credentials
    ADD CONSTRAINT identity_application_credentials_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.identity_projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.identity_application_credentials
    ADD CONSTRAINT identity_application_credentials_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.identity_users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.identity_assignments
    ADD CONSTRAINT identity_assignments_domain_id_fkey FOREIGN KEY (domain_id) REFERENCES public.identity_domains(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.identity_assignments
    ADD CONSTRAINT identity_assignments_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.identity_projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.identity_assignments
    ADD CONSTRAINT identity_assignments_role_id_fkey FOREIGN KEY (role_id) REFERENCES public.identity_roles(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.identity_assignments
    ADD CONSTRAINT identity_assignments_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.identity_users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.identity_bootstrap
    ADD CONSTRAINT identity_bootstrap_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.identity_users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.identity_implied_roles
    ADD CONSTRAINT identity_implied_roles_implied_role_id_fkey FOREIGN KEY (implied_role_id) REFERENCES public.identity_roles(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.identity_implied_roles
    ADD CONSTRAINT identity_implied_roles_prior_role_id_fkey FOREIGN KEY (prior_role_id) REFERENCES public.identity_roles(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.identity_projects
    ADD CONSTRAINT identity_projects_domain_id_fkey FOREIGN KEY (domain_id) REFERENCES public.identity_domains(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.identity_tokens
    ADD CONSTRAINT identity_tokens_application_credential_id_fkey FOREIGN KEY (application_credential_id) REFERENCES public.identity_application_credentials(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.identity_tokens
    ADD CONSTRAINT identity_tokens_domain_id_fkey FOREIGN KEY (domain_id) REFERENCES public.identity_domains(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.identity_tokens
    ADD CONSTRAINT identity_tokens_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.identity_projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.identity_tokens
    ADD CONSTRAINT identity_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.identity_users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.identity_users
    ADD CONSTRAINT identity_users_domain_id_fkey FOREIGN KEY (domain_id) REFERENCES public.identity_domains(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.image_cache
    ADD CONSTRAINT image_cache_volume_id_fkey FOREIGN KEY (volume_id) REFERENCES public.volumes(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.image_members
    ADD CONSTRAINT image_members_image_id_fkey FOREIGN KEY (image_id) REFERENCES public.images(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.images
    ADD CONSTRAINT images_volume_id_fkey FOREIGN KEY (volume_id) REFERENCES public.volumes(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.operations
    ADD CONSTRAINT operations_depends_on_fkey FOREIGN KEY (depends_on) REFERENCES public.operations(id);

ALTER TABLE ONLY public.resource_locks
    ADD CONSTRAINT resource_locks_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES public.operations(id);

ALTER TABLE ONLY public.share_scan_pages
    ADD CONSTRAINT share_scan_pages_scan_id_fkey FOREIGN KEY (scan_id) REFERENCES public.share_scans(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.snapshots
    ADD CONSTRAINT snapshots_group_snapshot_id_fkey FOREIGN KEY (group_snapshot_id) REFERENCES public.group_snapshots(id);

ALTER TABLE ONLY public.snapshots
    ADD CONSTRAINT snapshots_volume_id_fkey FOREIGN KEY (volume_id) REFERENCES public.volumes(id);

ALTER TABLE ONLY public.volume_groups
    ADD CONSTRAINT volume_groups_group_type_id_fkey FOREIGN KEY (group_type_id) REFERENCES public.group_types(id);

ALTER TABLE ONLY public.volume_transfers
    ADD CONSTRAINT volume_transfers_volume_id_fkey FOREIGN KEY (volume_id) REFERENCES public.volumes(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.volume_type_access
    ADD CONSTRAINT volume_type_access_volume_type_id_fkey FOREIGN KEY (volume_type_id) REFERENCES public.volume_types(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.volume_type_encryption
    ADD CONSTRAINT volume_type_encryption_volume_type_id_fkey FOREIGN KEY (volume_type_id) REFERENCES public.volume_types(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.volume_types
    ADD CONSTRAINT volume_types_qos_specs_id_fkey FOREIGN KEY (qos_specs_id) REFERENCES public.qos_specs(id);

ALTER TABLE ONLY public.volumes
    ADD CONSTRAINT volumes_backing_layer FOREIGN KEY (backing_volume_id, backing_file) REFERENCES public.chain_layers(volume_id, file) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.volumes
    ADD CONSTRAINT volumes_backing_snapshot_id_fkey FOREIGN KEY (backing_snapshot_id) REFERENCES public.snapshots(id);

ALTER TABLE ONLY public.volumes
    ADD CONSTRAINT volumes_backing_volume_id_fkey FOREIGN KEY (backing_volume_id) REFERENCES public.volumes(id);

ALTER TABLE ONLY public.volumes
    ADD CONSTRAINT volumes_group_id_fkey FOREIGN KEY (group_id) REFERENCES public.volume_groups(id);

ALTER TABLE ONLY public.volumes
    ADD CONSTRAINT volumes_host_fkey FOREIGN KEY (host) REFERENCES public.pools(name);

ALTER TABLE ONLY public.volumes
    ADD CONSTRAINT volumes_volume_type_id_fkey FOREIGN KEY (volume_type_id) REFERENCES public.volume_types(id);
