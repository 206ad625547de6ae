// A model's Markdown on its way into VS Code's chat: without images, which a renderer may fetch unasked, and without hidden characters.
// Pure.
import { withoutHidden } from '../../shared/hidden-characters.ts';
import { withoutImages } from '../logic/markdown.ts';

/** What may be the beginning of something that ends in the next part: an image's mark, half a character, or both. */
const unfinished = /!?[\ud800-\udbff]?$/;

/** Lives as long as an answer. Parts may be cut anywhere. */
export class ShownMarkdown {
  #held = '';

  /** What can be shown so far. */
  push(part: string): string {
    const text = withoutHidden(this.#held + part); // before it is cut: what nobody sees parts no mark
    this.#held = unfinished.exec(text)?.[0] ?? '';
    return withoutImages(text.slice(0, text.length - this.#held.length));
  }

  /** What is left when the answer has ended. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return safeMarkdown(rest);
  }
}

/** The same for a text that is whole. */
export function safeMarkdown(text: string): string {
  return withoutImages(withoutHidden(text));
}
