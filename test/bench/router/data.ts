// Prompts with whether a weak and a strong model answered them rightly, from a CSV of the columns prompt, weak_correct,
// strong_correct and optionally subject.
import { readFileSync } from 'node:fs';
import { featuresOf, type TextFeatures } from '../../../daemon/models/router/learn/features.ts';
import { parseCsv } from './csv.ts';

export interface Prompt {
  text: string;
  features: TextFeatures;
  /** Empty, or absent as a column, where nobody named it. */
  subject: string | undefined;
  /** 0 or 1, or a share where several answers were judged. */
  weak: number;
  strong: number;
}

export interface PromptSet {
  prompts: Prompt[];
  /** What of the file could not be used, in sentences. */
  notes: string[];
}

const columns = ['prompt', 'weak_correct', 'strong_correct'];

/** Records without a judgement of both answers are left out, and counted. Throws an Error that says what is wrong with the file. */
export function readPrompts(file: string): PromptSet {
  const [header = [], ...records] = recordsOf(file);
  const titles = header.map((title) => title.trim().toLowerCase());
  const [prompt = -1, weak = -1, strong = -1] = columns.map((name) => titles.indexOf(name));
  if (prompt < 0 || weak < 0 || strong < 0)
    throw new Error(
      `${file} lacks one of the columns ${columns.join(', ')}; ${header.length > 0 ? `it has ${header.join(', ').slice(0, maxQuoted)}` : 'it is empty'}.`,
    );
  const subject = titles.indexOf('subject');
  const prompts: Prompt[] = [];
  const unjudged: number[] = [];
  for (const [line, record] of records.entries()) {
    if (record.length === 1 && record[0]?.trim() === '') continue; // a blank line
    const judged = { weak: shareOf(record[weak]), strong: shareOf(record[strong]) };
    const text = record[prompt];
    if (text === undefined || judged.weak === undefined || judged.strong === undefined) unjudged.push(line + 2);
    else
      prompts.push({
        text,
        features: featuresOf(text),
        subject: record[subject],
        weak: judged.weak,
        strong: judged.strong,
      });
  }
  const notes =
    unjudged.length > 0
      ? [
          `${unjudged.length} of ${records.length} records of ${file} are left out for not saying 0 to 1 for both models; record ${unjudged[0]} is the first.`,
        ]
      : [];
  if (prompts.length === 0)
    throw new Error(`${file} holds no prompts.${notes.length > 0 ? ` ${notes.join(' ')}` : ''}`);
  return { prompts, notes };
}

const maxQuoted = 200; // characters of a header

function recordsOf(file: string): string[][] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new Error(
      `${file} cannot be read: ${reasons[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message}.`,
    );
  }
  const text = decoded(bytes);
  if (text === undefined) throw new Error(`${file} is not text in UTF-8.`);
  try {
    return parseCsv(text);
  } catch (error) {
    throw new Error(`${file} cannot be read: ${(error as Error).message}`);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'it may not be read',
};

function decoded(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes); // leaves a byte order mark out
  } catch {
    return undefined;
  }
}

/** Nothing where the field says no number from 0 to 1. */
function shareOf(field = ''): number | undefined {
  const word = field.trim().toLowerCase();
  const value = word === 'true' ? 1 : word === 'false' ? 0 : word === '' ? Number.NaN : Number(word);
  return value >= 0 && value <= 1 ? value : undefined;
}
