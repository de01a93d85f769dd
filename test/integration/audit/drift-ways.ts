// What somebody may change behind the service's back, one row per way: rows, files, records and guests. `repaired`: the audit mends it by itself.

import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, linkSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { AuditRule } from '../../../services/core/domain/audit-rules.js';
import { projectId } from '../engine/requests.js';
import type { AuditStage } from './audit-stage.js';

/** Ids of what the stage holds: volumes `rest` (with a snapshot) and `guest` (attached to a running server). */
export interface Scene {
  readonly rest: string;
  readonly snapshot: string;
  readonly guest: string;
  readonly server: string;
  readonly backup: string;
  readonly directory: string;
}

export interface Way {
  readonly name: string;
  readonly rule: AuditRule;
  readonly repaired: boolean;
  edit(stage: AuditStage, scene: Scene): Promise<unknown>;
  /** Whether it is as it was. */
  isMended?(stage: AuditStage, scene: Scene): Promise<boolean>;
}

async function endedOperation({ db }: AuditStage): Promise<string> {
  const row: { id: string } | undefined = await db('operations')
    .where({ state: 'done', type: 'volume-create' })
    .first('id');
  return row?.id ?? '';
}

async function statusOf({ db }: AuditStage, table: string, id: string): Promise<string> {
  const row: { status: string } | undefined = await db(table).where({ id }).first('status');
  return row?.status ?? 'gone';
}

const setStatus =
  (table: 'volumes' | 'snapshots' | 'backups', of: 'rest' | 'snapshot' | 'backup', status: string) =>
  ({ db }: AuditStage, scene: Scene): Promise<unknown> =>
    db(table).where({ id: scene[of] }).update({ status });

const record = (scene: Scene, id: string): string => path.join(scene.directory, '.saggar', `${id}.json`);
const file = (scene: Scene, name: string): string => path.join(scene.directory, name);
const base = (scene: Scene): string => file(scene, `volume-${scene.rest}`);
const overlay = (scene: Scene): string => file(scene, `volume-${scene.rest}.${scene.snapshot}`);

const rebase = (scene: Scene, ...options: string[]): void => {
  execFileSync('qemu-img', ['rebase', '-u', '-f', 'qcow2', ...options, overlay(scene)]);
};

export const ways: readonly Way[] = [
  {
    name: 'the promise of a pool is made larger',
    rule: 'promise-differs',
    repaired: true,
    edit: ({ db }) => db('pools').increment('provisioned_gib', 7),
    isMended: async ({ db }, scene) => {
      const row: { provisioned_gib: number } | undefined = await db('pools')
        .where('name', 'like', `%${scene.directory}`)
        .first('provisioned_gib');
      return row?.provisioned_gib === 2;
    },
  },
  {
    name: 'a lock is put under an operation that has ended',
    rule: 'lock-left',
    repaired: true,
    edit: async (stage, { rest }) =>
      stage.db('resource_locks').insert({
        ...{ resource: `server:${randomUUID()}`, operation_id: await endedOperation(stage) },
        ...{ seq: 1, mode: 'chain', held: true },
        ...(rest === '' ? {} : {}),
      }),
    isMended: async ({ db }) => (await db('resource_locks').select('resource')).length === 0,
  },
  {
    name: 'a wish to cancel is left for an operation that has ended',
    rule: 'cancel-left',
    repaired: true,
    edit: async (stage) =>
      stage.db('operation_cancels').insert({ operation_id: await endedOperation(stage), reason: 'asked' }),
    isMended: async ({ db }) => (await db('operation_cancels').select('operation_id')).length === 0,
  },
  {
    name: 'a running operation is never looked at again',
    rule: 'operation-asleep',
    repaired: true,
    edit: async (stage) => {
      const operation_id = await endedOperation(stage);
      await stage
        .db('resource_locks')
        .insert({ resource: `volume:${randomUUID()}`, operation_id, seq: 1, mode: 'chain', held: true });
      await stage.db('operations').where({ id: operation_id }).update({ state: 'running', finished_at: null });
    },
    isMended: async ({ db }) => {
      const rows: { id: string; wake_at: string | null }[] = await db('operations').where({ state: 'running' });
      const mended = rows.length === 1 && rows[0]?.wake_at !== null;
      await db('operations')
        .where({ state: 'running' })
        .update({ state: 'done', finished_at: db.raw('utc_now()') });
      await db('resource_locks').delete();
      return mended;
    },
  },
  {
    name: 'a scan runs and nobody reads',
    rule: 'scan-left',
    repaired: true,
    edit: ({ db }, { directory }) =>
      db('share_scans').insert({
        ...{ id: randomUUID(), pool: `host@plain#dir:${directory}`, state: 'running', project_id: projectId },
        ...{ user_id: 'u', request_id: 'req-lost', created_at: '2026-01-01T00:00:00' },
      }),
    isMended: async ({ db }) =>
      (await db('share_scans').where({ state: 'failed', request_id: 'req-lost' }).delete()) === 1,
  },
  {
    name: 'a volume is set to extending',
    rule: 'volume-abandoned',
    repaired: true,
    edit: setStatus('volumes', 'rest', 'extending'),
    isMended: async (stage, { rest }) => (await statusOf(stage, 'volumes', rest)) === 'error_extending',
  },
  {
    name: 'a volume is set to uploading',
    rule: 'volume-abandoned',
    repaired: true,
    edit: setStatus('volumes', 'rest', 'uploading'),
    isMended: async (stage, { rest }) => (await statusOf(stage, 'volumes', rest)) === 'available',
  },
  {
    name: 'a snapshot is set to deleting',
    rule: 'snapshot-abandoned',
    repaired: true,
    edit: setStatus('snapshots', 'snapshot', 'deleting'),
    isMended: async (stage, { snapshot }) => (await statusOf(stage, 'snapshots', snapshot)) === 'error_deleting',
  },
  {
    name: 'a backup is set to restoring',
    rule: 'backup-abandoned',
    repaired: true,
    edit: setStatus('backups', 'backup', 'restoring'),
    isMended: async (stage, { backup }) => (await statusOf(stage, 'backups', backup)) === 'available',
  },
  {
    name: 'a server is set to powering-off',
    rule: 'server-abandoned',
    repaired: true,
    edit: ({ db }, { server }) => db('servers').where({ id: server }).update({ task_state: 'powering-off' }),
    isMended: async ({ db }, { server }) =>
      (await db('servers').where({ id: server, vm_state: 'active' }).whereNull('task_state').first('id')) !== undefined,
  },
  {
    name: 'a free volume is set to in-use',
    rule: 'in-use-by-nobody',
    repaired: true,
    edit: setStatus('volumes', 'rest', 'in-use'),
    isMended: async (stage, { rest }) => (await statusOf(stage, 'volumes', rest)) === 'available',
  },
  {
    name: 'a volume that a server has is set to available',
    rule: 'attached-but-available',
    repaired: true,
    edit: ({ db }, { guest }) => db('volumes').where({ id: guest }).update({ status: 'available' }),
    isMended: async (stage, { guest }) => (await statusOf(stage, 'volumes', guest)) === 'in-use',
  },
  {
    name: 'the record beside the data is removed',
    rule: 'record-missing',
    repaired: true,
    edit: (_stage, scene) => Promise.resolve(rmSync(record(scene, scene.rest))),
    isMended: (_stage, scene) => Promise.resolve(readFileSync(record(scene, scene.rest), 'utf8').includes(scene.rest)),
  },
  {
    name: 'the record beside the data is changed',
    rule: 'record-differs',
    repaired: true,
    edit: (_stage, scene) => {
      const name = record(scene, scene.rest);
      const text = readFileSync(name, 'utf8');
      writeFileSync(name, text.replaceAll(projectId, 'e'.repeat(32)));
      return Promise.resolve();
    },
    isMended: (_stage, scene) => Promise.resolve(readFileSync(record(scene, scene.rest), 'utf8').includes(projectId)),
  },
  {
    name: 'a record of a volume that is nowhere is put down',
    rule: 'record-left',
    repaired: true,
    edit: (_stage, scene) => {
      const id = '00000000-0000-4000-8000-000000000001';
      const text = readFileSync(record(scene, scene.rest), 'utf8').replaceAll(scene.rest, id);
      return Promise.resolve(writeFileSync(record(scene, id), text));
    },
  },
  {
    name: 'a layer is taken away',
    rule: 'missing-file',
    repaired: false,
    edit: (_stage, scene) => Promise.resolve(renameSync(base(scene), file(scene, '.hidden'))),
  },
  {
    name: 'a header names another format below it',
    rule: 'wrong-backing-format',
    repaired: false,
    edit: (_stage, scene) => Promise.resolve(rebase(scene, '-b', `volume-${scene.rest}`, '-F', 'raw')),
  },
  {
    name: 'a header stands on nothing',
    rule: 'wrong-backing-file',
    repaired: false,
    edit: (_stage, scene) => Promise.resolve(rebase(scene, '-b', '')),
  },
  {
    name: 'an image is grown by hand',
    rule: 'wrong-size',
    repaired: false,
    edit: (_stage, scene) => Promise.resolve(execFileSync('qemu-img', ['resize', '-f', 'qcow2', overlay(scene), '2G'])),
  },
  {
    name: 'an image is overwritten',
    rule: 'wrong-format',
    repaired: false,
    edit: (_stage, scene) => {
      truncateSync(overlay(scene), 0);
      return Promise.resolve(truncateSync(overlay(scene), 65_536));
    },
  },
  {
    name: 'everybody may read a layer',
    rule: 'open-to-others',
    repaired: false,
    edit: (_stage, scene) => Promise.resolve(chmodSync(base(scene), 0o666)),
  },
  {
    name: 'a layer gets a second name',
    rule: 'several-names',
    repaired: false,
    edit: (_stage, scene) => Promise.resolve(linkSync(base(scene), file(scene, '.second'))),
  },
  {
    name: 'a file is put on the share',
    rule: 'stray-file',
    repaired: false,
    edit: (_stage, scene) => Promise.resolve(writeFileSync(file(scene, `volume-${randomUUID()}`), 'x'.repeat(512))),
  },
  {
    name: 'the record of Cinder says something else',
    rule: 'info-differs',
    repaired: false,
    edit: (_stage, scene) => {
      const name = file(scene, `volume-${scene.rest}.info`);
      return Promise.resolve(
        writeFileSync(name, readFileSync(name, 'utf8').replace(`volume-${scene.rest}.${scene.snapshot}`, 'volume-x')),
      );
    },
  },
  {
    name: 'the layers of a volume are taken off record',
    rule: 'record-lost',
    repaired: false,
    edit: ({ db }, { rest }) => db('chain_layers').where({ volume_id: rest }).delete(),
  },
  {
    name: 'a layer is taken off record',
    rule: 'snapshot-without-layer',
    repaired: false,
    edit: ({ db }, { snapshot }) => db('chain_layers').where({ snapshot_id: snapshot }).delete(),
  },
  {
    name: 'an operation loses its locks',
    rule: 'lock-lost',
    repaired: false,
    edit: async (stage) =>
      stage
        .db('operations')
        .where({ id: await endedOperation(stage) })
        .update({ state: 'running', finished_at: null, wake_at: '2099-01-01T00:00:00' }),
  },
  {
    name: 'a guest runs that nobody knows',
    rule: 'guest-unknown',
    repaired: false,
    edit: (stage) => {
      stage.guests = [...stage.guests, { serverId: randomUUID(), powerState: 1, disks: [] }];
      return Promise.resolve();
    },
  },
  {
    name: 'a guest has another file open',
    rule: 'guest-differs',
    repaired: false,
    edit: (stage, { guest, server }) => {
      stage.guests = [{ serverId: server, powerState: 1, disks: [{ volumeId: guest, files: ['other'] }] }];
      return Promise.resolve();
    },
  },
  {
    name: 'a disk is taken from its guest',
    rule: 'guest-lacks-disk',
    repaired: false,
    edit: (stage, { server }) => {
      stage.guests = [{ serverId: server, powerState: 1, disks: [] }];
      return Promise.resolve();
    },
  },
  {
    name: 'a guest is given a disk',
    rule: 'guest-extra-disk',
    repaired: false,
    edit: (stage, { rest }) => {
      const [first, ...others] = stage.guests;
      if (first === undefined) return Promise.reject(new Error('no guest'));
      stage.guests = [{ ...first, disks: [...(first.disks ?? []), { volumeId: rest, files: ['x'] }] }, ...others];
      return Promise.resolve();
    },
  },
];
