// The compute API over the real engine with a world in memory instead of workers, so that servers really become active and
// volumes in-use. A console worker is a small HTTP listener that checks the ticket as the real one does.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jwtVerify } from 'jose';
import { createSnapshot, createVolume } from '../../integration/engine/requests.js';
import { place, Rig } from '../../integration/engine/rig.js';
import { insertPool } from '../block-storage/block-rig.js';
import { ApiRig, ticketSecret } from '../identity/api-rig.js';

async function startConsoleWorker(texts: ReadonlyMap<string, string>): Promise<Server> {
  const server = createServer((request, response) => {
    const serverId = /^\/servers\/([^/]+)\/console/.exec(request.url ?? '')?.[1] ?? '';
    const ticket = (request.headers.authorization ?? '').replace('Bearer ', '');
    jwtVerify(ticket, ticketSecret, { audience: 'console', subject: serverId }).then(
      () => {
        const text = texts.get(serverId);
        if (text === undefined) response.writeHead(404).end();
        else response.end(text);
      },
      () => response.writeHead(401).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

export class ComputeRig {
  readonly engine: Rig;
  readonly consoles = new Map<string, string>();

  private constructor(
    readonly api: ApiRig,
    private readonly consoleWorker: Server,
  ) {
    this.engine = new Rig(api.database);
  }

  static async open(): Promise<ComputeRig> {
    const api = await ApiRig.open();
    const consoles = new Map<string, string>();
    const worker = await startConsoleWorker(consoles);
    const rig = new ComputeRig(api, worker);
    consoles.get = (id) => rig.consoles.get(id);
    const access = { share: 'dir:/share', glusterVolumeName: 'share', directory: '', servers: [], mountOptions: null };
    await insertPool(api.database, place.pool, { access: JSON.stringify(access) });
    await rig.addComputeHost(place.computeHost, 'nova');
    // Nobody reports here; they stay alive as long as any test runs.
    await rig.lastHeard(-3600);
    return rig;
  }

  async addComputeHost(host: string, zone: string): Promise<void> {
    const { port } = this.consoleWorker.address() as AddressInfo;
    await this.api.database('services').insert({
      binary: 'saggar-compute',
      host,
      zone,
      url: `http://127.0.0.1:${port}`,
      updated_at: this.api.database.raw('utc_now()'),
    });
  }

  /** Makes every compute worker look as if it had been heard of that many seconds ago. */
  async lastHeard(secondsAgo: number): Promise<void> {
    await this.api.database('services').update({
      updated_at: this.api.database.raw("utc_now() - ? * interval '1 second'", [secondsAgo]),
    });
  }

  /** An available volume of the project. */
  async volume(projectId: string): Promise<string> {
    const { id } = await createVolume(this.api.database, place);
    await this.engine.settle();
    await this.api.database('volumes').where({ id }).update({ project_id: projectId });
    return id;
  }

  /** A snapshot row in the given status, with no operation of ours at work. */
  async snapshot(volumeId: string, status: string): Promise<string> {
    const { id } = await createSnapshot(this.api.database, volumeId);
    await this.engine.settle();
    await this.api.database('snapshots').where({ id }).update({ status });
    return id;
  }

  /** A server that runs, booted from a fresh volume. */
  async activeServer(token: string, projectId: string, more: object = {}): Promise<{ id: string; volumeId: string }> {
    const volumeId = await this.volume(projectId);
    const boot = { source_type: 'volume', destination_type: 'volume', uuid: volumeId, boot_index: 0, ...more };
    const server = { name: 'srv', flavorRef: '1', block_device_mapping_v2: [boot] };
    const answer = await this.api.ask('POST', '/compute/v2.1/servers', { token, body: { server } });
    if (answer.status !== 202) throw new Error(`server create: ${answer.status} ${JSON.stringify(answer.body)}`);
    await this.engine.settle();
    return { id: answer.body.server.id as string, volumeId };
  }

  async close(): Promise<void> {
    this.consoleWorker.closeAllConnections();
    await new Promise((resolve) => this.consoleWorker.close(resolve));
    await this.api.close();
  }
}
