// `switchyard completion`: where suggestions are asked for, as learned from what became of them.

import { CompletionFilter, CompletionForget } from '../../shared/protocol/completion.ts';
import type { Result } from '../../shared/protocol/define.ts';
import { counted } from '../../shared/words/counted.ts';
import { withDaemon, workingFolder } from './kit/client.ts';
import { type ExitCode, json, readArguments, subcommandOf } from './kit/command.ts';
import { printJson, printLine } from './kit/terminal.ts';

export const options = { json } as const;

/** TABLE of what can be done. */
const subcommands = { why, forget } satisfies Record<string, (isJson: boolean) => Promise<void>>;

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options, 1);
  await subcommandOf('completion', subcommands, positionals[0] ?? 'why')(values.json ?? false);
  return 0;
}

async function why(isJson: boolean): Promise<void> {
  const learned = await withDaemon((client) => client.call(CompletionFilter, {}), { root: workingFolder() });
  if (isJson) printJson(learned);
  else for (const line of describe(learned)) printLine(line);
}

async function forget(isJson: boolean): Promise<void> {
  await withDaemon((client) => client.call(CompletionForget, {}), { root: workingFolder() });
  if (isJson) printJson({ forgotten: true });
  else printLine("Deleted what was learned from this profile's code suggestions.");
}

/** What features are, in words. */
const words: Readonly<Record<string, string>> = {
  msSinceChange: 'a longer pause before',
  lastOutcome: 'the last suggestion was accepted',
  lineLength: 'a longer line before the cursor',
  indent: 'a deeper indentation',
  restLength: 'more text after the cursor',
  position: 'a place further down in the file',
  afterWord: 'right after a word',
  afterOpener: 'right after an opening bracket',
  afterDot: 'right after a dot',
  afterSpace: 'right after a space',
  inComment: 'in a comment',
};
const maxShown = 8;

function describe({ rows, kept, minRows, held, filter }: Result<typeof CompletionFilter>): string[] {
  const counts = `You kept ${kept} of the last ${rows} code suggestions in this profile.`;
  if (!filter) {
    const reason =
      rows < minRows
        ? `Suggestions are asked for everywhere until there are ${minRows} to learn from.`
        : 'Suggestions are asked for everywhere, since leaving places out would save too little or lose too much.';
    return [counts, reason];
  }
  return [
    counts,
    `No model is asked where you keep fewer than ${percent(filter.threshold)} of the suggestions: ${counted(held, 'time')} since the daemon started.`,
    `In trials, that saved ${percent(filter.saved)} of the requests, and lost ${percent(filter.lost)} of the suggestions that you kept.`,
    ...filter.weights
      .slice(0, maxShown)
      .map(
        ({ name, weight }) =>
          `  ${weight > 0 ? 'more' : 'less'} likely kept: ${words[name] ?? name} (${weight.toFixed(2)})`,
      ),
    'To delete what was learned, run `switchyard completion forget`.',
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)}%`;
}
