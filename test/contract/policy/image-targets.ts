// The images that the policy tests act on: made fresh, ann's and private (or shared with bob's project), in the state that the request needs.
import type { ImageRig } from '../image/image-rig.js';
import type { Ids } from './targets.js';
import type { TokenPeople } from './token-people.js';

export interface ImageGround {
  readonly rig: ImageRig;
  readonly people: TokenPeople;
}

const mine = { visibility: 'private' };

async function shared({ rig, people }: ImageGround): Promise<Ids> {
  const id = await rig.image(people.tokens.ann, { visibility: 'shared' });
  const body = { member: people.bobProject };
  const added = await rig.ask('POST', `/v2/images/${id}/members`, { token: people.tokens.ann, body });
  if (added.status !== 200) throw new Error(`sharing: ${added.status}`);
  return { image_id: id, member_id: people.bobProject };
}

export const imageTargets = {
  nothing: () => Promise.resolve({}),
  queued: async ({ rig, people }: ImageGround) => ({ image_id: await rig.image(people.tokens.ann, mine) }),
  active: async ({ rig, people }: ImageGround) => ({ image_id: await rig.activeImage(people.tokens.ann, mine) }),
  /** Nobody is a member yet. */
  shareable: async ({ rig, people }: ImageGround) => ({
    image_id: await rig.image(people.tokens.ann, { visibility: 'shared' }),
  }),
  shared,
  tagged: async ({ rig, people }: ImageGround) => ({
    image_id: await rig.image(people.tokens.ann, { ...mine, tags: ['blue'] }),
  }),
} as const satisfies Record<string, (ground: ImageGround) => Promise<Ids>>;

export type ImageTarget = keyof typeof imageTargets;
