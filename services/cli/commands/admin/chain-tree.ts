// Draws the chain of a volume for people: the oldest layer at the top, each snapshot where its data ends, what stands on a layer beside
// it. No line is wider than 100 columns: ids of other volumes are cut where a name tells as much.
import type { components } from '../../../../api-spec/generated/admin.js';
import { printable } from '../../output/value-text.js';
import { ageText } from './operation.js';

type VolumeChain = components['schemas']['VolumeChain'];
type Layer = components['schemas']['ChainLayer'];

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** `3.2 GiB`, `512 B`. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const shown = value < 10 && !Number.isInteger(value) ? value.toFixed(1) : String(Math.round(value));
  return `${shown} ${units[unit] ?? ''}`;
}

const WIDTH = 96;

function cut(text: string, width = WIDTH): string {
  const clean = printable(text, true);
  return clean.length > width ? `${clean.slice(0, width - 1)}…` : clean;
}

function nameOf(id: string | null, name: string | null): string {
  if (name !== null && name !== '') return `${name.slice(0, 30)} (${(id ?? '').slice(0, 8)})`;
  return id ?? 'nobody';
}

function writers(chain: VolumeChain): string {
  const servers = chain.attachments.filter(({ status }) => status !== 'reserved');
  if (servers.length === 0) return 'at rest';
  return servers.map(({ server_id: id, host }) => `written by ${id ?? host ?? 'a host'}`).join(', ');
}

function layerLines(chain: VolumeChain, layer: Layer): string[] {
  const size = `${sizeText(layer.virtual_size_bytes)} virtual`;
  const taken = layer.allocated_bytes === null ? 'never measured' : `${sizeText(layer.allocated_bytes)} allocated`;
  const rail = layer.active ? ' ' : '│';
  const lines = [`● ${layer.file}`, `${rail}   ${layer.format}, ${size}, ${taken}`];
  if (layer.foreign) lines.push(`${rail}   belongs to volume ${layer.volume_id ?? 'unknown'}, shared`);
  if (layer.active) lines.push(`${rail}   active, ${writers(chain)}`);
  for (const one of layer.dependants) lines.push(`${rail}   └ volume ${nameOf(one.id, one.name)} stands on it`);
  return lines;
}

/** What stands between a layer and the one below it. A name gives way to the id, and one that repeats the id is left out. */
function snapshotLine({ snapshot }: Layer): string {
  if (snapshot === null) return '│';
  const state =
    snapshot.status === null ? ', not managed' : snapshot.status === 'available' ? '' : `, ${snapshot.status}`;
  const end = ` ${snapshot.id} ends here${state}`;
  const name = snapshot.name ?? '';
  const said = name === '' || name.includes(snapshot.id) ? '' : ` ${cut(name, WIDTH - end.length - 12)}`;
  return `├── snapshot${said}${end}`;
}

/** A volume taken over without a name is called after its id. */
function titleOf({ id, name }: VolumeChain['volume']): string {
  return name === null || name === '' || name.includes(id) ? `volume ${id}` : `volume ${cut(name, 50)} ${id}`;
}

/** Several lines, without a trailing break. */
export function drawChain(chain: VolumeChain): string {
  const { volume, layers } = chain;
  const lines = [titleOf(volume), `${volume.status}, ${volume.size_gib} GiB, on ${volume.host ?? 'no pool'}`, ''];
  for (const [index, layer] of layers.entries()) {
    if (index > 0) lines.push(snapshotLine(layer));
    lines.push(...layerLines(chain, layer));
  }
  if (layers.length === 0) lines.push('It has no files.');
  for (const one of chain.operations) {
    const percent = one.progress > 0 ? ` ${Math.round(one.progress)}%` : '';
    lines.push('', `${one.state}: ${one.type}${percent}, ${ageText(one.age_seconds)}, operation ${one.id}`);
  }
  const { flatten } = chain;
  if (flatten !== null) {
    const tries = flatten.failures === 0 ? '' : `, failed ${flatten.failures} times: ${flatten.error?.message ?? ''}`;
    lines.push('', `shares layers until it is flattened${flatten.requested_at === null ? '' : ' (asked for)'}${tries}`);
  }
  if (chain.measured_at === null && layers.length > 0)
    lines.push('', `What the files take is read by: saggar admin chain tree --measure ${volume.id}`);
  return lines.map((line) => cut(line, 100)).join('\n');
}
