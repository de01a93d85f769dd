// E11, the clock that jumps: no lease, deadline or wait of a process is measured by the wall clock. What compares processes is the
// database's clock (utc_now() in statements), what measures within one is monotonic (performance.now(), Clock.monotonicMs). Every use of
// the wall clock is listed here with its reason; one that is not fails.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../../services/core/runtime/spec-files.js';

/** File and how often it reads the wall clock. */
const allowed: Readonly<Record<string, { readonly times: number; readonly why: string }>> = {
  'services/core/runtime/clock.ts': { times: 1, why: 'the clock for people and logs itself' },
  'services/api/identity/times.ts': {
    times: 1,
    why: 'the end of an application credential, which its owner gives as a time',
  },
  'services/api/auth/keystone/keystone-validator.ts': {
    times: 1,
    why: 'the end of a token, which a Keystone gives as a time',
  },
  'services/api/block-storage/volume-data-routes.ts': {
    times: 1,
    why: 'shown to a client; the ticket ends by the life that it has',
  },
  'services/core/bus/consumer.ts': { times: 1, why: 'written beside a parked message, for people' },
  'services/core/db/compute/server-create.ts': { times: 1, why: 'shown to a client' },
  'services/core/db/outcomes/server.ts': { times: 1, why: 'shown to a client' },
  'services/core/db/admin/orphans.ts': { times: 1, why: 'the age of a file, whose time is its server’s' },
  'services/core/db/audit/share-view.ts': { times: 1, why: 'the age of a file, whose time is its server’s' },
  'drivers/qemu/guest-freeze.ts': {
    times: 2,
    why: 'a mark on disk that outlives the process: a jump thaws a guest early or late',
  },
};

/** Files that are programs of a person at a keyboard. */
const notDaemons = /^services\/cli\//;

function filesBelow(folder: string): readonly string[] {
  return readdirSync(path.join(projectRoot(), folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`)
    .filter((name) => !notDaemons.test(name));
}

describe('E11 the wall clock', () => {
  it('is read where it is allowed, and nowhere else', () => {
    const found: Record<string, number> = {};
    for (const file of [...filesBelow('services'), ...filesBelow('drivers')]) {
      const text = readFileSync(path.join(projectRoot(), file), 'utf8');
      const times = text.match(/\bDate\.now\(\)|\bnew Date\(\)/g)?.length ?? 0;
      if (times > 0) found[file] = times;
    }
    assert.deepEqual(found, Object.fromEntries(Object.entries(allowed).map(([file, { times }]) => [file, times])));
  });

  it('is not asked by statements that decide: those use the database’s own clock in UTC', () => {
    const engine = filesBelow('services/core/db/engine').map((file) => [
      file,
      readFileSync(path.join(projectRoot(), file), 'utf8'),
    ]);
    assert.ok(engine.some(([, text = '']) => text.includes('utc_now()')));
    const others = engine
      .filter(([, text = '']) => /\b(?:clock\.now|Date\.now|toISOString)\(/.test(text))
      .map(([file]) => file);
    assert.deepEqual(others, []);
  });
});
