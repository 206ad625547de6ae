// What a model is told when it is to rewrite lines of a document.
import type { PromptMessage } from '../../../models/providers/provider.ts';
import { fileNameOf, type LineSpan, type Target } from '../target.ts';
import { markerRule, plainCode } from './code.ts';

export interface RewritePrompt {
  target: Target;
  lines: LineSpan;
  /** The lines with what stands around them. */
  shown: LineSpan;
  instruction: string;
  marker: string;
}

export function rewriteMessages({ target, lines, shown, instruction, marker }: RewritePrompt): PromptMessage[] {
  const { uri, languageId } = target.snippet;
  const isAlone = shown.first === lines.first && shown.last === lines.last;
  const user = [
    `File ${fileNameOf(uri)} (${languageId}).`,
    ...(isAlone
      ? []
      : [`Lines ${shown.first + 1} to ${shown.last + 1}, to understand it:`, plainCode(target, shown, marker)]),
    `Lines ${lines.first + 1} to ${lines.last + 1}, to rewrite:`,
    plainCode(target, lines, marker),
    instruction,
  ];
  return [
    { role: 'system', content: `${instructions}\n${markerRule(marker)}` },
    { role: 'user', content: user.join('\n') },
  ];
}

const instructions = `You change code inside a larger file. Answer with one fenced code block that holds the new text of the lines to rewrite, all of them and nothing else, in the same indentation. Change what is asked and keep the rest as it is. If nothing needs to change, repeat the lines unchanged.`;
