// Puts the telling around the handlers that the tables name. Without notifications in the configuration the routes stay as they are.
import type { Database } from '../../core/db/connection.js';
import { tellingRecord, tellingSubject } from '../../core/db/notifications/requests.js';
import { notificationSettings } from '../../core/db/notifications/settings.js';
import { type RequestContext, requireScope } from '../request-context.js';
import type { Route, RouteInput, RouteResponse } from '../shell/route.js';
import { type ToldRecordRequest, toldQosSpecs, toldTypes } from './told-records.js';
import { type ToldRequest, toldRequests } from './told-requests.js';

type Handle = (context: RequestContext, input: RouteInput) => Promise<RouteResponse>;

function whoAsks(context: RequestContext): { userId: string; projectId: string; requestId: string } {
  return { ...requireScope(context), requestId: context.requestId };
}

function tellSubject(database: Database, { by, id, before, after }: ToldRequest, handle: Handle): Handle {
  return (context, input) => {
    const named = id(input);
    const deed = (): Promise<RouteResponse> => handle(context, input);
    return named === null ? deed() : tellingSubject(database, whoAsks(context), { by, id: named, before, after }, deed);
  };
}

function tellRecord<R>(database: Database, told: ToldRecordRequest<R>, handle: Handle): Handle {
  const { publisher, eventType, load, id, newId, payload } = told;
  return (context, input) => {
    const named = id(input);
    const record = {
      publisher,
      eventType,
      load,
      id: named,
      idAfter: (answer: RouteResponse): string | null => newId?.(answer) ?? named,
      payload: (before: R | null, after: R | null, now: string): object => payload({ input, before, after, now }),
    };
    return tellingRecord(database, whoAsks(context), record, () => handle(context, input));
  };
}

function tellingHandler(database: Database, operationId: string, handle: Handle): Handle | null {
  const request = toldRequests[operationId];
  if (request !== undefined) return tellSubject(database, request, handle);
  const type = toldTypes[operationId];
  if (type !== undefined) return tellRecord(database, type, handle);
  const qos = toldQosSpecs[operationId];
  return qos === undefined ? null : tellRecord(database, qos, handle);
}

/** `database` is the handlers' own, joinable handle. */
export function tellingRoutes(routes: readonly Route[], database: Database): Route[] {
  if (notificationSettings(database) === null) return [...routes];
  return routes.map((route) => {
    const handle: Handle = async (context, input) => route.handler(context, input);
    const handler = tellingHandler(database, route.operationId, handle);
    return handler === null ? route : { ...route, handler };
  });
}
