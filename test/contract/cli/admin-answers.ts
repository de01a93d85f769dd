// Answers of the example cloud for the administration API. They keep no state.
import type { CloudAnswer, SeenRequest } from './recording-cloud.js';
import { projectId, userId } from './recording-cloud.js';
import * as sample from './sample-resources.js';

const time = '2026-11-21T01:32:34.230344';
const ok = (body: unknown) => (): CloudAnswer => ({ status: 200, body });

const operation = {
  id: sample.ids.operation,
  type: 'snapshot-delete',
  state: 'running',
  step: 'commit-layer',
  phase: 'do',
  progress: 42.5,
  tries: 0,
  age_seconds: 75,
  created_at: time,
  updated_at: time,
  finished_at: null,
  project_id: projectId,
  user_id: userId,
  request_id: 'req-00000000-0000-4000-8000-000000000000',
  resources: [{ type: 'volume', id: sample.ids.volume }],
  error: null,
  advice: null,
};
const operationDetail = {
  ...operation,
  params: { volumeId: sample.ids.volume },
  steps: [{ name: 'commit-layer', asked: true, done: false }],
  outputs: {},
  locks: [{ resource: `volume:${sample.ids.volume}`, mode: 'chain', held: true }],
  waits_for: [],
  queue: 'commands.volume.store1@gluster',
  wake_at: time,
};

export function adminAnswers(): Record<string, (request: SeenRequest) => CloudAnswer> {
  return {
    adminListVersions: () => ({ status: 300, body: { versions: [] } }),
    adminListOperations: ok({ operations: [operation] }),
    adminShowOperation: ok({ operation: operationDetail }),
  };
}
