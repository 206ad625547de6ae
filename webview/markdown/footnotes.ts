// Footnotes in Markdown: `[^1]` in a text, and `[^1]: …` where it is explained. Pure.
import type { MarkdownIt } from 'markdown-it';

type BlockRule = Parameters<MarkdownIt['block']['ruler']['before']>[2];
type InlineRule = Parameters<MarkdownIt['inline']['ruler']['before']>[2];

/** What footnotes of a text say, by their labels. */
export type Footnotes = Record<string, string>;

/** Adds footnotes to a parser. A note stays where it is written; its mark is a link to it only if there is one. */
export function useFootnotes(parser: MarkdownIt, escapeHtml: (text: string) => string): void {
  parser.block.ruler.before('reference', 'footnote', footnote, { alt: ['paragraph', 'reference'] });
  parser.inline.ruler.before('link', 'footnote_mark', mark);
  const { rules } = parser.renderer;
  rules['footnote_open'] = (tokens, index) => {
    const label = escapeHtml(tokens[index]?.info ?? '');
    return `<div class="footnote" data-note="${label}" dir="auto"><span class="footnote-label">${label}</span> `;
  };
  rules['footnote_close'] = () => '</div>';
  rules['footnote_mark'] = (tokens, index) => {
    const label = escapeHtml(tokens[index]?.info ?? '');
    const title = escapeHtml(tokens[index]?.content ?? '');
    return `<a class="link footnote-mark" role="link" tabindex="0" title="${title}" data-note="${label}">${label}</a>`;
  };
}

const definition = /^\[\^([^\s[\]^]{1,50})\]:[ \t]*/;

/** The lines up to a blank one, or to the next note. */
const footnote: BlockRule = (state, startLine, endLine, silent) => {
  const lineOf = (line: number): string =>
    state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]);
  const found = definition.exec(lineOf(startLine));
  if (!found?.[1] || (state.sCount[startLine] ?? 0) - state.blkIndent >= 4) return false;
  if (silent) return true;
  let end = startLine + 1;
  while (end < endLine && !state.isEmpty(end) && !definition.test(lineOf(end))) end++;
  const [first = '', ...others] = Array.from({ length: end - startLine }, (_, index) => lineOf(startLine + index));
  const content = [first.slice(found[0].length), ...others].join('\n').trim();
  const footnotes = footnotesOf(state.env);
  if (!Object.hasOwn(footnotes, found[1])) footnotes[found[1]] = content;
  const open = state.push('footnote_open', 'div', 1);
  open.info = found[1];
  open.map = [startLine, end];
  const inline = state.push('inline', '', 0);
  inline.content = content;
  inline.map = [startLine, end];
  inline.children = [];
  state.push('footnote_close', 'div', -1);
  state.line = end;
  return true;
};

const mark: InlineRule = (state, silent) => {
  const label = /^\[\^([^\s[\]^]{1,50})\]/.exec(state.src.slice(state.pos, state.pos + 60))?.[1];
  const footnotes = footnotesOf(state.env);
  if (label === undefined || !Object.hasOwn(footnotes, label)) return false;
  if (!silent) {
    const token = state.push('footnote_mark', 'a', 0);
    token.info = label;
    token.content = footnotes[label] ?? '';
  }
  state.pos += label.length + 3;
  return true;
};

/** The parser's environment travels with each text: it holds what other blocks of the text define. */
function footnotesOf(environment: Record<string, unknown>): Footnotes {
  environment['footnotes'] ??= {};
  return environment['footnotes'] as Footnotes;
}
