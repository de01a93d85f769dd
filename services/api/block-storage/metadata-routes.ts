// Metadata as a resource of its own, for volumes and snapshots alike. Volumes have an ETag from 3.15 on (md5 of the body, as Cinder's), and
// If-Match is checked in the transaction that writes.
import { createHash } from 'node:crypto';
import type { components } from '../../../api-spec/generated/block-storage.js';
import { ServiceError } from '../../core/domain/errors.js';
import type { PolicyRule } from '../auth/policy.js';
import type { RequestContext } from '../request-context.js';
import { defineRoute, type Route, type RouteInput, type RouteResponse } from '../shell/route.js';
import { visibleProject } from './block-storage-api.js';
import { passes } from './microversions.js';

type Schemas = components['schemas'];
type Pairs = Readonly<Record<string, string>>;

export interface MetadataResource {
  /** `/v3/volumes/{volume_id}` */
  readonly path: string;
  readonly parameter: string;
  /** `Volume`, in operation ids and messages. */
  readonly noun: 'Volume' | 'Snapshot';
  readonly readPolicy: PolicyRule;
  readonly writePolicy: PolicyRule;
  readonly hasEtag: boolean;
  load(id: string, projectId: string | null): Promise<Pairs>;
  change(id: string, projectId: string | null, change: (present: Pairs) => Pairs): Promise<Pairs>;
}

function etagOf(body: object): string {
  return `"${createHash('md5').update(JSON.stringify(body)).digest('hex')}"`;
}

function checkIfMatch(input: RouteInput, present: object): void {
  const wanted = input.header('if-match');
  if (wanted === undefined || wanted.trim() === '*') return;
  const known = wanted.split(',').map((tag) => `"${tag.trim().replace(/^W\//, '').replaceAll('"', '')}"`);
  if (known.includes(etagOf(present))) return;
  throw new ServiceError('precondition_failed', 'Precondition Failed: the metadata has changed since it was read.');
}

function respond(resource: MetadataResource, context: RequestContext, metadata: Pairs): RouteResponse {
  const body = { metadata };
  return resource.hasEtag && passes(context, 'metadata-etag') ? { body, headers: { ETag: etagOf(body) } } : { body };
}

function missing(resource: MetadataResource, id: string, key: string): ServiceError {
  return new ServiceError('not_found', `${resource.noun} ${id} has no metadata with key ${key.slice(0, 255)}.`);
}

function wholeRoutes(resource: MetadataResource): Route[] {
  const path = `${resource.path}/metadata`;
  const idOf = (input: RouteInput<unknown>): string => input.param(resource.parameter);
  return [
    defineRoute({
      method: 'GET',
      path,
      operationId: `show${resource.noun}Metadata`,
      policy: resource.readPolicy,
      success: 200,
      handler: async (context, input) =>
        respond(resource, context, await resource.load(idOf(input), visibleProject(context))),
    }),
    defineRoute<Schemas['MetadataBody']>({
      method: 'POST',
      path,
      operationId: `merge${resource.noun}Metadata`,
      policy: resource.writePolicy,
      success: 200,
      handler: async (context, input) => {
        const added = input.body.metadata;
        const merge = (present: Pairs): Pairs => ({ ...present, ...added });
        return respond(resource, context, await resource.change(idOf(input), visibleProject(context), merge));
      },
    }),
    defineRoute<Schemas['MetadataBody']>({
      method: 'PUT',
      path,
      operationId: `replace${resource.noun}Metadata`,
      policy: resource.writePolicy,
      success: 200,
      handler: async (context, input) => {
        const replace = (present: Pairs): Pairs => {
          if (resource.hasEtag && passes(context, 'metadata-etag')) checkIfMatch(input, { metadata: present });
          return input.body.metadata;
        };
        return respond(resource, context, await resource.change(idOf(input), visibleProject(context), replace));
      },
    }),
  ];
}

function keyRoutes(resource: MetadataResource): Route[] {
  const path = `${resource.path}/metadata/{key}`;
  const idOf = (input: RouteInput<unknown>): string => input.param(resource.parameter);
  return [
    defineRoute({
      method: 'GET',
      path,
      operationId: `show${resource.noun}MetadataKey`,
      policy: resource.readPolicy,
      success: 200,
      async handler(context, input) {
        const key = input.param('key');
        const metadata = await resource.load(idOf(input), visibleProject(context));
        const value = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
        if (value === undefined) throw missing(resource, idOf(input), key);
        return { body: { meta: { [key]: value } } };
      },
    }),
    defineRoute<Schemas['MetaBody']>({
      method: 'PUT',
      path,
      operationId: `set${resource.noun}MetadataKey`,
      policy: resource.writePolicy,
      success: 200,
      async handler(context, input) {
        const key = input.param('key');
        const { meta } = input.body;
        const value = Object.hasOwn(meta, key) ? meta[key] : undefined;
        if (value === undefined) throw new ServiceError('bad_request', 'Request body and URI mismatch');
        const set = (present: Pairs): Pairs => {
          if (resource.hasEtag && passes(context, 'metadata-etag')) checkIfMatch(input, { metadata: present });
          return { ...present, [key]: value };
        };
        await resource.change(idOf(input), visibleProject(context), set);
        return { body: { meta: { [key]: value } } };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path,
      operationId: `delete${resource.noun}MetadataKey`,
      policy: resource.writePolicy,
      success: 200,
      async handler(context, input) {
        const key = input.param('key');
        await resource.change(idOf(input), visibleProject(context), (present) => {
          if (!Object.hasOwn(present, key)) throw missing(resource, idOf(input), key);
          return Object.fromEntries(Object.entries(present).filter(([name]) => name !== key));
        });
        return {};
      },
    }),
  ];
}

export function metadataRoutes(resource: MetadataResource): Route[] {
  return [...wholeRoutes(resource), ...keyRoutes(resource)];
}
