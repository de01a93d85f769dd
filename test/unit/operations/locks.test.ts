// The lock modes, written out as a table so that a change of the rule is a change of this table.
import assert from 'node:assert/strict';
import { type LockMode, locksCompatible } from '../../../services/core/operations/definition.js';
import { definitionOf } from '../../../services/core/operations/registry.js';
import { sampleContexts } from './sample-contexts.js';

const together: Readonly<Record<LockMode, readonly LockMode[]>> = {
  read: ['read', 'use'],
  use: ['read'],
  chain: [],
};
const modes = Object.keys(together) as LockMode[];

describe('lock modes', () => {
  for (const a of modes) {
    for (const b of modes) {
      it(`${a} and ${b} ${together[a].includes(b) ? 'share' : 'exclude each other'}`, () => {
        assert.equal(locksCompatible(a, b), together[a].includes(b));
        assert.equal(locksCompatible(b, a), locksCompatible(a, b));
      });
    }
  }

  it('lets no operation wish for one resource twice', () => {
    for (const { type, context } of sampleContexts()) {
      const resources = definitionOf(type)
        .locks(context.params)
        .map((wish) => wish.resource);
      assert.equal(new Set(resources).size, resources.length, type);
    }
  });
});
