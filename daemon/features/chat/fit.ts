// A turn of a conversation, and how long it is for a model.

export interface PromptTurn {
  /** The message's. */
  id: string;
  role: 'user' | 'assistant';
  content: string;
  /** Whether code is attached to it. */
  hasCode?: boolean | undefined;
  /** Whether the user wants it in every prompt. */
  pinned?: boolean | undefined;
}

// Bytes per token of English and code lie near 4 with current vocabularies; 3 errs on the safe side.
export const bytesPerToken = 3;

/** A careful estimate of how many tokens a text takes. */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / bytesPerToken);
}
