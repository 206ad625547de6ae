// How an edit is asked of a model, and how its answer is read: the one place for everything that has models change code. Which form a
// model is asked for depends on how its answers ended before; each end is counted here.

import { isBlockMarker, placeBlocks, searchBlocksIn } from '../../../../shared/edits/search-blocks.ts';
import { cleanCode } from '../../../base/clean-text.ts';
import { throwIfCancelled } from '../../../base/errors.ts';
import type { ModelInfo } from '../../../models/providers/provider.ts';
import type { EditAnswerEnd, EditAnswerLog } from '../../../storage/written.ts';
import { type LineSpan, linesIn, type ReviewTarget, rangeOf } from '../target.ts';
import { fencedBlocks } from './fences.ts';
import { chooseFormat, countsOf, type EditFormat, editFormats, type FormatChoice, formatTable } from './formats.ts';
import type { EditGate, EditVerdict } from './gate.ts';

/** Who is asked, and for whom. */
interface AskedFor {
  profile: string;
  model: { id: string };
}

/** What is to be edited. */
interface EditedLines {
  target: ReviewTarget;
  lines: LineSpan;
}

interface FormatRequest extends AskedFor, EditedLines {
  model: { id: string; info: ModelInfo };
  /** The lines with what stands around them, as the model sees them. */
  shown: LineSpan;
  /** How long the answer may get. */
  outputTokens: number;
}

interface EditFormsDeps {
  gate: EditGate;
  answers(profile: string): EditAnswerLog;
}

interface EditAnswerText extends EditedLines {
  /** The one that was asked for. */
  format: EditFormat;
  answer: string;
  signal: AbortSignal;
}

interface FormatRecord {
  format: EditFormat;
  why: string;
  formats: {
    format: EditFormat;
    name: string;
    answers: number;
    worked: number;
    unread: number;
    unplaced: number;
    refused: number;
    cutOff: number;
  }[];
}

interface ReadAnswer {
  verdict: EditVerdict;
  end: EditAnswerEnd;
}

/** A place of fewer lines is written whole: that is no longer than a block. */
const minBlockLines = 8;
const maxFileLines = 150;
const charsPerToken = 3;

/** Lives as long as the daemon. */
export class EditForms {
  readonly #deps: EditFormsDeps;

  constructor(deps: EditFormsDeps) {
    this.#deps = deps;
  }

  /** Where storage fails nothing is known, and the work goes on. */
  async choose({ profile, model, ...request }: FormatRequest): Promise<FormatChoice> {
    const log = this.#deps.answers(profile);
    const tallies = await log.tallies(model.id).catch(() => []);
    return chooseFormat({ tallies, isSmall: isSmallModel(model.info), possible: possibleFor(request) });
  }

  /** For people: in which form a model is asked where the code allows every form, and how its answers ended. */
  async record({ profile, model }: AskedFor & { model: { id: string; info: ModelInfo } }): Promise<FormatRecord> {
    const tallies = await this.#deps.answers(profile).tallies(model.id);
    const { format, why } = chooseFormat({ tallies, isSmall: isSmallModel(model.info), possible: editFormats });
    const formats = editFormats.map((each) => {
      const { answers, worked, unread = 0, unplaced = 0, refused = 0, 'cut-off': cutOff = 0 } = countsOf(each, tallies);
      return { format: each, name: formatTable[each].words, answers, worked, unread, unplaced, refused, cutOff };
    });
    return { format, why, formats };
  }

  /** The edit that an answer is, whichever form it has. Counts whether it had the one that was asked for. Throws CancelledError. */
  async read(request: EditAnswerText & AskedFor): Promise<EditVerdict> {
    const { end, verdict } = await this.#read(request);
    throwIfCancelled(request.signal);
    await this.count(request, end);
    return verdict;
  }

  /** The same for an answer that was counted before. */
  async readAgain(request: EditAnswerText): Promise<EditVerdict> {
    return (await this.#read(request)).verdict;
  }

  /** How an answer ended that could not be read. */
  async count({ profile, model, format }: AskedFor & { format: EditFormat }, end: EditAnswerEnd): Promise<void> {
    const added = this.#deps.answers(profile).add({ model: model.id, format, end });
    await added.catch(() => {}); // what is learned of it is less than the edit
  }

  async #read({ target, lines, format, answer, signal }: EditAnswerText): Promise<ReadAnswer> {
    const { gate } = this.#deps;
    const place = { target, range: rangeOf(target, lines), signal };
    const wasAsked = (form: EditFormat, end: EditAnswerEnd): EditAnswerEnd => (form === format ? end : 'unread');
    const old = linesIn(target, lines);
    const text = cleanCode(answer);
    const blocks = old.some(isBlockMarker) ? undefined : searchBlocksIn(text);
    if (blocks) {
      const placed = placeBlocks(old, blocks);
      if ('why' in placed) return { verdict: placed, end: wasAsked('blocks', 'unplaced') };
      const verdict = await gate.admitCode({ ...place, code: placed.lines.join('\n') });
      return { verdict, end: wasAsked('blocks', endOf(verdict)) };
    }
    const [block, ...others] = fencedBlocks(text);
    const inner =
      others.length > 0 ? undefined : withoutSurroundings((block?.code ?? text).split('\n'), { target, lines });
    if (inner?.isFile) {
      const verdict = await gate.admitCode({ ...place, code: inner.code });
      return { verdict, end: wasAsked('file', endOf(verdict)) };
    }
    if (format === 'file') return { verdict: { why: 'is not the whole file' }, end: 'unplaced' };
    const asIs = await gate.admit({ ...place, answer });
    if ('edit' in asIs || !inner) return { verdict: asIs, end: wasAsked('function', endOf(asIs)) };
    const verdict = await gate.admitCode({ ...place, code: inner.code });
    return { verdict: 'edit' in verdict ? verdict : asIs, end: wasAsked('function', endOf(verdict)) };
  }
}

function endOf(verdict: EditVerdict): EditAnswerEnd {
  return 'edit' in verdict ? 'worked' : 'refused';
}

const maxSmallBillions = 9;
const maxSmallBytes = 6e9;

/** Of few parameters by its name, or of few bytes. */
export function isSmallModel({ name, bytes }: Pick<ModelInfo, 'name' | 'bytes'>): boolean {
  const [, experts = '1', size, unit = 'b'] =
    /(?:^|[^a-z0-9.])(?:(\d+)x)?(\d+(?:\.\d+)?)([bm])(?![a-z])/i.exec(name) ?? [];
  if (size !== undefined) return unit.toLowerCase() === 'm' || Number(experts) * Number(size) <= maxSmallBillions;
  return /\b(?:nano|tiny|lite|smol\w*)\b/i.test(name) || (bytes !== undefined && bytes <= maxSmallBytes);
}

function possibleFor({ target, lines, shown, outputTokens }: Omit<FormatRequest, keyof AskedFor>): EditFormat[] {
  const maxChars = outputTokens * charsPerToken;
  const last = target.starts.length - 1;
  const old = linesIn(target, lines);
  const hasBlocks = old.length >= minBlockLines && !old.some(isBlockMarker);
  const isShort = old.join('\n').length <= maxChars;
  const isWhole = shown.first === 0 && shown.last === last && last < maxFileLines;
  const hasSurroundings = [
    ...linesIn(target, { first: 0, last: lines.first - 1 }),
    ...linesIn(target, { first: lines.last + 1, last }),
  ].some(says);
  const hasFile = isWhole && hasSurroundings && target.snippet.text.length <= maxChars;
  return [
    ...(hasBlocks ? (['blocks'] as const) : []),
    ...(isShort || !hasBlocks ? (['function'] as const) : []),
    ...(hasFile ? (['file'] as const) : []),
  ];
}

/**
 * The code for the lines, of an answer that has lines around them too. Undefined where it has none of these, or where an end of it is
 * neither one of them nor one of the lines: it may be a change of other code.
 */
function withoutSurroundings(
  answer: readonly string[],
  { target, lines }: EditedLines,
): { code: string; isFile: boolean } | undefined {
  const before = linesIn(target, { first: 0, last: lines.first - 1 });
  const after = withoutBlankTail(linesIn(target, { first: lines.last + 1, last: target.starts.length - 1 }));
  const old = linesIn(target, lines);
  const said = withoutBlankTail(answer);
  const above = longest(Math.min(before.length, said.length), (length) =>
    isSame(said.slice(0, length), before.slice(before.length - length)),
  );
  const rest = said.slice(above);
  const below = longest(Math.min(after.length, rest.length), (length) =>
    isSame(rest.slice(rest.length - length), after.slice(0, length)),
  );
  const around = [...said.slice(0, above), ...rest.slice(rest.length - below)];
  const inner = rest.slice(0, rest.length - below);
  const [hasStart, hasEnd] = [
    above > 0 || isSame(inner.slice(0, 1), old),
    below > 0 || inner.at(-1)?.trim() === old.at(-1)?.trim(),
  ];
  if (!around.some(says) || !hasStart || !hasEnd) return undefined;
  return { code: inner.join('\n'), isFile: above === before.length && below === after.length };
}

function longest(max: number, holds: (length: number) => boolean): number {
  let length = max;
  while (length > 0 && !holds(length)) length--;
  return length;
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.every((line, i) => line.trim() === others[i]?.trim());
}

function says(line: string): boolean {
  return /[\p{L}\p{N}]/u.test(line);
}

function withoutBlankTail(lines: readonly string[]): string[] {
  return lines.slice(0, lines.findLastIndex((line) => line.trim() !== '') + 1);
}
