// Commands and reports with all fields, for the tests of the bus and its worker loop.
import { randomUUID } from 'node:crypto';
import type { Command, Report } from '../../../services/core/messages/envelope.js';

/** A `server.inspect` (small parameters, small answer) for one server. */
export function inspectCommand(overrides: Partial<Command> = {}, serverId = randomUUID()): Command<'server.inspect'> {
  return {
    version: 1,
    kind: 'command',
    id: randomUUID(),
    operationId: randomUUID(),
    operationType: 'server-start',
    step: 'inspect',
    phase: 'do',
    attempt: 1,
    epoch: 1,
    timeoutMs: 30_000,
    requestId: `req-${randomUUID()}`,
    type: 'server.inspect',
    params: { serverId },
    ...overrides,
  } as Command<'server.inspect'>;
}

export function computeReport(host = 'node1'): Report {
  return {
    version: 1,
    kind: 'report',
    service: { binary: 'saggar-compute', host, zone: 'nova', bootId: randomUUID(), url: null },
    pools: [],
    servers: [],
  };
}
