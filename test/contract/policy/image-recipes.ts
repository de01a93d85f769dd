// How every route of the image API is asked in the policy tests: on which image, with which body, and what somebody of another project gets.
import type { ImageTarget } from './image-targets.js';
import { type Recipe, shared } from './recipe.js';

type ImageRecipe = Recipe<ImageTarget>;

const missing = (on: ImageTarget, more: Partial<ImageRecipe> = {}): ImageRecipe => ({
  on,
  foreign: 'missing',
  ...more,
});
const patch = 'application/openstack-images-v2.1-json-patch';
const octets = 'application/octet-stream';
const projectId = 'c0ffee00c0ffee00c0ffee00c0ffee00';

export const imageRecipes: Readonly<Record<string, ImageRecipe>> = {
  imageListVersions: shared,
  imageListVersionsPlain: shared,
  imageShowImageSchema: shared,
  imageShowImagesSchema: shared,
  imageShowMemberSchema: shared,
  imageShowMembersSchema: shared,
  imageShowImportMethods: shared,
  imageListStores: { ...shared, answers: 404 },
  imageShowUsage: shared,
  imageListTasks: shared,
  // Administrators see every image; that nobody else does, image-api.test.ts says.
  imageListImages: { on: 'queued', foreign: 'shared' },
  imageCreateImage: {
    on: 'nothing',
    body: () => ({ name: 'fedora', container_format: 'bare', disk_format: 'qcow2', os_distro: 'fedora' }),
    foreign: 'shared',
  },
  imageShowImage: missing('queued'),
  imageUpdateImage: missing('queued', {
    body: () => [{ op: 'replace', path: '/name', value: 'renamed' }],
    headers: () => ({ 'Content-Type': patch }),
  }),
  imageDeleteImage: missing('queued'),
  imageDeactivateImage: missing('active'),
  imageReactivateImage: missing('active'),
  imageUploadImage: missing('queued', { body: () => ({}), headers: () => ({ 'Content-Type': octets }) }),
  imageDownloadImage: missing('active'),
  imageStageImage: { on: 'queued', foreign: 'shared', answers: 404 },
  imageImportImage: {
    on: 'queued',
    body: () => ({ method: { name: 'web-download', uri: 'http://example.test/' } }),
    foreign: 'shared',
    answers: 400,
  },
  imageListImageTasks: missing('queued'),
  imageAddTag: missing('queued', { path: { tag: 'blue' } }),
  imageRemoveTag: missing('tagged', { path: { tag: 'blue' } }),
  imageListMembers: missing('shareable'),
  imageAddMember: missing('shareable', { body: () => ({ member: projectId }) }),
  // Members look at their own membership as the owner does.
  imageShowMember: { on: 'shared', foreign: 'shared' },
  // The member's own word: its owner has none.
  imageUpdateMember: {
    on: 'shared',
    body: () => ({ status: 'accepted' }),
    foreign: 'shared',
    may: ['bob', 'bobAdmin', 'ownAdmin'],
  },
  imageRemoveMember: {
    on: 'shared',
    foreign: 'shared',
    may: ['ann', 'annProgram', 'manager', 'ownAdmin', 'bobAdmin'],
  },
};
