// The command table over a driver that only notes what it was asked: every command reaches its verb with its parameters, chains
// are compared with what is read, and a difference is looked at again before it is told.
import assert from 'node:assert/strict';
import type { LongWork, VolumeDriver } from '../../../drivers/volume-driver.js';
import type { Layer, ObservedLayer } from '../../../services/core/domain/chain.js';
import type { Command } from '../../../services/core/messages/envelope.js';
import { volumeCommandHandlers, volumeKeyOf } from '../../../services/volume-worker/command-handlers.js';

const share = 'h:/v';
const volumeId = '11111111-1111-4111-8111-111111111111';
const layer: Layer = { file: 'v', format: 'raw', virtualSizeBytes: 512, snapshotId: null };
const seen: ObservedLayer = { file: 'v', format: 'raw', virtualSizeBytes: 512, backingFile: null };
const target = { share, file: 'v', format: 'raw', sizeBytes: 512, preallocation: 'off' } as const;

class NotingDriver implements VolumeDriver {
  readonly identity = { vendorName: 'x', driverVersion: '1', storageProtocol: 'x' };
  readonly asked: [string, unknown][] = [];
  reads: ObservedLayer[][] = [[seen]];

  private note<T>(verb: string, spec: unknown, answer: T): Promise<T> {
    this.asked.push([verb, spec]);
    return Promise.resolve(answer);
  }
  setup = () => this.note('setup', null, undefined);
  reportPools = () => this.note('reportPools', null, []);
  createImage = (spec: unknown) => this.note('createImage', spec, layer);
  copyChain = (spec: unknown, work: LongWork) => {
    work.onProgress(50);
    return this.note('copyChain', spec, layer);
  };
  compareCopy = (spec: unknown) => this.note('compareCopy', spec, undefined);
  copyLayer = (spec: unknown) => this.note('copyLayer', spec, layer);
  compareLayer = (spec: unknown) => this.note('compareLayer', spec, undefined);
  convertImage = (spec: unknown) => this.note('convertImage', spec, { layer, diskBytes: 512 });
  extendImage = (spec: unknown) => this.note('extendImage', spec, layer);
  manageImage = (spec: unknown) => this.note('manageImage', spec, layer);
  prepareOverlay = (spec: unknown) => this.note('prepareOverlay', spec, layer);
  appendOverlay = (spec: unknown) => this.note('appendOverlay', spec, [seen]);
  isEmpty = false;
  holdsNothing = (spec: unknown) => this.note('holdsNothing', spec, this.isEmpty);
  commitLayer = (spec: unknown) => this.note('commitLayer', spec, [layer]);
  flattenLayer = (spec: unknown) => this.note('flattenLayer', spec, [layer]);
  measureChain = (spec: unknown) => this.note('measureChain', spec, [{ file: 'v', allocatedBytes: 512 }]);
  inspectChain = (spec: unknown) => this.note('inspectChain', spec, { files: [], info: null, infoProblem: null });
  readChain = (spec: unknown) =>
    this.note('readChain', spec, (this.reads.length > 1 ? this.reads.shift() : this.reads[0]) ?? []);
  removeFiles = (spec: unknown) => this.note('removeFiles', spec, undefined);
  writeRecord = (spec: unknown) => this.note('writeRecord', spec, undefined);
  settleFiles = (spec: unknown) => this.note('settleFiles', spec, undefined);
  scanShare = (spec: unknown) => this.note('scanShare', spec, { entries: [], next: null });
  writeCustody = (spec: unknown) => this.note('writeCustody', spec, undefined);
  useDisk = (): Promise<never> => Promise.reject(new Error('no disk here'));
  hasExport = (spec: unknown) => this.note('hasExport', spec, false);
  placeExport = (spec: unknown) => this.note('placeExport', spec, undefined);
  receiveImage = (spec: unknown) =>
    this.note('receiveImage', spec, { layer, bytes: 512, md5: '', sha512: '', detected: [] });
  findReceived = (spec: unknown) => this.note('findReceived', spec, null);
  sizeOfFile = (spec: unknown) => this.note('sizeOfFile', spec, 512);
  readBytes = (): Promise<never> => Promise.reject(new Error('nothing to read'));
  digestFile = (spec: unknown) => this.note('digestFile', spec, { bytes: 512, md5: '', sha512: '' });
  close = () => this.note('close', null, undefined);
}

describe("the volume worker's table of commands", () => {
  const work = (): LongWork & { percents: number[] } => {
    const percents: number[] = [];
    return { percents, onProgress: (percent) => percents.push(percent), signal: new AbortController().signal };
  };

  it('brings every command to its verb and the answer back', async () => {
    const driver = new NotingDriver();
    const handle = volumeCommandHandlers(driver);
    const long = work();
    const chain = [layer] as [Layer];
    assert.deepEqual(await handle['image.create']({ volumeId, target }, long), { layer });
    assert.deepEqual(await handle['image.copy']({ volumeId, sourceShare: 'h:/w', source: chain, target }, long), {
      layer,
    });
    const copied = { volumeId, sourceShare: 'h:/w', source: chain, target };
    assert.deepEqual(await handle['image.compare'](copied, long), {});
    assert.deepEqual(await handle['image.extend']({ volumeId, share, chain, newSizeBytes: 1024 }, long), { layer });
    const files = { sourceFile: 'a', targetFile: 'b' };
    assert.deepEqual(await handle['image.manage']({ volumeId, share, ...files, format: 'raw' }, long), { layer });
    assert.deepEqual(await handle['overlay.prepare']({ volumeId, share, chain, overlayFile: 'o' }, long), { layer });
    const appended = { volumeId, share, chain: [layer, layer] as [Layer, Layer], foreignLayers: 0 };
    assert.deepEqual(await handle['overlay.append'](appended, long), { layers: [seen] });
    assert.deepEqual(await handle['layer.commit']({ volumeId, share, chain, file: 'o' }, long), { chain });
    const up = { direction: 'up', bytesPerSecond: 1 } as const;
    assert.deepEqual(await handle['layer.commit']({ volumeId, share, chain, file: 'o', ...up }, long), { chain });
    assert.deepEqual(await handle['layer.flatten']({ volumeId, share, chain, file: 'o' }, long), { chain });
    assert.deepEqual(await handle['chain.measure']({ volumeId, share, chain }, long), {
      layers: [{ file: 'v', allocatedBytes: 512 }],
    });
    assert.deepEqual(await handle['chain.verify']({ volumeId, share, chain }, long), { layers: [seen] });
    assert.deepEqual(await handle['files.remove']({ volumeId, share, files: ['v'] }, long), {});
    assert.deepEqual(await handle['record.write']({ volumeId, share, chain: null }, long), {});
    assert.deepEqual(await handle['files.settle']({ volumeId, share, files: ['v'] }, long), {});
    const page = { share, after: null, maxBytes: 1 };
    assert.deepEqual(await handle['share.scan'](page, long), { entries: [], next: null });
    const records = { share, records: [{ volumeId, text: null }] };
    assert.deepEqual(await handle['custody.write'](records, long), {});
    assert.deepEqual(driver.asked, [
      ['createImage', target],
      ['copyChain', { share: 'h:/w', source: chain, target }],
      ['compareCopy', { share: 'h:/w', source: chain, target }],
      ['extendImage', { share, chain, newSizeBytes: 1024, preallocation: 'off' }],
      ['manageImage', { share, ...files, format: 'raw' }],
      ['prepareOverlay', { share, chain, overlayFile: 'o' }],
      ['appendOverlay', appended],
      ['commitLayer', { share, chain, file: 'o' }],
      ['commitLayer', { share, chain, file: 'o', direction: 'up', bytesPerSecond: 1 }],
      ['flattenLayer', { share, chain, file: 'o' }],
      ['measureChain', { share, chain }],
      ['readChain', { share, chain }],
      ['removeFiles', { share, files: ['v'] }],
      ['writeRecord', { volumeId, share, chain: null }],
      ['settleFiles', { share, files: ['v'] }],
      ['scanShare', page],
      ['writeCustody', records],
    ]);
    assert.deepEqual(long.percents, [50]);
  });

  it('copies from another backend of the same worker, and waits for one that has not started', async () => {
    const [driver, other] = [new NotingDriver(), new NotingDriver()];
    const params = { volumeId, sourceShare: 'h:/w', sourceBackend: 'h@other', source: [layer] as [Layer], target };
    const handle = volumeCommandHandlers(driver, new Map([['h@other', other]]));
    await handle['image.copy'](params, work());
    await handle['image.compare'](params, work());
    const spec = { share: 'h:/w', sourceDriver: other, source: [layer], target };
    assert.deepEqual(driver.asked, [
      ['copyChain', spec],
      ['compareCopy', spec],
    ]);
    assert.deepEqual(other.asked, []);
    await assert.rejects(volumeCommandHandlers(driver)['image.copy'](params, work()), { code: 'backend_offline' });
  });

  it('looks again before it tells a difference: clients keep attributes for a second', async () => {
    const driver = new NotingDriver();
    driver.reads = [[{ ...seen, virtualSizeBytes: 256 }], [seen]];
    const answer = await volumeCommandHandlers(driver)['chain.verify']({ volumeId, share, chain: [layer] }, work());
    assert.deepEqual(answer, { layers: [seen] });
    assert.equal(driver.asked.length, 2);
  });

  it('stops looking when the work is cancelled', async () => {
    const driver = new NotingDriver();
    driver.reads = [[{ ...seen, file: 'other' }]];
    const abort = new AbortController();
    const looking = volumeCommandHandlers(driver)['chain.verify'](
      { volumeId, share, chain: [layer] },
      { onProgress: () => undefined, signal: abort.signal },
    );
    abort.abort();
    await assert.rejects(looking, { code: 'cancelled' });
  });

  it('makes both overlays of a clone side by side, and tells a failure only when both have ended', async () => {
    const driver = new NotingDriver();
    const copyId = '22222222-2222-4222-8222-222222222222';
    const chain: [Layer] = [layer];
    const copy = { volumeId: copyId, chain, foreignLayers: 1 };
    const fork = { volumeId, share, chain, foreignLayers: 0, copy };
    const handle = volumeCommandHandlers(driver);
    assert.deepEqual(await handle['overlay.fork'](fork, work()), { layers: [seen], copyLayers: [seen] });
    const unfork = {
      volumeId,
      share,
      chain,
      foreignLayers: 0,
      overlayFile: 'o',
      copy: { volumeId: copyId, file: 'c' },
    };
    assert.deepEqual(await handle['overlay.unfork'](unfork, work()), {});
    assert.deepEqual(driver.asked, [
      ['appendOverlay', { volumeId, share, chain, foreignLayers: 0 }],
      ['appendOverlay', { share, ...copy }],
      ['writeRecord', { volumeId, share, chain }],
      ['writeRecord', { volumeId: copyId, share, chain: null }],
      ['removeFiles', { share, files: ['c', 'o'] }],
    ]);
    let isOver = false;
    driver.appendOverlay = async (spec) => {
      if ((spec as { volumeId: string }).volumeId === volumeId) throw new Error('no room');
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
      isOver = true;
      return [seen];
    };
    await assert.rejects(handle['overlay.fork'](fork, work()), { message: 'no room' });
    assert.equal(isOver, true);
  });

  it('puts the copy below an active layer that holds nothing, and looks only where that is possible', async () => {
    const driver = new NotingDriver();
    const copyId = '22222222-2222-4222-8222-222222222222';
    const top = { ...layer, file: 'top' };
    const copy = { volumeId: copyId, chain: [layer, top, layer] as [Layer, Layer, Layer], foreignLayers: 2 };
    const fork = { volumeId, share, chain: [layer, top, layer] as [Layer, Layer, Layer], foreignLayers: 0, copy };
    const belowEmpty = { chain: [layer, layer] as [Layer, Layer], foreignLayers: 1 };
    const handle = volumeCommandHandlers(driver);
    const held = { layers: [seen], copyLayers: [seen] };
    assert.deepEqual(await handle['overlay.fork']({ ...fork, belowEmpty }, work()), held);
    driver.isEmpty = true;
    assert.deepEqual(await handle['overlay.fork'](fork, work()), held, 'nothing was said of what is below');
    driver.asked.length = 0;
    const answer = await handle['overlay.fork']({ ...fork, belowEmpty }, work());
    assert.deepEqual(answer, { layers: [], copyLayers: [seen], reused: true });
    assert.deepEqual(driver.asked, [
      ['holdsNothing', { share, chain: [layer, top] }],
      ['appendOverlay', { share, volumeId: copyId, ...belowEmpty }],
    ]);
  });

  it('prepares both overlays of a clone under a guest, and makes no file when it reads them back', async () => {
    const driver = new NotingDriver();
    const copyId = '22222222-2222-4222-8222-222222222222';
    const own = { ...layer, file: 'c', virtualSizeBytes: 1024 };
    const copy = { volumeId: copyId, chain: [layer, own] as [Layer, Layer], foreignLayers: 1 };
    const handle = volumeCommandHandlers(driver);
    await handle['overlay.prepare']({ volumeId, share, chain: [layer], overlayFile: 'o', copy }, work());
    assert.deepEqual(driver.asked.splice(0), [
      ['prepareOverlay', { share, chain: [layer], overlayFile: 'o' }],
      ['prepareOverlay', { share, chain: [layer], overlayFile: 'c', sizeBytes: 1024 }],
    ]);
    const chain: [Layer] = [layer];
    const settled = { volumeId, share, chain, foreignLayers: 0, copy: { volumeId: copyId, chain, foreignLayers: 0 } };
    assert.deepEqual(await handle['overlay.settle-fork'](settled, work()), { layers: [seen], copyLayers: [seen] });
    assert.deepEqual(
      driver.asked.map(([verb]) => verb),
      ['readChain', 'readChain', 'writeRecord', 'writeRecord'],
    );
  });

  it('orders commands by their volume, and a fork by both', () => {
    assert.equal(volumeKeyOf({ params: { volumeId } } as unknown as Command), volumeId);
    const params = { volumeId, copy: { volumeId: 'c' } };
    assert.deepEqual(volumeKeyOf({ params } as unknown as Command), [volumeId, 'c']);
  });
});
