// Text of models, analysers and servers as Markdown that shows and does nothing else: no images, no HTML, no live links. Pure.
import type { Finding } from '../../shared/protocol/review.ts';

/** One comment: what is wrong, the code that proves it or what would change in it, who says so. Nothing in a finding is taken as Markdown. */
export function findingMarkdown({ message, evidence, replacement, source, rule, confidence }: Finding): string {
  const who = escapeMarkdown([source, rule].filter(Boolean).join(' '));
  const code = replacement === undefined ? codeBlock(evidence) : codeBlock(diffOf(evidence, replacement), 'diff');
  return [escapeMarkdown(message), code, `${who} · ${Math.round(confidence * 100)}% sure`].join('\n\n');
}

function diffOf(before: string, after: string): string {
  const marked = (text: string, mark: string): string[] =>
    text === ''
      ? []
      : text
          .replace(/\r?\n$/, '')
          .split(/\r?\n/)
          .map((line) => mark + line);
  return [...marked(before, '- '), ...marked(after, '+ ')].join('\n');
}

/**
 * A model's Markdown without images, for a renderer that shows HTML as text. An image is the one thing such a renderer
 * fetches unasked, and each begins with `![`. The same two characters inside code gain a visible backslash.
 */
export function withoutImages(markdown: string): string {
  return markdown.replaceAll('![', '!\\[');
}

/** Plain text as Markdown: every punctuation mark is escaped, so that nothing is formatted, linked or fetched. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[!-/:-@[-`{-~]/g, '\\$&').replace(/\r\n|\r|\n/g, '  \n');
}

/** A fenced block that its content cannot end. */
export function codeBlock(code: string, languageId = ''): string {
  const longestRun = Math.max(2, ...[...code.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longestRun + 1);
  return `${fence}${languageId}\n${code}\n${fence}`;
}
