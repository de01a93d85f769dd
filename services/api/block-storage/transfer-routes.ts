// Transfers: a volume is offered to whoever knows the key. Six calls on two paths. The older path, /os-volume-transfer, is what most
// clients use; the newer, /volume-transfers, came with 3.55 but answers at any version, as Cinder's does, and has what came since:
// `no_snapshots` and, from 3.59 on, paging by marker, sorting and filters. Links name the older path on both.
// Source: cinder/api/contrib/volume_transfer.py, cinder/api/v3/volume_transfer.py, cinder/api/views/transfers.py.
import type { components } from '../../../api-spec/generated/block-storage.js';
import {
  listTransfers,
  loadTransfer,
  type TransferRecord,
  transferCollection,
} from '../../core/db/block-storage/transfer-rows.js';
import { acceptTransfer, createTransfer, deleteTransfer } from '../../core/db/block-storage/transfers.js';
import { ServiceError } from '../../core/domain/errors.js';
import { type RequestContext, requireScope } from '../request-context.js';
import { parseBoolean } from '../shell/boolean-text.js';
import { defineRoute, type Route, type RouteResponse } from '../shell/route.js';
import { type BlockStorageApi, requesterOf, resourceLinks, visibleProject } from './block-storage-api.js';
import { type ListQuery, type ListRules, parseListQuery } from './list-query.js';
import { respondWithList } from './list-response.js';
import { passes } from './microversions.js';
import { naiveTime } from './naive-time.js';
import { readId, refuseUnknownKeys } from './request-fields.js';

type Schemas = components['schemas'];

interface TransferPath {
  readonly path: string;
  /** Sets the two paths' operation ids apart. */
  readonly suffix: '' | 'Older';
}
const newer: TransferPath = { path: '/v3/volume-transfers', suffix: '' };
const older: TransferPath = { path: '/v3/os-volume-transfer', suffix: 'Older' };

const listRules: ListRules = {
  columns: transferCollection.columns,
  userFilters: Object.fromEntries(Object.keys(transferCollection.columns).map((name) => [name, null])),
};

function viewSummary(transfer: TransferRecord, context: RequestContext): Schemas['TransferSummary'] {
  const { id, volume_id, name } = transfer;
  return { id, volume_id, name, links: resourceLinks(context, `os-volume-transfer/${id}`) };
}

/** An accepted offer is gone, so whoever sees one sees an offer that nobody has accepted. */
function viewDetail(transfer: TransferRecord, context: RequestContext): Schemas['Transfer'] {
  return {
    ...viewSummary(transfer, context),
    created_at: naiveTime(transfer.created_at),
    ...(passes(context, 'transfer-snapshots') ? { no_snapshots: transfer.no_snapshots } : {}),
    ...(passes(context, 'transfer-projects')
      ? { source_project_id: transfer.project_id, destination_project_id: null, accepted: false }
      : {}),
  };
}

/** What a list honours where paging has not come yet: Cinder cuts such a list by number and looks at nothing else. */
const plainParameters = ['all_tenants', 'limit', 'offset'];

function parseTransferList(context: RequestContext, query: URLSearchParams, at: TransferPath): ListQuery {
  const full = at === newer && passes(context, 'transfer-paging');
  const honoured = full ? query : new URLSearchParams([...query].filter(([name]) => plainParameters.includes(name)));
  return parseListQuery(context, honoured, listRules);
}

function listRoute({ database }: BlockStorageApi, at: TransferPath, detail: boolean): Route {
  return defineRoute({
    method: 'GET',
    path: detail ? `${at.path}/detail` : at.path,
    operationId: `listTransfers${detail ? 'Detail' : ''}${at.suffix}`,
    policy: 'transfer:list',
    success: 200,
    handler: (context, { query }) =>
      respondWithList(context, query, parseTransferList(context, query, at), {
        key: 'transfers',
        linksKey: 'transfers_links',
        list: (page) => listTransfers(database, page),
        view: (transfer) => (detail ? viewDetail(transfer, context) : viewSummary(transfer, context)),
      }),
  });
}

function readNoSnapshots(
  context: RequestContext,
  at: TransferPath,
  body: Schemas['TransferCreate']['transfer'],
): boolean {
  const known = ['volume_id', 'name'];
  refuseUnknownKeys(
    'transfer',
    body,
    at === newer && passes(context, 'transfer-snapshots') ? [...known, 'no_snapshots'] : known,
  );
  return body.no_snapshots === undefined ? false : parseBoolean('no_snapshots', body.no_snapshots);
}

function readName(name: string | null | undefined): string | null {
  if (name === null || name === undefined) return null;
  const trimmed = name.trim();
  if (trimmed !== '') return trimmed;
  throw new ServiceError(
    'bad_request',
    "Invalid input for field/attribute name. Value: . '' is too short, and a name must not be blank",
  );
}

function createRoute({ database }: BlockStorageApi, at: TransferPath): Route {
  return defineRoute<Schemas['TransferCreate']>({
    method: 'POST',
    path: at.path,
    operationId: `createTransfer${at.suffix}`,
    policy: 'transfer:create',
    success: 202,
    showsSecret: true,
    async handler(context, { body: { transfer: wanted } }) {
      const wish = {
        volumeId: readId(wanted.volume_id) ?? '',
        name: readName(wanted.name),
        noSnapshots: readNoSnapshots(context, at, wanted),
        encryptedAllowed: passes(context, 'transfer-encrypted'),
      };
      const { transfer, authKey } = await createTransfer(database, wish, requesterOf(context));
      return { body: { transfer: { ...viewDetail(transfer, context), auth_key: authKey } } };
    },
  });
}

function oneRoutes({ database }: BlockStorageApi, { path, suffix }: TransferPath): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: `${path}/{transfer_id}`,
      operationId: `showTransfer${suffix}`,
      policy: 'transfer:list',
      success: 200,
      async handler(context, { param }): Promise<RouteResponse> {
        const transfer = await loadTransfer(database, param('transfer_id'), visibleProject(context));
        return { body: { transfer: viewDetail(transfer, context) } };
      },
    }),
    defineRoute<Schemas['TransferAccept']>({
      method: 'POST',
      path: `${path}/{transfer_id}/accept`,
      operationId: `acceptTransfer${suffix}`,
      policy: 'transfer:accept',
      success: 202,
      async handler(context, { param, body: { accept } }) {
        const key = String(accept.auth_key);
        const taken = await acceptTransfer(database, param('transfer_id'), key, requireScope(context));
        return { body: { transfer: viewSummary(taken, context) } };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: `${path}/{transfer_id}`,
      operationId: `deleteTransfer${suffix}`,
      policy: 'transfer:delete',
      success: 202,
      async handler(context, { param }) {
        await deleteTransfer(database, param('transfer_id'), visibleProject(context));
        return {};
      },
    }),
  ];
}

export function transferRoutes(api: BlockStorageApi): Route[] {
  return [newer, older].flatMap((at) => [
    listRoute(api, at, false),
    listRoute(api, at, true),
    createRoute(api, at),
    ...oneRoutes(api, at),
  ]);
}
