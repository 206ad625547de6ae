// What each inline action asks of a model: a row per kind. Rows that rewrite give an edit; rows that explain give a
// text.

export type ActionKind = 'fix' | 'explain' | 'tests' | 'document' | 'improve' | 'ask';

interface ActionPrompt {
  answer: 'edit' | 'text';
  instruction: string;
}

export const actionPrompts: Record<ActionKind, ActionPrompt> = {
  fix: { answer: 'edit', instruction: 'Fix what is wrong in these lines with the smallest change that does it.' },
  document: {
    answer: 'edit',
    instruction:
      "Add documentation comments in the language's usual form: what it does, parameters, result, errors. Change no code.",
  },
  improve: { answer: 'edit', instruction: 'Make these lines simpler and clearer without changing what they do.' },
  ask: { answer: 'edit', instruction: 'Do what is asked, in these lines alone:' },
  explain: {
    answer: 'text',
    instruction:
      'Explain what these lines do and why they may have been written so, in plain words for someone new to this code.',
  },
  tests: {
    answer: 'text',
    instruction:
      'Write tests for these lines, with the edge cases, in the style and with the test library that the file suggests. One fenced code block, and one sentence on where to put it.',
  },
};

export interface ActionWords {
  kind: ActionKind;
  /** The message of the diagnostic that the action is about. */
  diagnostic?: string;
  /** What the user wants, in their own words. */
  instruction?: string;
}

/** What is asked for, in whose words, and what a tool reported about the lines. */
export function instructionFor({ kind, diagnostic, instruction }: ActionWords): string {
  const reported = diagnostic === undefined ? [] : [`Reported about them: ${diagnostic.slice(0, 2000)}`];
  return [actionPrompts[kind].instruction, ...(instruction === undefined ? [] : [instruction]), ...reported].join('\n');
}
