// Formulas in Markdown: finds TeX between `$`, `$$`, `\(` and `\[`, and marks it. Pure; what it looks like is made elsewhere.
import type { MarkdownIt } from 'markdown-it';

type BlockRule = Parameters<MarkdownIt['block']['ruler']['before']>[2];
type InlineRule = Parameters<MarkdownIt['inline']['ruler']['before']>[2];

/** Adds formulas to a parser. Each becomes a `span.math` with its TeX as text, `math display` where it stands by itself. */
export function useMath(parser: MarkdownIt, escapeHtml: (text: string) => string): void {
  parser.block.ruler.before('fence', 'math', displayBlock, {
    alt: ['paragraph', 'reference', 'blockquote', 'list'],
  });
  parser.inline.ruler.before('escape', 'math', inlineFormula);
  const { rules } = parser.renderer;
  rules['math_inline'] = (tokens, index) => `<span class="math">${escapeHtml(tokens[index]?.content ?? '')}</span>`;
  rules['math_display'] = (tokens, index) =>
    `<span class="math display">${escapeHtml(tokens[index]?.content ?? '')}</span>`;
}

const displays = [
  { open: '$$', close: '$$' },
  { open: '\\[', close: '\\]' },
];

/** Begins a line with `$$` or `\[` and ends one with its counterpart. TeX has no blank line in a formula, so none is looked beyond. */
const displayBlock: BlockRule = (state, startLine, endLine, silent) => {
  const lineOf = (line: number): string =>
    state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]);
  const display = displays.find(({ open }) => lineOf(startLine).startsWith(open));
  if (!display || (state.sCount[startLine] ?? 0) - state.blkIndent >= 4) return false;
  const lines: string[] = [];
  for (let line = startLine; line < endLine && !state.isEmpty(line); line++) {
    if ((state.sCount[line] ?? 0) < state.blkIndent) return false;
    const text = lineOf(line).slice(line === startLine ? display.open.length : 0);
    const end = text.indexOf(display.close);
    lines.push(end < 0 ? text : text.slice(0, end));
    if (end < 0) continue;
    if (text.slice(end + display.close.length).trim() !== '' || lines.join('').trim() === '') return false;
    if (silent) return true;
    state.line = line + 1;
    const token = state.push('math_display', 'span', 0);
    token.block = true;
    token.content = lines.join('\n').trim();
    token.map = [startLine, line + 1];
    return true;
  }
  return false;
};

const inlineFormula: InlineRule = (state, silent) => {
  const rest = state.src.slice(state.pos, state.posMax);
  const found = formulaAt(rest, state.src[state.pos - 1] ?? '');
  if (!found) return false;
  if (!silent) {
    const token = state.push(found.isDisplay ? 'math_display' : 'math_inline', 'span', 0);
    token.content = found.tex;
  }
  state.pos += found.length;
  return true;
};

/**
 * The formula that a text begins with. A single `$` is also money and a shell variable: so it opens one only before and closes one only
 * after something else than a space, and no letter or digit touches the outer side (pandoc's rule, and a little stricter).
 */
function formulaAt(text: string, before: string): { tex: string; length: number; isDisplay: boolean } | undefined {
  const bracketed = /^(?:\\\(([\s\S]+?)\\\)|\\\[([\s\S]+?)\\\]|\$\$([^$]+?)\$\$)/.exec(text);
  if (bracketed) {
    const tex = (bracketed[1] ?? bracketed[2] ?? bracketed[3] ?? '').trim();
    return tex === '' ? undefined : { tex, length: bracketed[0].length, isDisplay: bracketed[1] === undefined };
  }
  if (/[\p{L}\p{N}$\\]/u.test(before)) return undefined;
  const single = /^\$(?![\s$])((?:\\[\s\S]|[^\\$])*?[^\s\\$]|[^\s\\$])\$(?![\p{L}\p{N}$])/u.exec(text);
  const tex = single?.[1];
  return single && tex !== undefined ? { tex, length: single[0].length, isDisplay: false } : undefined;
}
