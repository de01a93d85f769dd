// The engine over a real database, and the volume worker's own handlers over backends on plain directories: real image files, no processes.
// The disk as a guest reads it can be compared byte by byte, before and after.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { noKeys } from '../../../drivers/backup/backup-keys.js';
import { BackupStore } from '../../../drivers/backup/backup-store.js';
import { DirectoryTarget } from '../../../drivers/backup/directory-target.js';
import { Zstd } from '../../../drivers/backup/zstd.js';
import { parseBackendOptions } from '../../../drivers/gluster/backend-options.js';
import { createVolumeDriver } from '../../../drivers/gluster/create-volume-driver.js';
import { type KeyStore, noKeyStore } from '../../../drivers/key-store/key-store.js';
import { systemCommandRunner } from '../../../drivers/process/system-command-runner.js';
import type { LongWork, VolumeDriver } from '../../../drivers/volume-driver.js';
import { type Database, type DatabaseOptions, migrate, openDatabase } from '../../../services/core/db/connection.js';
import { asServiceError } from '../../../services/core/domain/errors.js';
import type { Command, StepOutcome } from '../../../services/core/messages/envelope.js';
import { backupCommandHandlers } from '../../../services/volume-worker/backup-handlers.js';
import { volumeCommandHandlers } from '../../../services/volume-worker/command-handlers.js';
import type { GlanceClient } from '../../../services/volume-worker/glance/glance-client.js';
import { glanceHandlers } from '../../../services/volume-worker/glance/glance-handlers.js';
import { keyCommandHandlers } from '../../../services/volume-worker/key-commands.js';
import { closeOwnParts, freshDatabase, type TestDatabase } from '../../harness/environment.js';
import * as requests from './requests.js';
import { Rig } from './rig.js';

interface LayerRow {
  readonly file: string;
  readonly format: string;
}

/** Every backend with the format of its new volumes. */
export const backends = { plain: 'qcow2', other: 'raw' } as const;
export type Backend = keyof typeof backends;

export class DirectoryStage {
  readonly rig: Rig;
  readonly drivers = new Map<string, VolumeDriver>();
  /** A test may put another one in its place. */
  backups: BackupStore;
  /** Of encrypted volumes. */
  keys: KeyStore = noKeyStore;
  /** The image service; null: images are kept here. */
  glance: GlanceClient | null = null;
  /** Steps that fail for good (the share is full) instead of being done. */
  readonly refused: string[] = [];
  /** The share of this backend does not answer. */
  hung: Backend | null = null;

  private constructor(
    readonly folder: string,
    readonly db: Database,
    private readonly testDatabase: TestDatabase,
  ) {
    this.rig = new Rig(db);
    const store = path.join(folder, 'backups');
    mkdirSync(store);
    this.backups = new BackupStore(new DirectoryTarget(store), new Zstd(systemCommandRunner), noKeys);
  }

  static async open(options: Omit<DatabaseOptions, 'url'> = {}): Promise<DirectoryStage> {
    const folder = mkdtempSync(path.join(tmpdir(), 'saggar-moves-'));
    const testDatabase = await freshDatabase();
    const db = openDatabase({ url: testDatabase.url, ...options });
    await migrate(db);
    const stage = new DirectoryStage(folder, db, testDatabase);
    for (const backend of Object.keys(backends) as Backend[]) await stage.addBackend(backend);
    return stage;
  }

  private async addBackend(backend: Backend): Promise<void> {
    const directory = this.directory(backend);
    mkdirSync(directory);
    const format = backends[backend];
    const options = { driver: 'directory', saggar_directories: [directory], saggar_volume_format: format };
    const driver = createVolumeDriver(parseBackendOptions(backend, options), { runner: systemCommandRunner });
    await driver.setup();
    this.drivers.set(`host@${backend}`, driver);
    await this.insertPool(this.pool(backend), format);
  }

  async insertPool(name: string, format: string): Promise<void> {
    const [backendHost = '', share = ''] = name.split('#');
    await this.db('pools').insert({
      name,
      backend_host: backendHost,
      share,
      state: 'up',
      access: JSON.stringify({ share, glusterVolumeName: '', directory: '', servers: [], mountOptions: null }),
      capabilities: JSON.stringify({ volumeFormat: format, preallocation: 'off' }),
    });
  }

  get databaseUrl(): string {
    return this.testDatabase.url;
  }

  directory(backend: Backend): string {
    return path.join(this.folder, backend);
  }

  pool(backend: Backend): string {
    return `host@${backend}#dir:${this.directory(backend)}`;
  }

  async close(): Promise<void> {
    for (const driver of this.drivers.values()) await driver.close();
    await this.db.destroy();
    await this.testDatabase.drop();
    await closeOwnParts();
    rmSync(this.folder, { recursive: true });
  }

  /** As the worker of the command's queue would. */
  async perform(command: Command, backendHost: string): Promise<StepOutcome> {
    const driver = this.drivers.get(backendHost);
    assert.ok(driver, backendHost);
    if (backendHost === `host@${this.hung ?? ''}`)
      return { kind: 'failed', error: { code: 'backend_offline', message: 'hung' }, partial: true };
    if (this.refused.includes(command.step) && command.phase === 'do')
      return { kind: 'failed', error: { code: 'no_space', message: 'full' }, partial: true };
    const both = {
      ...volumeCommandHandlers(driver, this.drivers),
      ...backupCommandHandlers(driver, this.backups, this.keys),
      ...keyCommandHandlers(this.keys),
      ...glanceHandlers(driver, this.glance),
    };
    const handlers = both as unknown as Record<string, (params: object, work: LongWork) => Promise<object>>;
    const work = { onProgress: () => undefined, signal: new AbortController().signal };
    try {
      return { kind: 'done', output: (await handlers[command.type]?.(command.params, work)) ?? {} };
    } catch (thrown) {
      const { code, message } = asServiceError(thrown);
      return { kind: 'failed', error: { code, message }, partial: false };
    }
  }

  /** One command, done and answered; null when none waits. */
  async step(): Promise<Command | null> {
    const { rows } = (await this.db.raw('select routing_key from outbox order by id limit 1')) as {
      rows: { routing_key: string }[];
    };
    const command = await this.rig.takeCommand();
    if (command === null) return null;
    const backendHost = (rows[0]?.routing_key ?? '').slice('commands.volume.'.length);
    await this.rig.answer(command, await this.perform(command, backendHost));
    return command;
  }

  /** Works until the operation has ended so; returns the id of its resource. */
  async ended({ id, operationId }: requests.Asked, state = 'done'): Promise<string> {
    while ((await this.step()) !== null);
    const operation = await this.rig.operation(operationId);
    assert.equal(operation.state, state, JSON.stringify(operation.error));
    return id;
  }

  make(place: Backend = 'plain'): Promise<string> {
    return requests
      .createVolume(this.db, { pool: this.pool(place), computeHost: 'host' })
      .then((asked) => this.ended(asked));
  }

  async activeFile(volumeId: string): Promise<{ name: string; format: string }> {
    const layer: LayerRow | undefined = await this.db('chain_layers')
      .where({ volume_id: volumeId })
      .orderBy('position', 'desc')
      .first();
    const place: { provider_location: string } | undefined = await this.db('volumes').where({ id: volumeId }).first();
    assert.ok(layer !== undefined && place !== undefined);
    return { name: path.join(place.provider_location.slice('dir:'.length), layer.file), format: layer.format };
  }

  /** Writes as a guest would. */
  async write(volumeId: string, ...commands: string[]): Promise<void> {
    const { name, format } = await this.activeFile(volumeId);
    execFileSync('qemu-io', ['-f', format, ...commands.flatMap((command) => ['-c', command]), name]);
  }

  /** A flat copy of the whole disk as a guest would read it; the name of the file. */
  async picture(volumeId: string): Promise<string> {
    const { name, format } = await this.activeFile(volumeId);
    const flat = path.join(this.folder, `picture-${randomUUID()}`);
    execFileSync('qemu-img', ['convert', '-f', format, '-O', 'raw', name, flat]);
    return flat;
  }

  /** Whether every byte of the disk is as in the picture. */
  async looksLike(volumeId: string, flat: string): Promise<boolean> {
    const { name, format } = await this.activeFile(volumeId);
    const compared = spawnSync('qemu-img', ['compare', '-f', 'raw', '-F', format, flat, name], { encoding: 'utf8' });
    assert.ok(compared.status === 0 || compared.status === 1, compared.stderr);
    return compared.status === 0;
  }

  files(backend: Backend): string[] {
    return readdirSync(this.directory(backend)).filter((name) => !name.startsWith('.'));
  }
}
