// The processes that `npm start` runs and those that systemd runs are given the same room for garbage.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { heapFlags } from '../../../deploy/services.js';
import { projectRoot } from '../../../services/core/runtime/spec-files.js';

describe('flags of the service processes', () => {
  for (const [service, flag] of Object.entries(heapFlags)) {
    it(`${service}: the unit says the same as npm start`, () => {
      const unit = readFileSync(path.join(projectRoot(), 'deploy', 'systemd', `saggar-${service}.service`), 'utf8');
      const started = /^ExecStart=\S+ (.*) \S+main\.js /m.exec(unit)?.[1];
      assert.equal(started, `--enable-source-maps ${flag}`);
    });
  }
});
