// A turn of a conversation.

import type { Image } from '../../models/providers/provider.ts';

export interface PromptTurn {
  /** The message's. */
  id: string;
  role: 'user' | 'assistant';
  content: string;
  /** Pictures that are sent along, of the question alone. */
  images?: readonly Image[] | undefined;
  /** Whether code is attached to it, and whether pictures are. */
  hasCode?: boolean | undefined;
  hasPictures?: boolean | undefined;
  /** Whether it asks for code, and whether it names a file. */
  asksForChange?: boolean | undefined;
  namesFile?: boolean | undefined;
  /** Whether the user wants it in every prompt. */
  pinned?: boolean | undefined;
}
