// Prompts with whether a weak and a strong model answered them rightly, from a CSV of the columns prompt, weak_correct,
// strong_correct and optionally subject.
import { readFileSync } from 'node:fs';
import { featuresOf, type TextFeatures } from '../../../daemon/router/learn/features.ts';

export interface Prompt {
  text: string;
  features: TextFeatures;
  subject: string | undefined;
  /** 0 or 1, or a share where several answers were judged. */
  weak: number;
  strong: number;
}

/** Throws an Error that names what is wrong with the file. */
export function readPrompts(file: string): Prompt[] {
  const [header = [], ...records] = parseCsv(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  const column = (name: string): number => header.findIndex((title) => title.trim().toLowerCase() === name);
  const [prompt, weak, strong, subject] = [column('prompt'), column('weak_correct'), column('strong_correct'), column('subject')];
  if (prompt < 0 || weak < 0 || strong < 0) throw new Error(`${file} lacks one of the columns prompt, weak_correct, strong_correct; it has ${header.join(', ')}.`);
  const prompts = records.filter((record) => record.length > 1).map((record, line) => {
    const text = record[prompt] ?? '';
    return {
      text,
      features: featuresOf(text),
      subject: subject < 0 ? undefined : record[subject],
      weak: correctness(record[weak], file, line),
      strong: correctness(record[strong], file, line),
    };
  });
  if (prompts.length === 0) throw new Error(`${file} holds no prompts.`);
  return prompts;
}

function correctness(field: string | undefined, file: string, line: number): number {
  const word = (field ?? '').trim().toLowerCase();
  const value = word === 'true' ? 1 : word === 'false' ? 0 : Number.parseFloat(word);
  if (!(value >= 0 && value <= 1)) throw new Error(`${file}: record ${line + 1} says "${field}" where 0 to 1 is expected.`);
  return value;
}

/** RFC 4180: fields in quotes may hold commas, line breaks and doubled quotes. */
export function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  while (field.lastIndex < text.length) {
    const match = field.exec(text);
    if (!match) throw new Error(`The CSV cannot be read after ${records.length} records: a quote stands where none may.`);
    const [, quoted, plain = '', end] = match;
    record.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== ',') {
      records.push(record);
      record = [];
    } else if (field.lastIndex === text.length) record.push('');
  }
  if (record.length > 0) records.push(record);
  return records;
}
