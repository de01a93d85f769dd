// QoS specs: list, show, create, update, delete, and their association with volume types, which clients change with GET requests.
import type { components } from '../../../api-spec/generated/block-storage.js';
import {
  associateQos,
  createQos,
  deleteQos,
  deleteQosKeys,
  disassociateAllQos,
  disassociateQos,
  listQos,
  listQosAssociations,
  loadQos,
  type QosConsumer,
  type QosRecord,
  qosCollection,
  qosConsumers,
  updateQos,
} from '../../core/db/block-storage/qos-specs.js';
import type { Database } from '../../core/db/connection.js';
import { ServiceError } from '../../core/domain/errors.js';
import type { RequestContext } from '../request-context.js';
import { parseBoolean } from '../shell/boolean-text.js';
import { defineRoute, type Route, type RouteResponse } from '../shell/route.js';
import { type BlockStorageApi, resourceLinks } from './block-storage-api.js';
import { type ListRules, parseListQuery } from './list-query.js';
import { respondWithList } from './list-response.js';

type Schemas = components['schemas'];
const path = '/v3/qos-specs/{qos_id}';

const listRules: ListRules = { columns: qosCollection.columns, userFilters: {} };

function viewQos({ id, name, consumer, specs }: QosRecord): Schemas['QosSpecs'] {
  return { id, name, consumer, specs: { ...specs } };
}

function respondWithOne(context: RequestContext, qos: QosRecord): RouteResponse {
  return { body: { qos_specs: viewQos(qos), links: resourceLinks(context, `qos-specs/${qos.id}`) } };
}

/** Throws `bad_request` in the words of cinder/volume/qos_specs.py. */
function readConsumer(value: string | null | undefined): QosConsumer | null {
  if (value === undefined) return null;
  const known = qosConsumers.find((one) => one === value);
  if (known !== undefined) return known;
  const listed = qosConsumers.map((one) => `'${one}'`).join(', ');
  throw new ServiceError('bad_request', `Invalid qos specs: Valid consumer of QoS specs are: [${listed}]`);
}

function changeRoutes({ database }: BlockStorageApi): Route[] {
  return [
    defineRoute<Schemas['QosCreate']>({
      method: 'POST',
      path: '/v3/qos-specs',
      operationId: 'createQosSpecs',
      policy: 'qos:change',
      success: 200,
      async handler(context, { body }) {
        const { name, consumer, ...specs } = body.qos_specs;
        const wanted = { name: name.trim(), consumer: readConsumer(consumer) ?? 'back-end', specs };
        return respondWithOne(context, await createQos(database, wanted));
      },
    }),
    defineRoute<Schemas['QosUpdate']>({
      method: 'PUT',
      path,
      operationId: 'updateQosSpecs',
      policy: 'qos:change',
      success: 200,
      async handler(_context, { param, body }) {
        const { consumer, ...specs } = body.qos_specs;
        await updateQos(database, param('qos_id'), { consumer: readConsumer(consumer), specs });
        return { body };
      },
    }),
    defineRoute<Schemas['QosDeleteKeys']>({
      method: 'PUT',
      path: `${path}/delete_keys`,
      operationId: 'deleteQosKeys',
      policy: 'qos:change',
      success: 202,
      async handler(_context, { param, body }) {
        await deleteQosKeys(database, param('qos_id'), body.keys);
        return {};
      },
    }),
    defineRoute({
      method: 'DELETE',
      path,
      operationId: 'deleteQosSpecs',
      policy: 'qos:change',
      success: 202,
      async handler(_context, { param, query }) {
        const force = query.get('force');
        await deleteQos(database, param('qos_id'), force !== null && parseBoolean('force', force));
        return {};
      },
    }),
  ];
}

type TypeChange = (database: Database, id: string, typeId: string) => Promise<void>;

const typeChanges: readonly (readonly [string, string, TypeChange])[] = [
  ['associate', 'associateQosSpecs', associateQos],
  ['disassociate', 'disassociateQosSpecs', disassociateQos],
];

function associationRoutes({ database }: BlockStorageApi): Route[] {
  return [
    ...typeChanges.map(([verb, operationId, change]) =>
      defineRoute({
        method: 'GET',
        path: `${path}/${verb}`,
        operationId,
        policy: 'qos:change',
        success: 202,
        async handler(_context, { param, query }) {
          const typeId = query.get('vol_type_id');
          if (!typeId) throw new ServiceError('bad_request', 'Volume Type id must not be None.');
          await change(database, param('qos_id'), typeId);
          return {};
        },
      }),
    ),
    defineRoute({
      method: 'GET',
      path: `${path}/disassociate_all`,
      operationId: 'disassociateAllQosSpecs',
      policy: 'qos:change',
      success: 202,
      async handler(_context, { param }) {
        await disassociateAllQos(database, param('qos_id'));
        return {};
      },
    }),
    defineRoute({
      method: 'GET',
      path: `${path}/associations`,
      operationId: 'listQosAssociations',
      policy: 'qos:list',
      success: 200,
      async handler(_context, { param }) {
        const types = await listQosAssociations(database, param('qos_id'));
        return { body: { qos_associations: types.map((type) => ({ association_type: 'volume_type', ...type })) } };
      },
    }),
  ];
}

export function qosRoutes(api: BlockStorageApi): Route[] {
  const { database } = api;
  return [
    defineRoute({
      method: 'GET',
      path: '/v3/qos-specs',
      operationId: 'listQosSpecs',
      policy: 'qos:list',
      success: 200,
      handler: (context, { query }) =>
        respondWithList(context, query, parseListQuery(context, query, listRules), {
          key: 'qos_specs',
          linksKey: 'qos_specs_links',
          list: (page) => listQos(database, page),
          view: viewQos,
        }),
    }),
    defineRoute({
      method: 'GET',
      path,
      operationId: 'showQosSpecs',
      policy: 'qos:list',
      success: 200,
      async handler(context, { param }) {
        return respondWithOne(context, await loadQos(database, param('qos_id')));
      },
    }),
    ...changeRoutes(api),
    ...associationRoutes(api),
  ];
}
