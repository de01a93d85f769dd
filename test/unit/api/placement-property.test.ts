// The choice of pools over random pools and wishes, held against the rules written down once more, one pool at a time: what is chosen obeys
// every filter, nothing that would fit is left out, and the reason names a filter that really took the last candidates.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type PlacedPoolRow,
  type PlacementWish,
  rankPools,
} from '../../../services/core/db/block-storage/placement.js';
import { virtualFreeGib } from '../../../services/core/db/block-storage/pool-match.js';
import { GIB } from '../../../services/core/domain/size.js';

const backends = ['a', 'b', 'c'] as const;
const zones = ['nova', 'far'] as const;

const pools: fc.Arbitrary<PlacedPoolRow[]> = fc
  .uniqueArray(
    fc.record({
      backend: fc.constantFrom(...backends),
      share: fc.constantFrom('s1', 's2', 's3'),
      zone: fc.constantFrom(...zones),
      state: fc.constantFrom('up' as const, 'up' as const, 'down' as const),
      enabled: fc.boolean(),
      fresh: fc.boolean(),
      maintained: fc.boolean(),
      retired: fc.constantFrom(false, false, false, true),
      total: fc.option(fc.integer({ min: 0, max: 200 }), { freq: 5 }),
      used: fc.integer({ min: 0, max: 100 }),
      provisioned: fc.integer({ min: 0, max: 400 }),
      reserved: fc.constantFrom(0, 10, 50, 100),
      ratio: fc.constantFrom(1, 2, 20, 'auto' as const),
      thin: fc.boolean(),
    }),
    { maxLength: 6, selector: ({ backend, share }) => `${backend} ${share}` },
  )
  .map((rows) =>
    rows.map((row) => ({
      name: `h@${row.backend}#${row.share}`,
      backend_host: `h@${row.backend}`,
      share: row.share,
      zone: row.zone,
      state: row.state,
      enabled: row.enabled,
      fresh: row.fresh,
      maintenance_since: row.maintained ? '2026-11-21T00:00:00' : null,
      maintenance_reason: null,
      retired: row.retired,
      total_bytes: row.total === null ? null : row.total * GIB,
      free_bytes: row.total === null ? null : Math.max(0, row.total - row.used) * GIB,
      provisioned_gib: row.provisioned,
      updated_at: '2026-11-21T00:00:00',
      capabilities: {
        volumeBackendName: row.backend,
        vendorName: 'Open Source',
        driverVersion: '1',
        storageProtocol: 'glusterfs',
        reservedPercentage: row.reserved,
        maxOverSubscriptionRatio: row.ratio,
        thinProvisioning: row.thin,
        thickProvisioning: !row.thin,
        volumeFormat: 'qcow2' as const,
        preallocation: 'off' as const,
      },
    })),
  );

const names = backends.flatMap((backend) => ['s1', 's2', 's3'].map((share) => `h@${backend}#${share}`));

const wishes: fc.Arbitrary<PlacementWish> = fc.record({
  sizeGib: fc.integer({ min: 1, max: 300 }),
  zones: fc.option(fc.subarray([...zones], { minLength: 1 })),
  specs: fc.oneof(
    fc.constant({}),
    fc.constantFrom(...backends, 'nobody').map((name) => ({ volume_backend_name: name })),
    fc.constant({ 'capabilities:volume_backend_name': '<or> a <or> b' }),
    fc.boolean().map((thin) => ({ thin_provisioning_support: `<is> ${thin ? 'True' : 'False'}` })),
    fc.constant({ 'driver:x': 'y' }),
    fc.constant({ 'capabilities:a:b': 'c' }),
  ),
  backendHost: fc.option(fc.constantFrom('h@a', 'h@b'), { freq: 4 }),
  hints: fc.record({
    sameAs: fc.option(fc.subarray(names), { freq: 3 }),
    differentFrom: fc.subarray(names, { maxLength: 4 }),
  }),
});

/** The rules once more, by reason. */
const rules: Readonly<Record<string, (pool: PlacedPoolRow, wish: PlacementWish) => boolean>> = {
  no_valid_backend_offline: (pool, { backendHost }) =>
    pool.state === 'up' && pool.enabled && !pool.retired && (backendHost === null || backendHost === pool.backend_host),
  no_valid_backend_maintenance: (pool) => pool.maintenance_since === null,
  no_valid_backend_zone: (pool, wish) => wish.zones === null || wish.zones.some((zone) => zone === pool.zone),
  no_valid_backend_type: ({ capabilities }, { specs }) => {
    const [entry] = Object.entries(specs);
    if (entry === undefined || entry[0].startsWith('driver:')) return true;
    if (entry[0] === 'capabilities:a:b') return false;
    if (entry[0] === 'thin_provisioning_support') return capabilities.thinProvisioning === (entry[1] === '<is> True');
    if (entry[1] === '<or> a <or> b') return ['a', 'b'].includes(capabilities.volumeBackendName);
    return capabilities.volumeBackendName === entry[1];
  },
  no_valid_backend_hint: ({ name }, { hints }) =>
    (hints?.sameAs === null || hints?.sameAs.includes(name) === true) && hints?.differentFrom.includes(name) === false,
  no_valid_backend_capacity: (pool, { sizeGib }) => {
    if (pool.total_bytes === null || pool.free_bytes === null) return true;
    const [total, free] = [pool.total_bytes / GIB, pool.free_bytes / GIB];
    const { reservedPercentage, maxOverSubscriptionRatio: configured, thinProvisioning } = pool.capabilities;
    const auto = pool.provisioned_gib === 0 ? 20 : 1 + pool.provisioned_gib / (total - free + 1);
    const ratio = thinProvisioning ? (configured === 'auto' ? auto : configured) : 1;
    const reserve = (total * reservedPercentage) / 100;
    return (
      pool.provisioned_gib + sizeGib <= (total - reserve) * ratio + 1e-6 && sizeGib <= (free - reserve) * ratio + 1e-6
    );
  },
};

describe('the choice of a pool', () => {
  it('obeys every filter, leaves out no pool that fits, and names the filter that took the last one', () => {
    fc.assert(
      fc.property(pools, wishes, (all, wish) => {
        const { pools: chosen, reason } = rankPools(all, wish);
        const fitting = all.filter((pool) => Object.values(rules).every((rule) => rule(pool, wish)));
        assert.deepEqual(chosen.map((pool) => pool.name).sort(), fitting.map((pool) => pool.name).sort());
        if (chosen.length > 0) return;
        const rule = rules[reason];
        assert.ok(rule, reason);
        assert.ok(all.length === 0 || all.some((pool) => !rule(pool, wish)), `${reason} refused nothing`);
      }),
      { numRuns: 2000 },
    );
  });

  it('puts pools that were heard of lately before others, and those with most room first', () => {
    fc.assert(
      fc.property(pools, wishes, (all, wish) => {
        const { pools: chosen } = rankPools(all, wish);
        for (const [index, pool] of chosen.entries()) {
          const next = chosen[index + 1];
          if (next === undefined) continue;
          assert.ok(Number(pool.fresh) >= Number(next.fresh));
          if (pool.fresh === next.fresh) assert.ok(virtualFreeGib(pool) >= virtualFreeGib(next));
        }
      }),
      { numRuns: 500 },
    );
  });
});
