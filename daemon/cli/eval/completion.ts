// `switchyard eval completion`: takes pieces out of real code, asks for suggestions there as an editor does, and tells how near they come.
import { existsSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InlineCompletion, inlineTrigger } from '../../../shared/protocol/completion.ts';
import { DaemonStatus } from '../../../shared/protocol/daemon.ts';
import { UserError } from '../../base/errors.ts';
import { faultsIn } from '../../code-index/chunk/faults.ts';
import { Parsers } from '../../code-index/chunk/parsers.ts';
import { createRandom } from '../../models/router/learn/random.ts';
import type { DaemonClient } from '../kit/client.ts';
import type { ExitCode } from '../kit/command.ts';
import { printLine, printNote } from '../kit/terminal.ts';
import { readCode } from './completion-corpus.ts';
import { byFile, type Hole, holesIn } from './completion-holes.ts';
import {
  type CompletionScores,
  type FilledHole,
  repeatsWhatFollows,
  scoresOf,
  similarityOf,
} from './completion-scores.ts';
import { inOwnProfile } from './own-profile.ts';
import { tellMeasured } from './tell-measured.ts';

interface CompletionEvaluation {
  model?: string;
  limit?: number;
  /** A folder; the current one where left out. */
  corpus?: string;
  json: boolean;
}

/** A hole as the JSON tells it, to be looked at. */
interface ToldHole extends FilledHole {
  /** `src/a.ts:12` */
  place: string;
  truth: string;
  suggestion?: string;
}

/** Grows as holes are filled. */
interface MeasuredHoles {
  filled: ToldHole[];
  /** Why nothing was suggested, where there is a reason. */
  notes: Set<string>;
  isOutOfTime: boolean;
  maxMinutes: number;
}

const defaultHoles = 100;
/** Several in a file: what was read of it is not read again at the next one. */
const holesPerFile = 5;
const minFiles = 40;
const minMinutes = 10;
const holesPerMinute = 10; // of a small model on a busy machine

/** Throws UserError where no model completes code, or where there is no code. */
export async function evaluateCompletion({
  model,
  limit,
  corpus = '.',
  json,
}: CompletionEvaluation): Promise<ExitCode> {
  const folder = resolve(corpus);
  if (!existsSync(folder)) throw new UserError('no-folder', `There's no folder ${folder}.`);
  const random = createRandom(1);
  const count = limit ?? defaultHoles;
  const maxFiles = Math.max(minFiles, Math.ceil(count / holesPerFile));
  const holes = byFile(holesIn(await readCode(folder, maxFiles, random), count, random));
  if (holes.length === 0)
    throw new UserError(
      'no-code',
      `Found no code in ${folder} that's long enough to take pieces out. Choose another folder with --corpus DIR.`,
    );
  const completion = { enabled: true, ...(model !== undefined && { model }) };
  const maxMinutes = Math.max(minMinutes, Math.ceil(holes.length / holesPerMinute));
  const session = { root: pathToFileURL(realpathSync(folder)).href, index: false, completion };
  const measured: MeasuredHoles = { filled: [], notes: new Set(), isOutOfTime: false, maxMinutes };
  const work = inOwnProfile(async (client) => {
    const { completion: state } = await client.call(DaemonStatus, {});
    if (state?.state !== 'on') throw new UserError('no-completion-model', state?.why ?? 'No model completes code.');
    await fillAll(client, holes, { folder: realpathSync(folder), json, measured });
  }, session);
  return tellMeasured(work, {
    json,
    done: () => measured.filled.length,
    of: holes.length,
    summary: () => ({
      ...scoresBy(measured),
      notes: [...measured.notes],
      unfinished: holes.length - measured.filled.length,
      filled: measured.filled,
    }),
    print: () => report(measured, holes.length),
  });
}

async function fillAll(
  client: DaemonClient,
  holes: readonly Hole[],
  { folder, json, measured }: { folder: string; json: boolean; measured: MeasuredHoles },
): Promise<void> {
  const parsers = new Parsers(() => {});
  const tell = json ? printNote : printLine;
  const endsAtMs = performance.now() + measured.maxMinutes * 60_000;
  for (const hole of holes) {
    measured.isOutOfTime = performance.now() > endsAtMs;
    if (measured.isOutOfTime) return;
    const { note, ...outcome } = await fill(client, hole, { folder, parsers });
    if (note !== undefined) measured.notes.add(note);
    measured.filled.push(outcome);
    const count = `${measured.filled.length}/${holes.length}`;
    tell(`${count.padStart(9)}  ${wordOf(outcome).padEnd(8)} ${hole.kind.padEnd(5)} ${outcome.place}`);
  }
}

async function fill(
  client: DaemonClient,
  hole: Hole,
  { folder, parsers }: { folder: string; parsers: Parsers },
): Promise<ToldHole & { note?: string }> {
  const { path, language, kind, before, truth, after } = hole;
  const uri = pathToFileURL(join(folder, path)).href;
  client.notify('textDocument/didOpen', {
    textDocument: { uri, languageId: language, version: 1, text: before + after },
  });
  const position = { line: lineOf(hole), character: before.length - (before.lastIndexOf('\n') + 1) };
  const beganMs = performance.now();
  const context = { triggerKind: inlineTrigger.invoked };
  const { items, note } = await client.call(InlineCompletion, { textDocument: { uri }, position, context });
  const latencyMs = Math.round(performance.now() - beganMs);
  client.notify('textDocument/didClose', { textDocument: { uri } });
  const [item] = items;
  const place = `${path}:${lineOf(hole) + 1}`;
  if (!item) {
    const nothing = { isExact: false, similarity: 0, repeats: false };
    return { language, kind, place, truth, ...nothing, latencyMs, ...(note !== undefined && { note }) };
  }
  const texts = ['', item.insertText, truth].map((text) => before + text + after);
  const faults = await faultsIn({ uri, languageId: language, texts }, parsers);
  const [suggested, wanted] = [item.insertText.trim(), truth.trim()];
  return {
    ...{ language, kind, place, truth, suggestion: item.insertText },
    ...(item.data && { model: item.data.model }),
    isExact: suggested === wanted,
    similarity: similarityOf(suggested, wanted),
    repeats: repeatsWhatFollows(item.insertText, hole),
    ...(faults && {
      faults: { without: faults[0]?.count ?? 0, with: faults[1]?.count ?? 0, truth: faults[2]?.count ?? 0 },
    }),
    latencyMs,
  };
}

function lineOf({ before }: Hole): number {
  return before.split('\n').length - 1;
}

function wordOf({ model, isExact, similarity }: FilledHole): string {
  if (model === undefined) return 'none';
  return isExact ? 'exact' : percent(similarity);
}

function scoresBy({ filled }: MeasuredHoles) {
  const by = (key: (hole: FilledHole) => string): Record<string, CompletionScores> =>
    Object.fromEntries([...Map.groupBy(filled, key)].toSorted().map(([name, own]) => [name, scoresOf(own)]));
  return {
    all: scoresOf(filled),
    byKind: by(({ kind }) => kind),
    byLanguage: by(({ language }) => language),
    byModel: by(({ model = 'none' }) => model),
  };
}

function report(measured: MeasuredHoles, asked: number): void {
  const { all, byModel, byKind, byLanguage } = scoresBy(measured);
  printLine('');
  if (measured.isOutOfTime)
    printLine(`Stopped after ${measured.maxMinutes} minutes: ${measured.filled.length} of ${asked} holes.`);
  for (const model of Object.keys(byModel).filter((name) => name !== 'none')) printLine(`Model: ${model}`);
  for (const [name, own] of Object.entries({ all, ...byKind, ...byLanguage }))
    printLine(`${name.padEnd(16)} ${sentence(own)}`);
  for (const note of measured.notes) printLine(note);
}

function sentence({ holes, suggested, exact, similarity, parses, worse, repeats, medianMs }: CompletionScores): string {
  return [
    `${suggested} of ${holes} filled, ${percent(exact)} exact, ${percent(similarity)} similar`,
    `${percent(parses)} parse, ${worse} add a syntax error, ${repeats} repeat what follows`,
    `${medianMs} ms.`,
  ].join('; ');
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}
