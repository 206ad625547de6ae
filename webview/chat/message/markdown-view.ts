// <sw-markdown>: an answer's text. Cleans what `markdown.ts` made, and renders again only the blocks that changed.
import createDOMPurify from 'dompurify';
import { html, LitElement, type PropertyValues, type TemplateResult } from 'lit';
import type { HostActionKind } from '../../../shared/webview.ts';
import { loadBundle } from '../../bundle.ts';
import { styles } from '../../element.ts';
import { type Citable, nothingCitable, Sources } from '../../markdown/citations.ts';
import { findDefinitions, isOpenable, noBlocks, renderBlock, splitBlocks } from '../../markdown/markdown.ts';
import { t } from '../../words.ts';
import { gesture } from '../gesture.ts';
import { isApplicable } from './applicable.ts';
import { linkCitations, placeBehind } from './citation-links.ts';
import { markHidden } from './hidden-marks.ts';
import messageStyles from './message.css';

/** Whatever the renderer might let through, nothing else reaches the page: no image, no address, no style, no script. */
const cleaning = {
  ALLOWED_TAGS: [
    'a',
    'blockquote',
    'br',
    'code',
    'div',
    'em',
    'h1',
    'h2',
    'h3',
    'h4',
    'h5',
    'h6',
    'hr',
    'li',
    'ol',
    'p',
    'pre',
    's',
    'span',
    'strong',
    'table',
    'tbody',
    'td',
    'th',
    'thead',
    'tr',
    'ul',
  ],
  ALLOWED_ATTR: ['class', 'data-note', 'data-url', 'dir', 'role', 'start', 'tabindex', 'title'],
  ALLOW_DATA_ATTR: false,
  RETURN_DOM_FRAGMENT: true as const,
};
const purifier = createDOMPurify(window);

const codeActions = [
  { kind: 'copy', label: t('Copy') },
  { kind: 'insert', label: t('Insert'), title: t('Insert at the cursor') },
  { kind: 'apply', label: t('Apply'), title: t('Show as a change of the open file') },
] as const;

const copiedShownMs = 1500;

interface RenderedMarkdown {
  source: string;
  element: HTMLElement;
}

export class MarkdownView extends LitElement {
  static override styles = styles(messageStyles);
  static override properties = {
    text: { attribute: false },
    isStreaming: { attribute: false },
    actions: { attribute: false },
    decisionId: { attribute: false },
    citable: { attribute: false },
    sources: { attribute: false },
  };
  declare text: string;
  declare isStreaming: boolean;
  declare actions: readonly HostActionKind[];
  declare decisionId: string | undefined;
  /** What citations in the text may lead to. */
  declare citable: Citable;
  /** Addresses of pages that it was made from. */
  declare sources: readonly string[];

  #blocks = noBlocks;
  #rendered: RenderedMarkdown[] = [];
  #definitions = '{}';
  #unasked: string[] = [];
  #sources = new Sources([]);

  constructor() {
    super();
    this.text = '';
    this.isStreaming = false;
    this.actions = [];
    this.citable = nothingCitable;
    this.sources = [];
  }

  override render(): TemplateResult {
    return html`<div class="blocks" @click=${this.#onClick} @keydown=${this.#onKeyDown}></div>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    // A growing text only grows: what is stable in it stays. Any other text is split from its beginning.
    const before = changed.get('text') ?? '';
    const isGrowing = this.isStreaming && this.text.startsWith(before);
    this.#blocks = splitBlocks(this.text, isGrowing ? this.#blocks : noBlocks);
    const definitions = findDefinitions(this.text);
    const isDefinitionChanged = JSON.stringify(definitions) !== this.#definitions;
    if (changed.has('sources')) this.#sources = new Sources(this.sources);
    const hasOtherSources = changed.has('sources') && (changed.get('sources') ?? []).length + this.sources.length > 0;
    const isLinkedAnew = hasOtherSources || (changed.has('citable') && this.actions.includes('open-attachment')); // else nothing is linked
    if (isDefinitionChanged || changed.has('actions') || isLinkedAnew) {
      this.#unasked = [];
      this.#rendered = this.#rendered.map(({ element }) => ({ source: '', element }));
    }
    this.#definitions = JSON.stringify(definitions);
    this.#show([...this.#blocks.stable, ...this.#blocks.open], (source) =>
      this.toFragment(renderBlock(source, definitions)),
    );
    this.#ask();
  }

  #show(sources: readonly string[], toFragment: (source: string) => DocumentFragment): void {
    const parent = this.renderRoot.querySelector('.blocks');
    if (!parent) return;
    for (const [index, source] of sources.entries()) {
      const rendered = this.#rendered[index];
      if (rendered?.source === source) continue;
      const element = rendered?.element ?? parent.appendChild(document.createElement('div'));
      element.replaceChildren(toFragment(source));
      this.#rendered[index] = { source, element };
    }
    for (const { element } of this.#rendered.splice(sources.length)) element.remove();
  }

  /** What the renderer made of a block, cleaned. */
  protected toFragment(dirty: string): DocumentFragment {
    const fragment = purifier.sanitize(dirty, cleaning);
    markHidden(fragment);
    for (const bar of fragment.querySelectorAll('.code-bar')) {
      for (const { kind, label, ...rest } of codeActions) {
        if (kind !== 'copy' && !this.actions.includes(kind)) continue;
        if (kind === 'apply' && !isApplicable(languageOf(bar), codeOf(bar))) continue;
        const button = document.createElement('button');
        button.className = 'link';
        button.textContent = label;
        button.title = 'title' in rest ? rest.title : label;
        button.dataset['act'] = kind;
        bar.append(button);
      }
    }
    for (const formula of fragment.querySelectorAll('.math')) formula.replaceWith(mathOf(formula));
    const citable = this.actions.includes('open-attachment') ? this.citable : undefined;
    this.#unasked.push(...linkCitations(fragment, citable, this.#sources));
    return fragment;
  }

  /** Asks the host about unknown paths, once the answer is complete. */
  #ask(): void {
    if (
      this.isStreaming ||
      !this.citable.isWhole ||
      this.#unasked.length === 0 ||
      !this.actions.includes('confirm-paths')
    )
      return;
    gesture(this, { type: 'paths-cited', paths: [...new Set(this.#unasked.splice(0))] });
  }

  #onClick(event: Event): void {
    const target = event.target instanceof Element ? event.target : undefined;
    const button = target?.closest<HTMLElement>('button[data-act]');
    const code = button ? codeOf(button) : undefined;
    const url = target?.closest<HTMLElement>('a[data-url]')?.dataset['url'];
    const note = target?.closest<HTMLElement>('a[data-note]')?.dataset['note'];
    if (note !== undefined) return this.#showFootnote(note);
    const place = target ? placeBehind(target) : undefined;
    if (place) return gesture(this, { type: 'action', action: { kind: 'open-attachment', ...place } });
    if (button && code !== undefined) this.#actOnCode(button, code, languageOf(button.closest('.code')));
    else if (url && isOpenable(url)) gesture(this, { type: 'action', action: { kind: 'open-external', url } });
  }

  #showFootnote(label: string): void {
    const footnote = this.renderRoot.querySelector(`.footnote[data-note="${CSS.escape(label)}"]`);
    footnote?.scrollIntoView({ block: 'nearest' });
  }

  #actOnCode(button: HTMLElement, code: string, language: string): void {
    const { act } = button.dataset;
    const { decisionId } = this;
    if (act === 'insert') gesture(this, { type: 'action', action: { kind: act, code } });
    else if (act === 'apply')
      gesture(this, { type: 'action', action: { kind: act, code, language, ...(decisionId && { decisionId }) } });
    else {
      gesture(this, { type: 'action', action: { kind: 'copy', text: code } });
      button.textContent = t('Copied');
      setTimeout(() => button.replaceChildren(t('Copy')), copiedShownMs);
    }
  }

  #onKeyDown(event: KeyboardEvent): void {
    if (event.key === 'Enter' && event.target instanceof HTMLAnchorElement) this.#onClick(event);
  }
}

/** Shown as its TeX until the bundle that draws it is there. */
function mathOf({ className, textContent }: Element): HTMLElement {
  loadBundle('math.js');
  const element = document.createElement('sw-math');
  element.className = className;
  element.dir = 'ltr';
  element.textContent = textContent;
  return element;
}

/** The code of the block that an element belongs to. */
function codeOf(element: Element): string {
  return element.closest('.code')?.querySelector('code')?.textContent ?? '';
}

/** What the answer names a block's code. */
function languageOf(block: Element | null): string {
  return block?.querySelector('.language')?.textContent?.toLowerCase() ?? '';
}

customElements.define('sw-markdown', MarkdownView);
