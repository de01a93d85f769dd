// Reads the body of POST /servers after its schema: what remains are rules between fields and things this service has not got
// (networks, key pairs). Each is refused by name instead of being dropped silently.

import type { WantedDisk } from '../../core/db/compute/server-disks.js';
import { ServiceError } from '../../core/domain/errors.js';
import { tryCanonicalUuid } from '../../core/domain/ids.js';
import type { Microversion } from '../shell/microversion.js';
import { readBlockDevices, type ServerBody } from './block-device-mapping.js';
import { has, refuseNewerFields } from './microversions.js';

export interface ServerRequest {
  readonly name: string;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly flavorId: string;
  readonly zone: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly userData: string | null;
  readonly disks: readonly WantedDisk[];
  /** The image of a root disk that the server owns. */
  readonly imageId: string | null;
}

function refuse(text: string): ServiceError {
  return new ServiceError('bad_request', text);
}

/** References may be URLs whose last part is the id. */
export function lastPart(reference: string | number): string {
  return String(reference).replace(/\/+$/, '').split('/').at(-1) ?? '';
}

function demandSingle(server: ServerBody): void {
  const least = Number(server.min_count ?? 1);
  const most = Number(server.max_count ?? least);
  if (least > most) throw refuse('min_count must be <= max_count');
  if (most > 1) throw refuse('Cannot attach one or more volumes to multiple instances');
}

/** null: no image. Throws `bad_request`. */
function readImageId(server: ServerBody): string | null {
  const reference = server.imageRef ?? '';
  if (reference === '') return null;
  const id = tryCanonicalUuid(lastPart(reference));
  if (id === null) throw refuse(`Invalid imageRef provided: ${reference}`);
  return id;
}

function demandNothingMissing(server: ServerBody): void {
  if (server.key_name !== undefined && server.key_name !== null) throw refuse('Invalid key_name provided.');
  // `none` and `auto` ask for no particular network; there is none to give.
  for (const network of typeof server.networks === 'string' ? [] : (server.networks ?? [])) {
    throw refuse(`Network ${String(network['uuid'] ?? network['port'] ?? '')} could not be found.`);
  }
  for (const group of server.security_groups ?? []) {
    if (group['name'] !== 'default') throw refuse(`Security group ${String(group['name'])} not found.`);
  }
}

function userDataOf(server: ServerBody): string | null {
  const text = server.user_data ?? null;
  if (text === null) return null;
  const plain = text.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(plain) || plain.length % 4 !== 0)
    throw refuse('Userdata content cannot be decoded');
  return plain;
}

/** What older versions do not know, and what newer ones insist on or have given up. */
function demandFieldsOfVersion(server: ServerBody, version: Microversion): void {
  const context = { microversion: version };
  refuseNewerFields(context, server, { description: 'server-description', tags: 'server-create-tags' });
  for (const device of server.block_device_mapping_v2 ?? []) refuseNewerFields(context, device, { tag: 'device-tag' });
  const mustName = has(version, 'networks-required');
  if (mustName && server.networks === undefined) throw refuse("'networks' is a required property");
  if (!mustName && typeof server.networks === 'string') {
    throw refuse(
      `Invalid input for field/attribute networks. Value: ${server.networks}. '${server.networks}' is not of type 'array'`,
    );
  }
  if (server.personality !== undefined && has(version, 'personality-gone')) {
    throw refuse("Additional properties are not allowed ('personality' was unexpected)");
  }
}

/** Throws `bad_request` with the reason. */
export function readServerRequest(server: ServerBody, version: Microversion): ServerRequest {
  demandFieldsOfVersion(server, version);
  demandNothingMissing(server);
  const { disks, rootImageId } = readBlockDevices(server, readImageId(server));
  demandSingle(server);
  return {
    name: server.name.trim(),
    description: server.description ?? null,
    tags: server.tags ?? [],
    flavorId: lastPart(server.flavorRef),
    zone: server.availability_zone ?? null,
    metadata: server.metadata ?? {},
    userData: userDataOf(server),
    disks,
    imageId: rootImageId,
  };
}
