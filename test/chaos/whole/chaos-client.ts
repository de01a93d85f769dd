// A client of the running service under chaos: asks over HTTP, remembers what it was promised, and takes an error of the connection or a 5xx as
// "not known" (the service is being killed). What was answered with 2xx must come to a known end; a request that got no answer may have
// happened or not, and whoever looks later sees which.
import type { Dice } from '../../system/chain-torture/torture-plan.js';

export interface Promised {
  readonly kind: 'volumes' | 'snapshots';
  readonly id: string;
}

interface Reply {
  readonly status: number;
  readonly body: Record<string, { readonly id: string }>;
}

/** No answer, or one that says nothing about the request. */
const UNKNOWN = 0;
const REQUEST_LIMIT_MS = 20_000;
const MAX_VOLUMES = 6;
const MAX_GIB = 4;

/** What the client knows of one volume of its own. */
export interface OwnVolume {
  readonly id: string;
  sizeGib: number;
  readonly snapshots: string[];
  /** Its content is not known before the next look: a revert was asked for, or a request about it got no answer. */
  isInDoubt: boolean;
}

export class ChaosClient {
  readonly volumes: OwnVolume[] = [];
  /** Copies, and what they were made of; judged at the next look. */
  readonly copies: { readonly id: string; readonly of: string }[] = [];
  readonly promised: Promised[] = [];
  readonly counts = new Map<string, number>();
  serverId: string | null = null;

  constructor(
    private readonly base: () => string,
    private readonly token: () => Promise<string>,
    private readonly dice: Dice,
  ) {}

  async ask(method: string, path: string, body?: object): Promise<Reply> {
    try {
      const response = await fetch(`${this.base()}${path}`, {
        method,
        headers: {
          'X-Auth-Token': await this.token(),
          'OpenStack-API-Version': 'volume 3.71',
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const status = response.status >= 500 ? UNKNOWN : response.status;
      return { status, body: text.startsWith('{') ? (JSON.parse(text) as Reply['body']) : {} };
    } catch {
      return { status: UNKNOWN, body: {} };
    }
  }

  /** One thing, whatever the dice say. */
  async act(): Promise<void> {
    const acts = this.possible();
    const [name, act] = acts[this.dice.below(acts.length)] ?? ['create', () => this.create()];
    const status = await act();
    const word = status === UNKNOWN ? 'unanswered' : status < 300 ? 'accepted' : 'refused';
    this.counts.set(`${name} ${word}`, (this.counts.get(`${name} ${word}`) ?? 0) + 1);
  }

  private possible(): (readonly [string, () => Promise<number>])[] {
    const found: (readonly [string, () => Promise<number>])[] = [];
    if (this.volumes.length + this.copies.length < MAX_VOLUMES) found.push(['create', () => this.create()]);
    const volume = this.volumes[this.dice.below(Math.max(1, this.volumes.length))];
    if (volume === undefined) return found;
    found.push(['snapshot', () => this.snapshot(volume)], ['snapshot', () => this.snapshot(volume)]);
    found.push(['extend', () => this.extend(volume)], ['delete', () => this.remove(volume)]);
    found.push(['attach', () => this.attach(volume)], ['detach', () => this.detach(volume)]);
    const last = volume.snapshots.at(-1);
    if (last !== undefined) {
      const any = volume.snapshots[this.dice.below(volume.snapshots.length)] ?? last;
      found.push(['delete snapshot', () => this.removeSnapshot(volume, any)]);
      found.push(['revert', () => this.revert(volume, last)]);
    }
    if (!volume.isInDoubt && this.volumes.length + this.copies.length < MAX_VOLUMES)
      found.push(['clone', () => this.clone(volume)]);
    return found;
  }

  private async create(): Promise<number> {
    const { status, body } = await this.ask('POST', '/volume/v3/volumes', { volume: { size: 1 } });
    const id = body['volume']?.id;
    if (status === 202 && id !== undefined) {
      this.promised.push({ kind: 'volumes', id });
      this.volumes.push({ id, sizeGib: 1, snapshots: [], isInDoubt: false });
    }
    return status;
  }

  private async clone(source: OwnVolume): Promise<number> {
    const wish = { size: MAX_GIB, source_volid: source.id };
    const { status, body } = await this.ask('POST', '/volume/v3/volumes', { volume: wish });
    const id = body['volume']?.id;
    if (status === 202 && id !== undefined) {
      this.promised.push({ kind: 'volumes', id });
      this.copies.push({ id, of: source.id });
    }
    return status;
  }

  private async snapshot(volume: OwnVolume): Promise<number> {
    const wish = { snapshot: { volume_id: volume.id, force: true } };
    const { status, body } = await this.ask('POST', '/volume/v3/snapshots', wish);
    const id = body['snapshot']?.id;
    if (status === 202 && id !== undefined) {
      this.promised.push({ kind: 'snapshots', id });
      volume.snapshots.push(id);
    }
    return status;
  }

  private async removeSnapshot(volume: OwnVolume, id: string): Promise<number> {
    const { status } = await this.ask('DELETE', `/volume/v3/snapshots/${id}`);
    if (status === 202 || status === UNKNOWN) volume.snapshots.splice(volume.snapshots.indexOf(id), 1);
    return status;
  }

  private async remove(volume: OwnVolume): Promise<number> {
    const { status } = await this.ask('DELETE', `/volume/v3/volumes/${volume.id}`);
    if (status === 202 || status === UNKNOWN) this.volumes.splice(this.volumes.indexOf(volume), 1);
    return status;
  }

  private async extend(volume: OwnVolume): Promise<number> {
    if (volume.sizeGib >= MAX_GIB) return 400;
    const path = `/volume/v3/volumes/${volume.id}/action`;
    const { status } = await this.ask('POST', path, { 'os-extend': { new_size: volume.sizeGib + 1 } });
    if (status === 202) volume.sizeGib += 1;
    return status;
  }

  private async revert(volume: OwnVolume, snapshotId: string): Promise<number> {
    const body = { revert: { snapshot_id: snapshotId } };
    const { status } = await this.ask('POST', `/volume/v3/volumes/${volume.id}/action`, body);
    if (status === 202 || status === UNKNOWN) volume.isInDoubt = true;
    return status;
  }

  private async attach({ id }: OwnVolume): Promise<number> {
    if (this.serverId === null) return 409;
    const path = `/compute/v2.1/servers/${this.serverId}/os-volume_attachments`;
    return (await this.ask('POST', path, { volumeAttachment: { volumeId: id } })).status;
  }

  private async detach({ id }: OwnVolume): Promise<number> {
    if (this.serverId === null) return 409;
    return (await this.ask('DELETE', `/compute/v2.1/servers/${this.serverId}/os-volume_attachments/${id}`)).status;
  }
}
