// Who acts on rows of the block-storage API, as the statements need it.

export interface Requester {
  /** null: sees every project's rows (administrators). */
  readonly visibleProjectId: string | null;
  readonly projectId: string;
  readonly userId: string;
  readonly requestId: string;
  /** A service speaks for the user: it may end attachments that a server still uses. */
  readonly isService: boolean;
}
