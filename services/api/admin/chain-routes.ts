// Chains: one volume's, and their checks.
import type { components } from '../../../api-spec/generated/admin.js';
import { checkChain, loadChain, loadOperationOf } from '../../core/db/admin/chains.js';
import { wishFlatten } from '../../core/db/admin/flatten.js';
import { asServiceError, ServiceError } from '../../core/domain/errors.js';
import { requesterOf } from '../block-storage/block-storage-api.js';
import type { RequestContext } from '../request-context.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { AdminApi } from './admin-api.js';
import { viewChain, viewChainCheck, viewFlatten } from './chain-view.js';

interface Begun {
  readonly volume_id: string;
  readonly operation_id: string | null;
  readonly refusal: string | null;
}

/** One volume that is gone or rests on no share does not keep the others from being checked. */
async function begin({ database }: AdminApi, context: RequestContext, volumeId: string): Promise<Begun> {
  try {
    const operationId = await checkChain(database, volumeId, requesterOf(context));
    return { volume_id: volumeId, operation_id: operationId, refusal: null };
  } catch (thrown) {
    if (!(thrown instanceof ServiceError) || thrown.code === 'internal') throw thrown;
    return { volume_id: volumeId, operation_id: null, refusal: asServiceError(thrown).message };
  }
}

export function chainRoutes(api: AdminApi): Route[] {
  const { database } = api;
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/volumes/{volume_id}/chain',
      operationId: 'adminShowChain',
      policy: 'chain:show',
      success: 200,
      async handler(_context, { param }) {
        return { body: { chain: viewChain(await loadChain(database, param('volume_id'))) } };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/volumes/{volume_id}/flatten',
      operationId: 'adminFlattenVolume',
      policy: 'chain:flatten',
      success: 202,
      async handler(_context, { param }) {
        return { body: { flatten: viewFlatten(await wishFlatten(database, param('volume_id'))) } };
      },
    }),
    defineRoute<components['schemas']['ChainCheckWish']>({
      method: 'POST',
      path: '/v1/chain-checks',
      operationId: 'adminCheckChains',
      policy: 'chain:check',
      success: 202,
      async handler(context, { body }) {
        const begun: Begun[] = [];
        for (const id of new Set(body.volume_ids)) begun.push(await begin(api, context, id));
        return { body: { chain_checks: begun } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/chain-checks/{operation_id}',
      operationId: 'adminShowChainCheck',
      policy: 'chain:check',
      success: 200,
      async handler(_context, { param }) {
        const record = await loadOperationOf(database, param('operation_id'), ['chain-check']);
        return { body: { chain_check: viewChainCheck(record) } };
      },
    }),
  ];
}
