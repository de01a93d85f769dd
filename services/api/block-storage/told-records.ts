// Which requests about volume types and QoS specs are told to the outside, with their payloads. Names, publishers and keys are Cinder's:
// cinder/api/contrib/types_manage.py, types_extra_specs.py, volume_type_encryption.py, qos_specs_manage.py and
// cinder/volume/volume_types.py (access). Refused changes are not told.

import type { Transaction } from '../../core/db/connection.js';
import { loadToldQos, loadToldType, type ToldQos, type ToldType } from '../../core/db/notifications/records.js';
import type { RouteInput, RouteResponse } from '../shell/route.js';

/** What a payload is made of. */
export interface RecordFacts<R> {
  readonly input: RouteInput;
  readonly before: R | null;
  readonly after: R | null;
  /** The database's clock, naive UTC. */
  readonly now: string;
}

export interface ToldRecordRequest<R> {
  readonly load: (tx: Transaction, id: string) => Promise<R | null>;
  /** The id of a record that was there before; null for one that the request makes. */
  readonly id: (input: RouteInput) => string | null;
  /** The id of a record that the answer shows. */
  readonly newId?: (answer: RouteResponse) => string;
  readonly publisher: string;
  readonly eventType: string;
  readonly payload: (facts: RecordFacts<R>) => object;
}

type TypePayload = (facts: RecordFacts<ToldType>) => object;
type QosPayload = (facts: RecordFacts<ToldQos>) => object;

const typeEvent = (publisher: string, eventType: string, payload: TypePayload): ToldRecordRequest<ToldType> => ({
  load: loadToldType,
  id: ({ param }) => param('type_id'),
  publisher,
  eventType,
  payload,
});
const qosEvent = (name: string, payload: QosPayload): ToldRecordRequest<ToldQos> => ({
  load: loadToldQos,
  id: ({ param }) => param('qos_id'),
  publisher: 'QoSSpecs',
  eventType: `qos_specs.${name}`,
  payload,
});

const times = (type: ToldType | null): object => ({
  created_at: type?.created_at ?? null,
  updated_at: type?.updated_at ?? null,
});

const ofType: TypePayload = ({ before, after, now }) => ({
  volume_types: after ?? { ...before, deleted: true, deleted_at: now },
});
const specsEvent = (verb: string, payload: TypePayload): ToldRecordRequest<ToldType> =>
  typeEvent('volumeTypeExtraSpecs', `volume_type_extra_specs.${verb}`, payload);
const accessEvent = (verb: 'add' | 'remove'): ToldRecordRequest<ToldType> =>
  typeEvent('volume_type_project', `volume_type_project.access.${verb}`, ({ input }) => {
    const [asked] = Object.values(input.body as Record<string, { project: string }>);
    return { volume_type_id: input.param('type_id'), project_id: asked?.project ?? null };
  });
const encryptionOf = ({ body }: RouteInput): object => (body as { encryption: object }).encryption;

/** By operation id. */
export const toldTypes: Readonly<Record<string, ToldRecordRequest<ToldType>>> = {
  createType: {
    ...typeEvent('volumeType', 'volume_type.create', ofType),
    id: () => null,
    newId: ({ body }) => (body as { volume_type: { id: string } }).volume_type.id,
  },
  updateType: typeEvent('volumeType', 'volume_type.update', ofType),
  deleteType: typeEvent('volumeType', 'volume_type.delete', ofType),
  addTypeAccess: accessEvent('add'),
  removeTypeAccess: accessEvent('remove'),
  mergeExtraSpecs: specsEvent('create', ({ input, after }) => ({
    type_id: input.param('type_id'),
    specs: (input.body as { extra_specs: object }).extra_specs,
    ...times(after),
  })),
  setExtraSpec: specsEvent('update', ({ input, after }) => ({
    type_id: input.param('type_id'),
    id: input.param('key'),
    ...times(after),
  })),
  deleteExtraSpec: specsEvent('delete', ({ input, after }) => ({
    type_id: input.param('type_id'),
    id: input.param('key'),
    ...times(after),
    deleted_at: null,
  })),
  createTypeEncryption: typeEvent('volumeTypeEncryption', 'volume_type_encryption.create', ({ input }) => ({
    type_id: input.param('type_id'),
    specs: encryptionOf(input),
  })),
  updateTypeEncryption: typeEvent('volumeTypeEncryption', 'volume_type_encryption.update', ({ input }) => ({
    type_id: input.param('type_id'),
    id: input.param('key'),
  })),
};

const associated: QosPayload = ({ input, after }) => ({
  id: input.param('qos_id'),
  type_id: input.query.get('vol_type_id'),
  created_at: after?.created_at ?? null,
});

export const toldQosSpecs: Readonly<Record<string, ToldRecordRequest<ToldQos>>> = {
  createQosSpecs: {
    ...qosEvent('create', ({ after }) => ({
      name: after?.name ?? null,
      created_at: after?.created_at ?? null,
      specs: after?.specs ?? {},
    })),
    id: () => null,
    newId: ({ body }) => (body as { qos_specs: { id: string } }).qos_specs.id,
  },
  updateQosSpecs: qosEvent('update', ({ input, before, now }) => ({
    id: input.param('qos_id'),
    created_at: before?.created_at ?? null,
    updated_at: now,
    specs: (input.body as { qos_specs: object }).qos_specs,
  })),
  deleteQosSpecs: qosEvent('delete', ({ input, before, now }) => ({
    id: input.param('qos_id'),
    created_at: before?.created_at ?? null,
    deleted_at: now,
  })),
  deleteQosKeys: qosEvent('delete_keys', ({ input, after }) => ({
    id: input.param('qos_id'),
    created_at: after?.created_at ?? null,
    updated_at: after?.updated_at ?? null,
  })),
  associateQosSpecs: qosEvent('associate', associated),
  disassociateQosSpecs: qosEvent('disassociate', associated),
  disassociateAllQosSpecs: qosEvent('disassociate_all', ({ input, after }) => ({
    id: input.param('qos_id'),
    created_at: after?.created_at ?? null,
  })),
};
