// Carries commands from the outbox to the broker. A row is deleted only when the broker has confirmed its message, so a broker
// that is down costs latency and nothing else; a relay that is killed between confirm and delete sends the command twice, which
// workers answer once.

import { type OutboxCommand, relayBatch } from '../core/db/conductor/outbox.js';
import type { Database } from '../core/db/connection.js';
import type { Cancel, Command } from '../core/messages/envelope.js';
import type { FaultPoint } from '../core/runtime/fault-points.js';
import type { Logger } from '../core/runtime/logger.js';
import { startWakeableLoop, type WakeableLoop } from './wakeable-loop.js';

export interface RelayOptions {
  readonly db: Database;
  /** Resolves when the broker has the message safely; rejects within a few seconds otherwise. */
  readonly publish: (routingKey: string, message: Command | Cancel) => Promise<void>;
  /** False while nothing could be published anyway: then the rows are left alone. */
  readonly brokerIsUp: () => boolean;
  readonly logger: Logger;
  readonly faultPoint: FaultPoint;
  /** For rows whose notification went to a conductor that has died since, in milliseconds. */
  readonly pollMs: number;
}

const BATCH = 100;

export function startRelay({ db, publish, brokerIsUp, logger, faultPoint, pollMs }: RelayOptions): WakeableLoop {
  const publishOne = async ({ outboxId, routingKey, message: command }: OutboxCommand): Promise<number> => {
    await publish(routingKey, command);
    if (command.kind === 'cancel') {
      logger.debug({ operationId: command.operationId, epoch: command.epoch }, 'cancel published');
      return outboxId;
    }
    const { operationId, operationType, requestId, step, phase, attempt, type } = command;
    const facts = { operationId, operationType, requestId, step, phase, attempt, command: type };
    logger.debug(facts, 'command published');
    const { duplicate } = await faultPoint('conductor:after-publish', facts);
    if (duplicate) await publish(routingKey, command);
    return outboxId;
  };

  const publishAll = async (commands: readonly OutboxCommand[]): Promise<readonly number[]> => {
    const outcomes = await Promise.allSettled(commands.map(publishOne));
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    if (refused.length > 0)
      logger.warn({ refused: refused.length, err: refused[0]?.reason as unknown }, 'commands wait for the broker');
    return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  };

  return startWakeableLoop({
    name: 'relay',
    everyMs: pollMs,
    logger,
    look: async () => {
      if (!brokerIsUp()) return 'idle';
      const { taken, published } = await relayBatch(db, BATCH, publishAll);
      // What was committed meanwhile has woken the loop; more can wait only behind a full batch. Rows that the broker refused are tried
      // again at the next poll, not in a busy loop.
      return taken === BATCH && published === taken ? 'again' : 'idle';
    },
  });
}
