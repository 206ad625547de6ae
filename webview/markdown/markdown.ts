// Markdown to HTML strings, block by block, so that a growing answer renders its last blocks only. Pure: knows no DOM.
// What comes out carries no URL that a browser would load or follow: links and images are text with the address beside it.
import MarkdownParser, { type Env, type MarkdownIt } from 'markdown-it';
import { t } from '../words.ts';
import { citationOf } from './citations.ts';
import { type Footnotes, useFootnotes } from './footnotes.ts';
import { highlight } from './highlight.ts';
import { useMath } from './math.ts';

/** The blocks of a text so far. `stable` ones can no longer change as the text grows. */
export interface Blocks {
  readonly stable: readonly string[];
  readonly open: readonly string[];
}

export const noBlocks: Blocks = { stable: [], open: [] };

/** The last block is open: new text may still join it. The one before is kept open too, since a fence may turn out to be none. */
const openBlocks = 2;

/** Splits a text that begins with what `before` was split from; only its open end is parsed again. */
export function splitBlocks(text: string, before: Blocks = noBlocks): Blocks {
  const stableChars = before.stable.reduce((sum, block) => sum + block.length, 0);
  const found = topLevelBlocks(text.replace(/\r\n?/g, '\n').slice(stableChars));
  const kept = Math.max(0, found.length - openBlocks);
  return { stable: [...before.stable, ...found.slice(0, kept)], open: found.slice(kept) };
}

/** One block as HTML. Links and notes that are defined elsewhere in the text are found in `definitions`. */
export function renderBlock(source: string, { references, footnotes }: Definitions = {}): string {
  return markdown.render(source, { references: { ...references }, footnotes: { ...footnotes } });
}

/** What a block may refer to. */
type Definitions = Pick<Env, 'references'> & { footnotes?: Footnotes };

/** The definitions of a text (`[name]: address`, `[^1]: note`), for `renderBlock`. */
export function findDefinitions(text: string): Definitions {
  if (!/^ {0,3}\[[^\]]+\]:/m.test(text)) return {};
  const definitions: Env & Definitions = {};
  markdown.parse(text, definitions);
  return definitions;
}

/** Whether an address may be opened, by the host, on a click. */
export function isOpenable(url: string): boolean {
  return /^https?:\/\//i.test(url);
}

/** Each block with the blank lines that follow it, so that together they are the text. */
function topLevelBlocks(text: string): string[] {
  const starts = markdown
    .parse(text, {})
    .flatMap((token) => (token.level === 0 && token.map && token.nesting >= 0 ? [token.map[0]] : []));
  const offsets = lineOffsets(text);
  const edges = starts.map((line, index) => (index === 0 ? 0 : (offsets[line] ?? text.length)));
  return edges.map((edge, index) => text.slice(edge, edges[index + 1] ?? text.length));
}

function lineOffsets(text: string): number[] {
  const offsets = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) offsets.push(at + 1);
  return offsets;
}

const markdown = createMarkdown();

function createMarkdown(): MarkdownIt {
  const parser = new MarkdownParser({ html: false, linkify: true, breaks: false });
  parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
  // An address that will not be opened is not a link: its Markdown stays readable text. One that may be a place in a file is marked
  // as one, and whether it leads anywhere is decided where it is shown.
  parser.validateLink = (address) => isOpenable(address) || citationOf(address) !== undefined;
  const { rules } = parser.renderer;
  rules.image = (tokens, index) => {
    const token = tokens[index];
    return token ? imageLabel(token.content, String(token.attrGet('src') ?? '')) : '';
  };
  rules.link_open = (tokens, index) => {
    const url = escapeHtml(String(tokens[index]?.attrGet('href') ?? ''));
    return `<a class="link" role="link" tabindex="0" title="${url}" data-url="${url}">`;
  };
  rules.fence = (tokens, index) =>
    codeBlock(tokens[index]?.content ?? '', tokens[index]?.info.trim().split(/\s+/)[0] ?? '');
  rules.code_block = (tokens, index) => codeBlock(tokens[index]?.content ?? '', '');
  rules.code_inline = (tokens, index) => `<code dir="ltr">${escapeHtml(tokens[index]?.content ?? '')}</code>`;
  rules.table_open = () => '<div class="table"><table dir="auto">';
  rules.table_close = () => '</table></div>';
  // markdown-it aligns columns with inline styles, which the page's policy forbids.
  for (const cell of ['th', 'td']) {
    rules[`${cell}_open`] = (tokens, index) => {
      const alignment = /(left|right|center)/.exec(String(tokens[index]?.attrGet('style') ?? ''))?.[1];
      return alignment ? `<${cell} class="align-${alignment}">` : `<${cell}>`;
    };
  }
  rules['task_box'] = (tokens, index) => {
    const isDone = tokens[index]?.content === 'done';
    const state = escapeHtml(isDone ? t('Done') : t('To do'));
    return `<span class="task-box" role="img" title="${state}">${isDone ? '☑' : '☐'}</span> `;
  };
  useMath(parser, escapeHtml);
  useFootnotes(parser, escapeHtml);
  parser.core.ruler.push('tasks', markTasks);
  parser.core.ruler.push('direction', setDirections);
  return parser;
}

type CoreState = Parameters<Parameters<MarkdownIt['core']['ruler']['push']>[1]>[0];

/** Each outermost block of prose runs in the direction of its own first letter; what is inside follows it, but for code. */
function setDirections({ tokens }: CoreState): void {
  const prose = ['paragraph_open', 'heading_open', 'blockquote_open', 'bullet_list_open', 'ordered_list_open'];
  for (const token of tokens) if (token.level === 0 && prose.includes(token.type)) token.attrSet('dir', 'auto');
}

/** `[ ]` and `[x]` at the beginning of a list's entry are boxes. They show a state, and cannot be pressed. */
function markTasks({ tokens, Token }: CoreState): void {
  for (const [index, { children }] of tokens.entries()) {
    const item = tokens[index - 2];
    const first = children?.[0];
    const state = first?.type === 'text' ? /^\[([ xX])\]\s+/.exec(first.content) : undefined;
    if (!children || !first || !state || item?.type !== 'list_item_open') continue;
    const rest = first.content.slice(state[0].length);
    if (rest === '' && children.length === 1) continue;
    item.attrSet('class', 'task');
    first.content = rest;
    const box = new Token('task_box', 'span', 0);
    box.content = state[1] === ' ' ? 'open' : 'done';
    children.unshift(box);
  }
}

function imageLabel(alt: string, url: string): string {
  return `<span class="image">${escapeHtml(alt ? t('[image: {0}]', alt) : t('[image]'))} <span class="address">${escapeHtml(url)}</span></span>`;
}

function codeBlock(content: string, language: string): string {
  const code = content.replace(/\n$/, '');
  const html = highlight(code, language.toLowerCase()) ?? escapeHtml(code);
  return `<div class="code" dir="ltr"><div class="code-bar"><span class="language">${escapeHtml(language || t('code'))}</span></div><pre><code>${html}</code></pre></div>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
