// A session as everything below the connection sees it: who asks, for which profile, in which folders.

/** Lives as long as a connection. */
export interface SessionView {
  readonly id: number;
  /** Folders it works in, as URIs. */
  readonly roots: readonly string[];
  /** The id of its profile; undefined until the first request that needs one. */
  profile: string | undefined;
  /** What its client set for its own window. */
  readonly options: {
    readonly profile?: string | undefined;
    readonly model?: string | undefined;
    /** Whether its user trusts its folders, where the client says so; `sessions/trust.ts` decides. */
    readonly workspaceTrusted?: boolean | undefined;
  };
  /** Whether it is an editor: its folders are indexed from its start, not only when a question needs it. */
  readonly isEditor: boolean;
  /** False where its user does not want its folders indexed, or does not trust them. */
  readonly isIndexed: boolean;
  onClose(action: () => void): void;
  /** An open document as its client last sent it. */
  document(uri: string): { getText(): string } | undefined;
  /** The other open cells of a notebook in the same language, the one that was changed last at the end. */
  cellsBeside?(uri: string): readonly { uri: string; getText(): string }[];
  /** Has `document` know what the client's user sees now, where the client sends its documents only when it's asked. */
  refresh?(uri: string): Promise<void>;
}
