// Who acts on rows of the block-storage API, as the statements need it.
import type { RemoteImages } from './remote-images.js';

export interface Requester {
  /** null: sees every project's rows (administrators). */
  readonly visibleProjectId: string | null;
  readonly projectId: string;
  readonly userId: string;
  readonly requestId: string;
  /** A service speaks for the user: it may end attachments that a server still uses. */
  readonly isService: boolean;
  /** Images are kept by a service of their own, which is asked in the name of whoever acts; without it they are rows here. */
  readonly images?: RemoteImages;
}
