// Who is counted for what: addresses, projects, all together; that every place is given back; which address a request counts for.
import assert from 'node:assert/strict';
import { limitKeyOf } from '../../../services/api/limits/client-address.js';
import { FailedLogins } from '../../../services/api/limits/failed-logins.js';
import { RequestLimits } from '../../../services/api/limits/request-limits.js';
import { ServiceError } from '../../../services/core/domain/errors.js';
import type { LimitsConfig } from '../../../services/core/runtime/config-types.js';

const plenty = { perSecond: 1000, burst: 1000, underWay: 1000 };
const config: LimitsConfig = {
  enabled: true,
  ofAddress: plenty,
  ofProject: plenty,
  underWay: 1000,
  failedLogins: { ofAddress: { perMinute: 60, burst: 10 }, ofUser: { perMinute: 6, burst: 3 } },
  trustedProxies: [],
};
const limited = { code: 'rate_limited' };

describe('limits of requests', () => {
  it('count an address before its project', () => {
    const limits = new RequestLimits({ ...config, ofAddress: { ...plenty, burst: 2, perSecond: 1 } }, () => 0);
    limits.arrive('a').leave();
    limits.arrive('a').leave();
    assert.throws(() => limits.arrive('a'), limited);
    limits.arrive('b').leave();
    assert.ok(limits.isIdle);
  });

  it('count a project over all addresses', () => {
    const limits = new RequestLimits({ ...config, ofProject: { ...plenty, burst: 2, perSecond: 1 } }, () => 0);
    const visits = ['a', 'b', 'c'].map((address) => limits.arrive(address));
    visits[0]?.countProject('p');
    visits[1]?.countProject('p');
    assert.throws(() => visits[2]?.countProject('p'), limited);
    visits[2]?.countProject('other');
    for (const visit of visits) visit.leave();
    assert.ok(limits.isIdle);
  });

  it('bound what is under way, of one and of all, and give places back once', () => {
    const limits = new RequestLimits({ ...config, underWay: 3, ofAddress: { ...plenty, underWay: 2 } }, () => 0);
    const first = limits.arrive('a');
    const second = limits.arrive('a');
    assert.throws(() => limits.arrive('a'), limited);
    const third = limits.arrive('b');
    assert.throws(() => limits.arrive('c'), { code: 'service_unavailable' });
    first.leave();
    first.leave();
    const again = limits.arrive('a');
    assert.throws(() => limits.arrive('b'), { code: 'service_unavailable' });
    for (const visit of [second, third, again]) visit.leave();
    assert.ok(limits.isIdle);
  });

  it('give the place of all to others while who waits for its sender has one of its own alone', async () => {
    const limits = new RequestLimits({ ...config, underWay: 2, ofAddress: { ...plenty, underWay: 2 } }, () => 0);
    const arrived: (() => void)[] = [];
    const sent = (): Promise<string> => new Promise((resolve) => arrived.push(() => resolve('body')));
    const slow = [limits.arrive('a'), limits.arrive('a')];
    const bodies = slow.map((visit) => visit.whileReceiving(sent));
    assert.throws(() => limits.arrive('a'), limited);
    const others = [limits.arrive('b'), limits.arrive('b')];
    for (const here of arrived) here();
    for (const body of bodies) await assert.rejects(body, { code: 'service_unavailable' });
    for (const visit of others) visit.leave();
    const [first] = slow;
    const again = first?.whileReceiving(() => Promise.resolve('body'));
    assert.equal(await again, 'body');
    const third = limits.arrive('b');
    assert.throws(() => limits.arrive('b'), { code: 'service_unavailable' }, 'who has its body counts again');
    for (const visit of [...slow, third]) visit.leave();
    assert.ok(limits.isIdle);
  });

  it('give nothing back twice when the sender goes while its body is waited for', async () => {
    const limits = new RequestLimits({ ...config, underWay: 1 }, () => 0);
    const gone = limits.arrive('a');
    const failed = gone.whileReceiving(() => {
      gone.leave();
      return Promise.reject(new Error('gone'));
    });
    await assert.rejects(failed, /gone/);
    const left = limits.arrive('a');
    await left.whileReceiving(() => {
      left.leave();
      return Promise.resolve();
    });
    assert.ok(limits.isIdle);
    limits.arrive('a');
    assert.throws(() => limits.arrive('b'), { code: 'service_unavailable' });
  });

  it('give a project its place back when the client went before its token was known', () => {
    const limits = new RequestLimits({ ...config, ofProject: { ...plenty, underWay: 1 } }, () => 0);
    const gone = limits.arrive('a');
    gone.leave();
    gone.countProject('p');
    limits.arrive('a').countProject('p');
  });

  it('count a network of IPv6 as one, and an IPv4 address as itself', () => {
    const keys: Readonly<Record<string, string>> = {
      '192.0.2.7': '192.0.2.7',
      '::ffff:192.0.2.7': '192.0.2.7',
      '2001:db8:1:2:3:4:5:6': '2001:db8:1:2::/64',
      '2001:0db8:0001:0002::9': '2001:db8:1:2::/64',
      '2001:db8::1': '2001:db8:0:0::/64',
      '::1': '0:0:0:0::/64',
      'fe80::1%eth0': 'fe80:0:0:0::/64',
      gone: 'gone',
      [`no address ${'x'.repeat(500)}`]: `no address ${'x'.repeat(53)}`,
    };
    for (const [address, key] of Object.entries(keys)) assert.equal(limitKeyOf(address), key);
  });
});

describe('failed logins', () => {
  let time = 0;
  const wrong = (): Promise<never> => Promise.reject(new ServiceError('unauthorized', 'wrong'));
  const right = (): Promise<string> => Promise.resolve('token');
  const fresh = (): FailedLogins => {
    time = 0;
    return new FailedLogins(config.failedLogins, () => time);
  };

  it('are counted for a user and its address, and nothing is looked up beyond the limit', async () => {
    const logins = fresh();
    let asked = 0;
    const count = (): Promise<never> => {
      asked += 1;
      return wrong();
    };
    for (const _ of [1, 2, 3])
      await assert.rejects(logins.watch({ address: 'x', claimed: 'ann' }, count), { code: 'unauthorized' });
    await assert.rejects(logins.watch({ address: 'x', claimed: 'ann' }, count), limited);
    assert.equal(asked, 3);
    assert.equal(await logins.watch({ address: 'x', claimed: 'bob' }, right), 'token', 'another user');
    assert.equal(await logins.watch({ address: 'y', claimed: 'ann' }, right), 'token', 'the same user from elsewhere');
    await assert.rejects(
      logins.watch({ address: 'x', claimed: 'ann' }, right),
      limited,
      'elsewhere forgives nothing here',
    );
    time += 10_000;
    assert.equal(await logins.watch({ address: 'x', claimed: 'ann' }, right), 'token', 'one more after its pause');
    for (const _ of [1, 2, 3])
      await assert.rejects(logins.watch({ address: 'x', claimed: 'ann' }, wrong), { code: 'unauthorized' });
  });

  it('are counted for an address whatever the names, there or not', async () => {
    const logins = fresh();
    for (let guess = 0; guess < 10; guess += 1)
      await assert.rejects(logins.watch({ address: 'x', claimed: `user ${guess}` }, wrong), { code: 'unauthorized' });
    await assert.rejects(logins.watch({ address: 'x', claimed: 'nobody' }, wrong), limited);
    await assert.rejects(logins.watch({ address: 'x', claimed: 'ann' }, right), limited);
    assert.equal(await logins.watch({ address: 'y', claimed: 'ann' }, right), 'token');
  });

  it('of an address keep nobody out who has logged in from there, and who guesses at its password now', async () => {
    const logins = fresh();
    const service = { address: 'x', claimed: 'a service' };
    await logins.watch(service, right);
    for (let guess = 0; guess < 10; guess += 1)
      await assert.rejects(logins.watch({ address: 'x', claimed: `user ${guess}` }, wrong), { code: 'unauthorized' });
    await assert.rejects(logins.watch({ address: 'x', claimed: 'ann' }, right), limited, 'the address has had enough');
    assert.equal(await logins.watch(service, right), 'token');
    for (const _ of [1, 2, 3]) await assert.rejects(logins.watch(service, wrong), { code: 'unauthorized' });
    await assert.rejects(logins.watch(service, right), limited, 'its own mistakes count as ever');
  });

  it('are only wrong ones: a database that is away counts for nobody', async () => {
    const logins = fresh();
    const away = (): Promise<never> => Promise.reject(new ServiceError('database_offline', 'away'));
    for (let count = 0; count < 50; count += 1)
      await assert.rejects(logins.watch({ address: 'x', claimed: 'ann' }, away), { code: 'database_offline' });
    assert.equal(await logins.watch({ address: 'x', claimed: 'ann' }, right), 'token');
  });
});
