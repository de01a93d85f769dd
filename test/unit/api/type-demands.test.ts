// What the extra specs of a volume type demand, as pure rules.
import assert from 'node:assert/strict';
import {
  chooseZones,
  demandConsistentSpecs,
  demandPlainType,
  isMultiattach,
  zonesOfType,
} from '../../../services/core/db/block-storage/type-demands.js';
import { ServiceError } from '../../../services/core/domain/errors.js';

const zones = 'RESKEY:availability_zones';
const isBadRequest =
  (text: RegExp) =>
  (thrown: unknown): boolean =>
    thrown instanceof ServiceError && thrown.code === 'bad_request' && text.test(thrown.message);

describe('what a volume type demands', () => {
  it('is several attachments in one spelling only', () => {
    assert.ok(isMultiattach({ multiattach: '<is> True' }));
    for (const multiattach of ['True', '<is> true', '<is> False', '', null]) assert.ok(!isMultiattach({ multiattach }));
    assert.ok(!isMultiattach({}));
  });

  it('is never a cache and several attachments', () => {
    demandConsistentSpecs({ multiattach: '<is> True', cacheable: '<is> False' });
    demandConsistentSpecs({ cacheable: '<is> True' });
    const both = { multiattach: '<is> True', cacheable: '<is> True' };
    assert.throws(() => demandConsistentSpecs(both), isBadRequest(/^cacheable cannot be set with multiattach\.$/));
  });

  it('is a list of zones, with blanks around them', () => {
    assert.equal(zonesOfType({}), null);
    assert.deepEqual(zonesOfType({ [zones]: ' a, b,,c ' }), ['a', 'b', 'c']);
    assert.deepEqual(zonesOfType({ [zones]: null }), []);
  });

  it('chooses among the zones that are there', () => {
    const known = ['a', 'b'];
    assert.equal(chooseZones({}, null, known), null);
    assert.deepEqual(chooseZones({}, 'elsewhere', known), ['elsewhere'], 'not bound: the caller has judged the zone');
    assert.deepEqual(chooseZones({ [zones]: 'b,c' }, null, known), ['b']);
    assert.deepEqual(chooseZones({ [zones]: 'a,b' }, 'b', known), ['b']);
    assert.throws(() => chooseZones({ [zones]: 'b,c' }, 'a', known), isBadRequest(/^Availability zone 'a' is invalid/));
    assert.throws(() => chooseZones({ [zones]: 'b,c' }, 'c', known), isBadRequest(/^Availability zone 'c' is invalid/));
    assert.throws(() => chooseZones({ [zones]: 'c' }, null, known), isBadRequest(/zones: \['c'\]$/));
    assert.throws(() => chooseZones({ [zones]: '' }, null, known), isBadRequest(/zones: \[\]$/));
  });

  it('keeps plain files out of it when it is encryption', () => {
    demandPlainType({ name: 'plain', is_encrypted: false }, 'this one is not');
    assert.throws(
      () => demandPlainType({ name: 'luks', is_encrypted: true }, 'this one is not'),
      isBadRequest(/type luks are encrypted, and this one is not/),
    );
  });
});
