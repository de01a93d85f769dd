// How many backends a start makes is said by one variable; what cannot be meant is refused before anything is started.
import assert from 'node:assert/strict';
import { DeployError } from '../../../deploy/deploy-error.js';
import { externalEngines } from '../../../deploy/engines.js';

describe('SAGGAR_BACKENDS', () => {
  it('is a number from 1 to 9; one when it is not set', () => {
    assert.equal(externalEngines({}).backends, 1);
    assert.equal(externalEngines({ SAGGAR_BACKENDS: '' }).backends, 1);
    assert.equal(externalEngines({ SAGGAR_BACKENDS: '2' }).backends, 2);
    for (const text of ['0', '10', '-1', 'two', '2 ']) {
      assert.throws(() => externalEngines({ SAGGAR_BACKENDS: text }), DeployError, text);
    }
  });

  it('is only for private shares', () => {
    const shares = import.meta.filename;
    assert.throws(() => externalEngines({ SAGGAR_BACKENDS: '2', SAGGAR_SHARES: shares }), /private shares/);
    assert.equal(externalEngines({ SAGGAR_BACKENDS: '1', SAGGAR_SHARES: shares }).backends, 1);
  });
});
