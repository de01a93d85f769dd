// All migrations in order. Names are stored in the database: never rename or reorder, only append.
import type { Knex } from 'knex';
import { migration as m0001 } from './0001-core.js';
import { migration as m0002 } from './0002-identity.js';
import { migration as m0003 } from './0003-flavors.js';
import { migration as m0004 } from './0004-default-type.js';
import { migration as m0005 } from './0005-type-records.js';
import { migration as m0006 } from './0006-transfers.js';
import { migration as m0007 } from './0007-service-flags.js';
import { migration as m0009 } from './0009-application-credentials.js';
import { migration as m0010 } from './0010-notifications.js';
import { migration as m0011 } from './0011-idempotency.js';
import { migration as m0012 } from './0012-groups.js';
import { migration as m0013 } from './0013-shared-layers.js';
import { migration as m0014 } from './0014-pool-maintenance.js';
import { migration as m0015 } from './0015-custody.js';
import { migration as m0017 } from './0017-operation-lists.js';
import { migration as m0018 } from './0018-data-servers.js';
import { migration as m0019 } from './0019-images.js';
import { migration as m0020 } from './0020-image-volumes.js';
import { migration as m0021 } from './0021-backups.js';
import { migration as m0022 } from './0022-encrypted-layers.js';
import { migration as m0023 } from './0023-consistency-groups.js';
import { migration as m0026 } from './0026-pool-figures.js';
import { migration as m0029 } from './0029-backup-objects.js';
import { migration as m0030 } from './0030-server-operations.js';
import { migration as m0033 } from './0033-backup-objects-seen.js';
import { migration as m0040 } from './0040-audit.js';

export interface Migration {
  readonly name: string;
  up(knex: Knex): Promise<void>;
  down(knex: Knex): Promise<void>;
}

export const migrations: readonly Migration[] = [
  m0001,
  m0002,
  m0003,
  m0004,
  m0005,
  m0006,
  m0007,
  m0009,
  m0010,
  m0011,
  m0012,
  m0013,
  m0014,
  m0015,
  m0017,
  m0018,
  m0019,
  m0020,
  m0021,
  m0022,
  m0023,
  m0026,
  m0029,
  m0030,
  m0033,
  m0040,
];
