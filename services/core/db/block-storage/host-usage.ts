// What lies on the backend of a host: volumes and snapshots, counted and summed for each project.
import { ServiceError } from '../../domain/errors.js';
import type { Executor } from '../connection.js';
import { queryPrepared } from './prepared.js';
import { listServices, volumeBinary } from './services.js';

export interface ProjectUsage {
  readonly project_id: string;
  readonly volumes: number;
  readonly volume_gib: number;
  readonly snapshots: number;
  readonly snapshot_gib: number;
}

const usageSql = `
with here as (select v.id, v.project_id, v.size_gib from volumes v join pools p on p.name = v.host
    where p.backend_host = ? and v.purpose = 'volume'),
  frozen as (select s.project_id, s.size_gib from snapshots s join here h on h.id = s.volume_id where not s.internal),
  projects as (select project_id from here union select project_id from frozen)
select project_id,
  (select count(*) from here h where h.project_id = projects.project_id)::int as volumes,
  (select coalesce(sum(size_gib), 0) from here h where h.project_id = projects.project_id)::int as volume_gib,
  (select count(*) from frozen f where f.project_id = projects.project_id)::int as snapshots,
  (select coalesce(sum(size_gib), 0) from frozen f where f.project_id = projects.project_id)::int as snapshot_gib
from projects order by project_id`;

/** In order of project. Throws `not_found` for what is no enabled volume backend, as Cinder does. */
export async function listHostUsage(db: Executor, host: string): Promise<ProjectUsage[]> {
  const services = await listServices(db, { host, binary: volumeBinary });
  if (!services.some((service) => service.host === host && !service.disabled)) {
    throw new ServiceError('not_found', `Host '${host}' could not be found.`);
  }
  return queryPrepared<ProjectUsage>(db, 'host-usage', usageSql, [host]);
}
