// <sw-patient-markdown>: an answer in a list that is scrolled. It is plain text at first. Its Markdown is rendered in slices, so that
// no key has to wait. What was rendered is kept for the next time it comes into view. An answer that leaves the view first is not rendered.
import { MarkdownView } from '../chat/message/markdown-view.ts';
import { findDefinitions, renderBlock, splitBlocks } from '../markdown/markdown.ts';
import { Slices } from '../markdown/slices.ts';

const maxKept = 200; // rendered answers that are out of view
const slices = new Slices();
/** The rendered elements by their text, the last used last. An element has one place in a page, so taking it removes it here. */
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
    const definitions = findDefinitions(text);
    const elements: HTMLElement[] = [];
    for (const source of [...stable, ...open]) {
      yield;
      const element = document.createElement('div');
      element.append(this.toFragment(renderBlock(source, definitions)));
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
