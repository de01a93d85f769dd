// What a client of the soak writes down of its answers: a volume that is still being made is not a refusal, anything else is one, by its words.
import assert from 'node:assert/strict';
import { actAsClient, nothingAccepted, type Requester } from '../../soak/load.js';

const ID = '0f8f1c62-8d7a-4b5e-9c39-3c6f1b0a7e11';

/** Creates until eight are there, and answers the first deletions so. */
function apiThat(...deletions: { readonly status: number; readonly body: unknown }[]): Requester {
  return {
    call: (method) => {
      if (method === 'POST') return Promise.resolve({ status: 202, body: { volume: { id: ID } } });
      return Promise.resolve(deletions.shift() ?? { status: 202, body: '' });
    },
  };
}

async function playedWith(api: Requester, rounds: number) {
  const accepted = nothingAccepted();
  await actAsClient(api, accepted, () => rounds-- > 0);
  return accepted;
}

describe('a client of the soak', () => {
  const busy = `Invalid volume: Volume ${ID} status must be available or error to delete, but current status is: creating. It is busy.`;

  it('does not count a volume that is still being made as a refusal', async () => {
    const api = apiThat({ status: 400, body: { badRequest: { code: 400, message: busy } } });
    const { notReady, refused, deleted } = await playedWith(api, 10);
    assert.equal(notReady, 1);
    assert.equal(refused.size, 0);
    assert.equal(deleted.size, 1);
  });

  it('keeps the words of a refusal, without the ids', async () => {
    const body = { itemNotFound: { code: 404, message: `Volume ${ID} could not be found.` } };
    const { notReady, refused, unanswered } = await playedWith(
      apiThat({ status: 404, body }, { status: 503, body: '' }),
      11,
    );
    assert.equal(notReady, 0);
    assert.deepEqual([...refused], [['404 Volume <id> could not be found.', 1]]);
    assert.equal(unanswered, 1);
  });
});
