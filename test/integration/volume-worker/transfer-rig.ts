// A data server over a driver on a plain directory, without broker or database: transfers are opened as the commands open them.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseBackendOptions } from '../../../drivers/gluster/backend-options.js';
import { createVolumeDriver } from '../../../drivers/gluster/create-volume-driver.js';
import { directoryShareName } from '../../../drivers/gluster/directory-share-provider.js';
import { systemCommandRunner } from '../../../drivers/process/system-command-runner.js';
import type { VolumeDriver } from '../../../drivers/volume-driver.js';
import type { TransferTarget } from '../../../services/api/transfer/worker-transfer.js';
import { newTransferTicket } from '../../../services/core/domain/transfer-ticket.js';
import type { CommandOutput, CommandParams } from '../../../services/core/messages/envelope.js';
import type { DataServerConfig } from '../../../services/core/runtime/config-types.js';
import { createLogger } from '../../../services/core/runtime/logger.js';
import { startDataServer } from '../../../services/volume-worker/transfers/data-server.js';
import { receiveTransfer } from '../../../services/volume-worker/transfers/receiving.js';
import { sendTransfer } from '../../../services/volume-worker/transfers/sending.js';
import { TransferDesk } from '../../../services/volume-worker/transfers/transfer.js';

export interface OpenOne<T> {
  readonly target: TransferTarget;
  readonly file: string;
  readonly percents: number[];
  /** Rejects as the command would fail. */
  readonly result: Promise<T>;
  cancel(): void;
}

export interface TransferRig {
  readonly folder: string;
  readonly share: string;
  readonly url: string;
  readonly driver: VolumeDriver;
  receive(more?: Partial<CommandParams<'transfer.receive'>>): OpenOne<CommandOutput<'transfer.receive'>>;
  send(file: string, more?: Partial<CommandParams<'transfer.send'>>): Promise<OpenOne<CommandOutput<'transfer.send'>>>;
  /** Everything directly beneath the share but the private directory. */
  files(): string[];
  close(): Promise<void>;
}

/** `folder` is the share, and goes when the rig is closed. */
export async function startTransferRig(
  folder = mkdtempSync(path.join(tmpdir(), 'saggar-transfers-')),
  more: Partial<DataServerConfig> = {},
): Promise<TransferRig> {
  const share = directoryShareName(folder);
  const options = parseBackendOptions('test', { driver: 'directory', saggar_directories: [folder] });
  const driver = createVolumeDriver(options, { runner: systemCommandRunner });
  await driver.setup();
  const desk = new TransferDesk();
  const config = {
    listen: { host: '127.0.0.1', port: 0 },
    advertiseUrl: null,
    tls: null,
    maxStreams: 32,
    maxStreamsOfProject: 8,
    ...more,
  };
  const server = await startDataServer(config, desk, createLogger('volume-worker', { level: 'error', file: null }));

  const opened = <T>(
    file: string,
    transferId: string,
    ticket: string,
    run: (work: { signal: AbortSignal; onProgress: (percent: number) => void }) => Promise<T>,
  ): OpenOne<T> => {
    const abort = new AbortController();
    const percents: number[] = [];
    const result = run({ signal: abort.signal, onProgress: (percent) => percents.push(percent) });
    result.catch(() => undefined);
    const target = { transferId, ticket, workerUrl: () => Promise.resolve(server.url) };
    return { target, file, percents, result, cancel: () => abort.abort() };
  };

  return {
    folder,
    share,
    url: server.url,
    driver,
    receive: (more = {}) => {
      const { ticket, ticketSha256 } = newTransferTicket();
      const volumeId = randomUUID();
      const params: CommandParams<'transfer.receive'> = {
        volumeId,
        transferId: randomUUID(),
        share,
        file: `volume-${volumeId}`,
        format: 'raw',
        ticketSha256,
        maxBytes: 1024 ** 3,
        idleSeconds: 20,
        ...more,
      };
      return opened(params.file, params.transferId, ticket, async (work) => {
        const { detected, ...image } = await receiveTransfer(driver, desk, params, work);
        return { ...image, detected: [...detected] };
      });
    },
    send: async (file, more = {}) => {
      const { ticket, ticketSha256 } = newTransferTicket();
      const params: CommandParams<'transfer.send'> = {
        volumeId: randomUUID(),
        transferId: randomUUID(),
        share,
        file,
        ticketSha256,
        idleSeconds: 20,
        lifeSeconds: 600,
        ...more,
      };
      return opened(file, params.transferId, ticket, (work) => sendTransfer(driver, desk, params, work));
    },
    files: () => readdirSync(folder).filter((name) => name !== '.saggar'),
    close: async () => {
      await server.close();
      await driver.close();
      rmSync(folder, { recursive: true });
    },
  };
}
