// The resources of the compute API that the policy tests act on: made fresh, owned by ann, in the state that the request needs.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ComputeRig } from '../compute/compute-rig.js';
import type { Ids } from './targets.js';
import type { TokenPeople } from './token-people.js';

export const computeVersion = { 'OpenStack-API-Version': 'compute 2.60' };

export interface ComputeGround {
  readonly rig: ComputeRig;
  readonly people: TokenPeople;
}

async function demand(
  { rig, people }: ComputeGround,
  method: string,
  path: string,
  body: object,
  success: number,
  token = people.tokens.ann,
) {
  const answer = await rig.api.ask(method, `/compute/v2.1${path}`, { token, body, headers: computeVersion });
  assert.equal(answer.status, success, `${method} ${path}: ${JSON.stringify(answer.body)}`);
  await rig.engine.settle();
  return answer;
}

async function server({ rig, people }: ComputeGround) {
  const { id, volumeId } = await rig.activeServer(people.tokens.ann, people.annProject);
  rig.consoles.set(id, 'login:\n');
  const made = await rig.api.database('operations').whereRaw("params ->> 'serverId' = ?", [id]).first('request_id');
  return { server_id: id, root_id: volumeId, request_id: String(made?.request_id) };
}

async function serverAndVolume(ground: ComputeGround) {
  return { ...(await server(ground)), volume_id: await ground.rig.volume(ground.people.annProject) };
}

export const computeTargets = {
  nothing: () => Promise.resolve({}),
  /** For as many volumes as anybody makes. */
  async room({ rig, people }: ComputeGround) {
    const limit = { resource: 'volumes', hard_limit: -1 };
    const rows = [people.annProject, people.bobProject].map((project_id) => ({ ...limit, project_id }));
    await rig.api.database('quota_limits').insert(rows).onConflict(['project_id', 'resource']).ignore();
    return {};
  },
  /** To boot from. */
  volume: async ({ rig, people }: ComputeGround) => ({ volume_id: await rig.volume(people.annProject) }),
  async snapshot({ rig, people }: ComputeGround) {
    const volumeId = await rig.volume(people.annProject);
    const id = await rig.snapshot(volumeId, 'available');
    await rig.api.database('snapshots').where({ id }).update({ project_id: people.annProject });
    return { volume_id: volumeId, snapshot_id: id };
  },
  async flavor(ground: ComputeGround) {
    const id = randomUUID();
    const flavor = { id, name: `policy-${id}`, ram: 64, vcpus: 1, disk: 0 };
    await demand(ground, 'POST', '/flavors', { flavor }, 200, ground.people.admin);
    return { flavor_id: id };
  },
  server,
  async stoppedServer(ground: ComputeGround) {
    const ids = await server(ground);
    await demand(ground, 'POST', `/servers/${ids.server_id}/action`, { 'os-stop': null }, 202);
    return ids;
  },
  async taggedServer(ground: ComputeGround) {
    const ids = await server(ground);
    await demand(ground, 'PUT', `/servers/${ids.server_id}/tags`, { tags: ['blue'] }, 200);
    return ids;
  },
  serverAndVolume,
  async attachedServer(ground: ComputeGround) {
    const ids = await serverAndVolume(ground);
    const volumeAttachment = { volumeId: ids.volume_id };
    await demand(ground, 'POST', `/servers/${ids.server_id}/os-volume_attachments`, { volumeAttachment }, 200);
    return ids;
  },
  project: ({ people }: ComputeGround) => Promise.resolve({ project_id: people.annProject }),
  /** A volume service has made the overlay and wants the guest to write to it. */
  async snapshotToSwitch(ground: ComputeGround) {
    const ids = await server(ground);
    const { rig, people } = ground;
    const id = randomUUID();
    const owner = { project_id: people.annProject, user_id: people.annId };
    const row = { id, volume_id: ids.root_id, ...owner, size_gib: 1, status: 'creating' };
    await rig.api.database('snapshots').insert(row);
    const file = `volume-${ids.root_id}.${id}`;
    const overlay = { format: 'qcow2', virtualSizeBytes: 1024 ** 3, backingFile: `volume-${ids.root_id}` } as const;
    rig.engine.world.files.set(file, overlay);
    return { ...ids, snapshot_id: id, file };
  },
  async snapshotToMerge(ground: ComputeGround) {
    const ids = await server(ground);
    const snapshot = await ground.rig.snapshot(ids.root_id, 'deleting');
    return { ...ids, snapshot_id: snapshot, file: `volume-${ids.root_id}.${snapshot}` };
  },
} as const satisfies Record<string, (ground: ComputeGround) => Promise<Ids>>;

export type ComputeTarget = keyof typeof computeTargets;
