// A notification as oslo.messaging's driver `messagingv2` puts it on the wire. Sources: oslo_messaging/notify/notifier.py (the message),
// _drivers/amqp.py (pack_context, _unique_id), _drivers/common.py (serialize_msg: the envelope of version 2.0).
import type { Priority } from './event-types.js';

export interface Notification {
  /** A UUID, the same in every repetition. */
  readonly messageId: string;
  /** `volume.host@backend`: the kind of the publisher and its host. */
  readonly publisherId: string;
  readonly eventType: string;
  readonly priority: Priority;
  readonly payload: object;
}

/** Who asked for what is told. */
export interface NotificationContext {
  readonly userId: string;
  readonly projectId: string;
  readonly requestId: string;
}

/** Keys of a context, as Cinder's listeners look for them. Names and roles of the user are not known where operations end. */
function contextKeys({ userId, projectId, requestId }: NotificationContext): Record<string, unknown> {
  return {
    _context_user: userId,
    _context_user_id: userId,
    _context_project: projectId,
    _context_project_id: projectId,
    _context_tenant: projectId,
    _context_request_id: requestId,
    _context_global_request_id: null,
    _context_is_admin: false,
    _context_roles: [],
    _context_domain: null,
    _context_user_domain: null,
    _context_project_domain: null,
    _context_read_deleted: 'no',
  };
}

/**
 * The inner message without its `timestamp`, which is the database's. `_unique_id` follows from the message id, so that oslo's own check
 * for repeated messages works on ours.
 */
export function innerMessage(notification: Notification, context: NotificationContext): Record<string, unknown> {
  const { messageId, publisherId, eventType, priority, payload } = notification;
  return {
    message_id: messageId,
    publisher_id: publisherId,
    event_type: eventType,
    priority,
    payload,
    ...contextKeys(context),
    _unique_id: messageId.replaceAll('-', ''),
  };
}

export interface WireMessage {
  readonly 'oslo.version': '2.0';
  readonly 'oslo.message': string;
}

export function wireMessage(inner: object): WireMessage {
  return { 'oslo.version': '2.0', 'oslo.message': JSON.stringify(inner) };
}
