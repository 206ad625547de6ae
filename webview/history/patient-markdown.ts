// <sw-patient-markdown>: an answer in a list through which one scrolls. It is plain text at first and made in slices, so that it holds
// up no key; what was made is kept for when the answer comes into view again, and what goes out of view before is not made at all.
import { MarkdownView } from '../chat/message/markdown-view.ts';
import { findReferences, renderBlock, splitBlocks } from '../markdown/markdown.ts';
import { Slices } from '../markdown/slices.ts';

const maxKept = 200; // answers that were made and are out of view
const slices = new Slices();
/** What was made of a text, the last used last. An element stands in one place: whoever takes it takes it out. */
const kept = new Map<string, readonly HTMLElement[]>();

export class PatientMarkdown extends MarkdownView {
  #made: { text: string; elements: readonly HTMLElement[] } | undefined;

  protected override updated(): void {
    const { text, actions } = this;
    const key = `${actions.join()} ${text}`;
    if (this.#made?.text === key) return;
    this.#keep();
    const elements = kept.get(key);
    kept.delete(key);
    if (elements) return this.#show(key, elements);
    const plain = document.createElement('div');
    plain.style.whiteSpace = 'pre-wrap';
    plain.textContent = text;
    this.#blocks?.replaceChildren(plain);
    slices.add({
      steps: this.#inSteps(key),
      isWanted: () => this.isConnected && this.text === text && this.actions === actions,
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#keep();
  }

  get #blocks(): Element | null {
    return this.renderRoot.querySelector('.blocks');
  }

  *#inSteps(key: string): Generator<void, void> {
    const { text } = this;
    const { stable, open } = splitBlocks(text);
    yield;
    const references = findReferences(text);
    const elements: HTMLElement[] = [];
    for (const source of [...stable, ...open]) {
      yield;
      const element = document.createElement('div');
      element.append(this.toFragment(renderBlock(source, references)));
      elements.push(element);
    }
    this.#show(key, elements);
  }

  #show(text: string, elements: readonly HTMLElement[]): void {
    this.#made = { text, elements };
    this.#blocks?.replaceChildren(...elements);
  }

  #keep(): void {
    if (!this.#made) return;
    kept.set(this.#made.text, this.#made.elements);
    this.#made = undefined;
    const [oldest] = kept.keys();
    if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest);
  }
}

customElements.define('sw-patient-markdown', PatientMarkdown);
