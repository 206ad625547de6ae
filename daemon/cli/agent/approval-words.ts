// What the agent asks before a call, on the terminal: in full, so that whoever answers knows what they allow.

import { escapeHidden } from '../../../shared/hidden-characters.ts';
import type { AgentApproval } from '../../../shared/protocol/agent.ts';
import { shellWord } from '../../base/paths.ts';
import { clean, type Style, styled } from '../kit/terminal.ts';

/** Prints a text as one line, so that it can't pass for another one; the stream decides whether it has colors. */
export type StyledPrinter = (text: string, style?: Style) => void;

/** Without what could steer the terminal. */
export function printerOn(stream: NodeJS.WriteStream): StyledPrinter {
  return (text, style) => {
    const shown = clean(text).replaceAll('\n', ' ');
    stream.write(`${style === undefined ? shown : styled(stream, style, shown)}\n`);
  };
}

export function printApproval(
  { text, run, diff, input, taint, choices = [] }: AgentApproval,
  print: StyledPrinter,
): void {
  print(text, 'bold');
  if (taint !== undefined) print(taint, 'yellow');
  if (run) {
    print(`  program  ${run.argv.map(exactWord).join(' ')}`);
    print(`  folder   ${exactWord(run.folder)}`);
    for (const { path, sha256 } of run.scripts) print(`  script   ${exactWord(path)}  sha256 ${sha256}`);
    print(`  network  ${run.network}`);
  }
  if (diff !== undefined) printDiff(diff, print);
  if (input !== undefined) for (const line of escapeHidden(input).split('\n')) print(`  ${line}`);
  for (const [i, choice] of choices.entries()) print(`  ${i + 1}. ${choice}`);
}

export function printDiff(diff: string, print: StyledPrinter): void {
  for (const line of diff.trimEnd().split('\n')) print(line, styleOf(line));
}

export function styleOf(line: string): Style | undefined {
  if (/^(---|\+\+\+) /.test(line)) return 'bold';
  if (line.startsWith('+')) return 'green';
  if (line.startsWith('-')) return 'red';
  return line.startsWith('@@') ? 'cyan' : 'dim';
}

/** One that has line breaks or hidden characters stands as its JSON, so that it stays one word in one line. */
function exactWord(word: string): string {
  const escaped = escapeHidden(word);
  return /[\n\r\t]/.test(word) || escaped !== word ? escapeHidden(JSON.stringify(word)) : shellWord(word);
}
