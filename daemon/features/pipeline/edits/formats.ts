// TABLE of the forms in which a model may be asked for an edit, the shortest answer first, and the choice among them: the form that is
// most likely to work for the model, by how its answers ended here. Pure.
import { counted } from '../../../../shared/words/counted.ts';
import type { FormatTally } from '../../../storage/written.ts';

export const editFormats = ['blocks', 'function', 'file'] as const;
export type EditFormat = (typeof editFormats)[number];

interface FormatRow {
  /** What the model is told of it. */
  rule: string;
  /** For the user. */
  words: string;
  /** The share of answers that are taken to work before any was counted. */
  expected: { small: number; others: number };
}

const keep = 'Change what is asked and keep the rest as it is.';

export const formatTable: Record<EditFormat, FormatRow> = {
  blocks: {
    rule: [
      'Answer with blocks of this form and nothing else, one for each change:',
      '<<<<<<< SEARCH',
      'some of the lines to rewrite, copied exactly, and enough of them to be found only once',
      '=======',
      'the new text of these lines',
      '>>>>>>> REPLACE',
      `${keep} Leave out lines that stay as they are. If nothing needs to change, answer with one block whose two parts are the same.`,
    ].join('\n'),
    words: 'search-and-replace blocks',
    expected: { small: 0.45, others: 0.9 },
  },
  function: {
    rule: `Answer with one fenced code block that holds the new text of the lines to rewrite, all of them and nothing else, in the same indentation. ${keep} If nothing needs to change, repeat the lines unchanged.`,
    words: 'whole functions',
    expected: { small: 0.75, others: 0.7 },
  },
  file: {
    rule: `Answer with one fenced code block that holds the whole file, from its first line to its last, and nothing else. ${keep} Only the lines to rewrite may change.`,
    words: 'whole files',
    expected: { small: 0.4, others: 0.5 },
  },
};

export interface FormatChoice {
  format: EditFormat;
  /** What is asked for where that fails. */
  next: EditFormat | undefined;
  /** Why it is that one: the end of a sentence that begins with it. */
  why: string;
}

/** The form to ask for after an answer that was no edit, if there is one. What was too long in one form is no shorter in most others. */
export function nextFormat({ next }: FormatChoice, isTooLong: boolean): EditFormat | undefined {
  return isTooLong && next !== 'blocks' ? undefined : next;
}

interface FormatQuestion {
  /** What is known of the model's answers. */
  tallies: readonly FormatTally[];
  isSmall: boolean;
  /** Those that the place allows. */
  possible: readonly EditFormat[];
}

const expectedAnswers = 6; // what is taken to be so weighs as much as this many answers

/** The form that is most likely to work, and of equals the shortest. */
export function chooseFormat({ tallies, isSmall, possible }: FormatQuestion): FormatChoice {
  const ranked = editFormats
    .filter((format) => possible.includes(format))
    .map((format) => ({ format, share: shareOf(format, tallies, isSmall) }))
    .sort((a, b) => b.share - a.share);
  const [first, second] = ranked;
  const format = first?.format ?? 'function';
  return { format, next: second?.format, why: whyOf(format, { tallies, isSmall, possible }) };
}

function shareOf(format: EditFormat, tallies: readonly FormatTally[], isSmall: boolean): number {
  const { worked, answers } = countsOf(format, tallies);
  const expected = formatTable[format].expected[isSmall ? 'small' : 'others'];
  return (expected * expectedAnswers + worked) / (expectedAnswers + answers);
}

export function countsOf(
  format: EditFormat,
  tallies: readonly FormatTally[],
): FormatTally['ends'] & { worked: number; answers: number } {
  const { ends = {} } = tallies.find((tally) => tally.format === format) ?? {};
  return { ...ends, worked: ends.worked ?? 0, answers: Object.values(ends).reduce((sum, count) => sum + count, 0) };
}

function whyOf(format: EditFormat, { tallies, isSmall, possible }: FormatQuestion): string {
  if (possible.length === 1) return 'the only form for this place';
  const said = possible.flatMap((each) => {
    const { worked, answers } = countsOf(each, tallies);
    return answers === 0 ? [] : [`${formatTable[each].words} worked ${worked} of ${counted(answers, 'time')}`];
  });
  if (said.length > 0) return said.join(', ');
  return isSmall && format === 'function' ? 'small models start with these' : 'not measured yet';
}
