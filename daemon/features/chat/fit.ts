// A turn of a conversation.

export interface PromptTurn {
  /** The message's. */
  id: string;
  role: 'user' | 'assistant';
  content: string;
  /** Whether code is attached to it. */
  hasCode?: boolean | undefined;
  /** Whether it asks for code, and whether it names a file. */
  asksForChange?: boolean | undefined;
  namesFile?: boolean | undefined;
  /** Whether the user wants it in every prompt. */
  pinned?: boolean | undefined;
}
