// A title as a model wrote it, without what models put around it. Pure.
import { cleanCode } from '../../base/clean-text.ts';

const minTitleCharacters = 2;
const maxTitleCharacters = 80;
const titleWords = 'title|titel|titre|título|titolo|tytuł|заголовок|название|标题|標題|タイトル|제목';
const label = new RegExp(
  `^((sure|ok|okay|certainly|of course)[,!.]\\s*)?((here's|here is|a|the|suggested|possible|short|chat|conversation)\\s+)*(${titleWords})(\\s+(for|of)\\b[^:]{0,40})?(\\s*[:：]\\s*|\\s+[–—-]\\s+|\\s*$)`,
  'iu',
);
const decoration = /^(#{1,6}\s+|>\s+|[-*•]\s+|\d+[.)]\s+)+/u;
const marks = /\*\*|~~|`|<\|[^|]*\|>/gu;
const thinking = /^[\s\S]*<\/(think|thinking|thought|reasoning)>|<(think|thinking|thought|reasoning)>[\s\S]*$/giu;
const pairs = ['""', "''", '“”', '„“', '„”', '‘’', '«»', '»«', '‹›', '「」', '『』', '《》', '**', '__'];
const loneQuote = /^["“„«](?=[^"“”„«»]*$)|(?<=^[^"“”„«»]*)["“”»]$/gu;
const preamble = /^(sure|ok|okay|certainly|of course|here('s| is| are))\b.*[:：!.]$/iu;
const refusal =
  /^(i('m| am) (sorry|unable|not able)|i (can't|cannot|don't|do not|apologi[sz]e)|(i'm |as )an ai\b|sorry\b|unfortunately\b|error\b)/iu;
const emptyWords = /^(untitled|none|null|undefined|n\/a|new (chat|conversation))$/iu;

/** The title in a model's answer; undefined where the answer is something else. */
export function cleanTitle(said: string): string | undefined {
  const text = cleanCode(said.toWellFormed()).replace(thinking, '').replaceAll('\ufffd', '');
  const lines = (fieldOf(text) ?? text)
    .split('\n')
    .map((line) => bare(bare(line).replace(label, '')))
    .filter((line) => line !== '');
  const isIntroduced = lines.length > 1 && preamble.test(lines[0] ?? '');
  const title = (isIntroduced ? lines[1] : lines[0]) ?? '';
  const length = [...title].length;
  const isTitle =
    length >= minTitleCharacters &&
    length <= maxTitleCharacters &&
    /[\p{L}\p{N}]/u.test(title) &&
    ![preamble, refusal, emptyWords].some((pattern) => pattern.test(title.replaceAll('’', "'")));
  return isTitle ? title : undefined;
}

/** One line without what stands around a title: marks of Markdown, quotation marks, a period. */
function bare(line: string): string {
  if (/^\s*(```|~~~)/u.test(line)) return '';
  const plain = line.replace(marks, '').replace(/\s+/gu, ' ').trim().replace(decoration, '');
  const unquoted = withoutPair(plain.replace(loneQuote, '').trim());
  return unquoted.replace(/(?<![.。])[.。]$/u, '');
}

function withoutPair(line: string): string {
  const inner = line.slice(1, -1);
  const words = inner.replace(/(?<=\p{L})['’](?=\p{L})/gu, ''); // an apostrophe is no quotation mark
  const isPair = pairs.some(
    ([first = '', last = '']) =>
      line.length > 2 &&
      line.startsWith(first) &&
      line.endsWith(last) &&
      !words.includes(first) &&
      !words.includes(last),
  );
  return isPair ? inner.trim() : line;
}

/** Some models answer in JSON: `{"title": "…"}`. */
function fieldOf(text: string): string | undefined {
  try {
    const { title } = JSON.parse(/\{[\s\S]*\}/u.exec(text)?.[0] ?? '') as { title?: unknown };
    return typeof title === 'string' ? title : undefined;
  } catch {
    return undefined;
  }
}
