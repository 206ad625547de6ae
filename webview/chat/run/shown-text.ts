// How texts of models, tools and files are shown beside a decision: as text alone, never as HTML, and with nothing in them unseen.
import { html, type TemplateResult } from 'lit';
import { hiddenIn, withoutHidden } from '../../../shared/hidden-characters.ts';
import { t } from '../../words.ts';

const maxLineChars = 300;

/** For titles and summaries. */
export function oneLine(text: string): string {
  const line = withoutHidden(text).replace(/\s+/g, ' ').trim();
  return line.length > maxLineChars ? `${line.slice(0, maxLineChars)}…` : line;
}

/** Every character, for what is decided about: those that nobody sees have a badge, which keeps what they do to the line inside. */
export function exactText(text: string): TemplateResult {
  const parts: TemplateResult[] = [];
  let from = 0;
  for (const { index, character, name } of hiddenIn(text)) {
    const badge = html`<span class="hidden-character" data-name=${name} title=${t("{0}: a character that you can't see", name)}>${character}</span>`;
    parts.push(html`${text.slice(from, index)}${badge}`);
    from = index + character.length;
  }
  return html`${parts}${text.slice(from)}`;
}

const lineClasses: readonly (readonly [RegExp, string])[] = [
  [/^(?:\+\+\+|---|diff |index )/, 'file'],
  [/^@@/, 'place'],
  [/^\+/, 'added'],
  [/^-/, 'removed'],
];
/** More are shown in one colour. */
const maxColoredLines = 3000;

/** A unified diff, whole. */
export function shownDiff(diff: string, label: string): TemplateResult {
  const lines = diff.replace(/\n$/, '').split('\n');
  const rest = lines.slice(maxColoredLines);
  return html`<pre class="diff" tabindex="0" aria-label=${label}>${lines
    .slice(0, maxColoredLines)
    .map(
      (line) => html`<span class=${classOf(line)}>${exactText(line)}\n</span>`,
    )}${rest.length > 0 ? exactText(rest.join('\n')) : ''}</pre>`;
}

function classOf(line: string): string {
  return lineClasses.find(([pattern]) => pattern.test(line))?.[1] ?? '';
}
