// What is in a log line, and what must never be in one.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  announceReady,
  childLogger,
  childWithOwnLevel,
  loggerTo,
  logLevelOf,
  setLogLevel,
} from '../../../services/core/runtime/logger.js';
import { hideUrlPasswords, Secret } from '../../../services/core/runtime/secret.js';

function capture(level: 'info' | 'error' = 'info') {
  const lines: string[] = [];
  const logger = loggerTo({ write: (line: string) => void lines.push(line) }, 'conductor', level);
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

describe('logger', () => {
  it('writes one JSON object a line with the ids of its child', () => {
    const { logger, last } = capture();
    childLogger(logger, { requestId: 'req-1', operationId: 'op-1' }).warn({ step: 'create' }, 'hello');
    const line = last();
    assert.deepEqual(
      [line['level'], line['service'], line['requestId'], line['operationId'], line['step'], line['msg']],
      ['warn', 'conductor', 'req-1', 'op-1', 'create', 'hello'],
    );
    assert.match(String(line['time']), /^\d{4}-\d\d-\d\dT/);
  });

  it('T-S01 blanks secrets, passwords in URLs, and the URL inside the error about a bad URL', () => {
    const { logger, lines } = capture();
    logger.info({ url: new Secret('amqp://u:hunter2@h'), deep: { url: new Secret('hunter2') } }, 'a');
    logger.info('cannot reach amqp://u:hunter2@h/vhost');
    logger.error({ err: new Error('postgresql://u:hunter2@db/x refused') }, 'b');
    try {
      new URL('amqp://u:hunter2@h:notaport');
    } catch (err) {
      logger.error({ err }, 'c');
    }
    assert.equal(lines.length, 4);
    assert.doesNotMatch(lines.join(''), /hunter2/);
    assert.match(lines[1] ?? '', /amqp:\/\/\*\*\*@h\/vhost/);
  });

  it('leaves URLs without a password alone', () => {
    for (const text of ['http://h:80/a@b', 'gluster://h:24007/vol/file', 'see amqp://h, then a:b@c']) {
      assert.equal(hideUrlPasswords(text), text);
    }
    assert.equal(
      hideUrlPasswords('postgresql:///s?host=/x&password=hunter2&a=1'),
      'postgresql:///s?host=/x&password=***&a=1',
    );
  });

  it('changes its level and that of children which exist already', () => {
    const { logger, lines } = capture('error');
    const child = childLogger(logger, { requestId: 'req-1' });
    const apart = childWithOwnLevel(logger, { backend: 'a@b' });
    const grandchild = childLogger(apart, { operationId: 'op-1' });
    child.info('not yet');
    setLogLevel(logger, 'debug');
    child.debug('a child');
    grandchild.info('still quiet');
    setLogLevel(apart, 'info');
    grandchild.info('its own level');
    grandchild.debug('below it');
    setLogLevel(logger, 'warn');
    logger.info('quiet again');
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { msg: string }).msg),
      ['a child', 'its own level'],
    );
    assert.deepEqual([logLevelOf(logger), logLevelOf(child), logLevelOf(grandchild)], ['warn', 'warn', 'info']);
  });

  it('announces readiness at every level', () => {
    const { logger, last } = capture('error');
    announceReady(logger, { port: 1 });
    assert.deepEqual([last()['msg'], last()['port']], ['ready', 1]);
    assert.equal(logLevelOf(logger), 'error');
  });
});
