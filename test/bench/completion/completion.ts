// Ghost text while 200 keys are typed: through forwarder and daemon over real LSP, and as llama.vscode asks llama-server for it with the same
// model. What is answered from what is kept, how much of a prompt is read again from key to key, and what a key waits for; then 500 keys that
// are cancelled. SWITCHYARD_BENCH_MODEL names a GGUF file with fill-in-the-middle tokens; without it, a copy of SmolLM2-135M is made that has
// some, and where that can't be fetched, a tiny model with random weights.
import { copyFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { positionAt } from '../../../daemon/base/snippet.ts';
import { createRandom } from '../../../daemon/models/router/learn/random.ts';
import { CompletionForget, InlineCompletion } from '../../../shared/protocol/completion.ts';
import { writeRandomModel } from '../../fakes/gguf.ts';
import { smallestModel } from '../../models/smallest-model.ts';
import { Home } from '../../process/home.ts';
import { type LspClient, openEditor } from '../../process/lsp-client.ts';
import { findLlamaCpp } from '../inference/llama-cpp.ts';
import type { RoundOptions, Rounds } from '../kit/measure.ts';
import { known, type Result, type Row } from '../kit/report.ts';
import { chatShareBesideCompletions } from './beside-chat.ts';
import { copyWithFimTokens } from './fim-copy.ts';
import { typedThroughMs } from './in-daemon.ts';
import { LlamaVscode } from './llama-vscode.ts';
import { type KeyAnswer, replay, type Suggester, trace, traceDocument } from './trace.ts';

const cancels = 500;
/** `<repo_name>`, `<file_sep>` and `<filename>` in the vocabulary of SmolLM2. */
const unusedTokens = [3, 5, 6] as const;

const documentLines = [2000, 20_000];
const maxRounds = 3; // of 200 keys each
const maxRealRounds = 1;
const referenceKeys = 20; // with real weights, of which it needs seconds for each

export async function run(options: RoundOptions): Promise<Result> {
  await using home = new Home();
  const path = home.file('data', 'models', 'completing.gguf');
  const { name: model, isReal } = await modelAt(path);
  const rounds = Math.min(options.rounds, isReal ? maxRealRounds : maxRounds);
  const warmUp = isReal ? 0 : (options.warmUp ?? 1);
  const folder = pathToFileURL(home.project('work')).href;
  const completion = { enabled: true, model: 'local/completing' };
  const editor = await openEditor(home, { folder, switchyard: { workspaceTrusted: true, index: false, completion } });
  const llamaCpp = findLlamaCpp();
  const threads = `${Math.max(1, availableParallelism() - 1)}`;
  const server =
    'missing' in llamaCpp
      ? undefined
      : await llamaCpp.serve(path, [
          '-np',
          '1',
          '-c',
          '8192',
          '-b',
          '1024',
          '-ub',
          '1024',
          '--cache-reuse',
          '256',
          '-t',
          threads,
        ]);
  try {
    const ours: KeyAnswer[][] = [];
    const theirs: KeyAnswer[][] = [];
    for (let round = -warmUp; round < rounds; round++) {
      await editor.call(CompletionForget, {}); // what was learned from one round would leave the next without questions
      const answers = await replay(trace, openDocument(editor, `${folder}/round${round}.ts`));
      const reference = server && (await replay(trace, new LlamaVscode(server), isReal ? referenceKeys : undefined));
      if (round < 0) continue;
      ours.push(answers);
      if (reference) theirs.push(reference);
    }
    const stale = await staleAfterCancels(editor, `${folder}/cancels.ts`);
    const both = home.file('both.gguf');
    writeRandomModel(both, { fim: true, hasChatTemplate: true });
    const chatShares: number[][] = [];
    for (let round = 0; round < rounds; round++) chatShares.push([await chatShareBesideCompletions(both)]);
    const inDaemon: Record<number, number[][]> = {};
    for (const lines of documentLines) {
      inDaemon[lines] = [];
      for (let round = -1; round < options.rounds; round++) {
        const samples = await typedThroughMs(lines);
        if (round >= 0) inDaemon[lines].push(samples);
      }
    }
    return {
      rows: [
        ...rowsOf(ours, theirs),
        ...documentLines.flatMap((lines) => [
          row(
            `what is being typed, in the daemon, ${lines.toLocaleString('en-US')} lines`,
            'ms',
            inDaemon[lines] ?? [],
          ),
          { ...row('the same, p95', 'ms', inDaemon[lines] ?? []), share: 0.95, ...atMost(5) },
        ]),
        { ...row('stale suggestions after 500 keys that were cancelled', '', known(stale)), ...atMost(0) },
        {
          ...row('tokens of a chat beside those of completions (random weights)', '%', chatShares),
          goal: { of: 'value', atLeast: 90 },
        },
      ],
      notes: [
        `model: ${model}; ${ours[0]?.length} keys, and ${theirs[0]?.length ?? 0} of the reference`,
        ...('missing' in llamaCpp ? [llamaCpp.missing] : []),
      ],
    };
  } finally {
    await server?.[Symbol.asyncDispose]();
  }
}

/** Puts a model there, and says which. One with real weights takes its time. */
async function modelAt(path: string): Promise<{ name: string; isReal: boolean }> {
  const named = process.env['SWITCHYARD_BENCH_MODEL'];
  if (named) {
    copyFileSync(named, path);
    return { name: basename(named), isReal: true };
  }
  const small = await smallestModel((text) => process.stderr.write(`${text}\n`)).catch(() => undefined);
  if (small === undefined) {
    writeRandomModel(path, { fim: true, contextTokens: 16_384 });
    return { name: 'random weights, 0.5 MB', isReal: false };
  }
  await copyWithFimTokens(small, path, unusedTokens);
  return { name: `${basename(small)}, with three of its unused tokens as the words for a hole`, isReal: true };
}

function rowsOf(ours: readonly KeyAnswer[][], theirs: readonly KeyAnswer[][]): Row[] {
  const beside = (of: (keys: readonly KeyAnswer[]) => number[]): Partial<Row> =>
    theirs.length > 0 ? { against: { what: "llama.vscode's requests", rounds: theirs.map(of) } } : {};
  const both = (what: string, unit: Row['unit'], of: (keys: readonly KeyAnswer[]) => number[]): Row => ({
    ...row(what, unit, ours.map(of)),
    ...beside(of),
  });
  return [
    both('keys answered from what is kept', '%', (keys) => [(100 * keys.filter(isKept).length) / keys.length]),
    { ...row('what is being typed, over the wire, p95', 'ms', waits(ours, 'typed')), share: 0.95 },
    { ...row('what was asked for ahead, after its wait, p95', 'ms', waits(ours, 'ahead')), share: 0.95 },
    { ...both('prompt read again at the next key, p90', '%', shares), share: 0.9, ...atMost(10) },
    both('the same, median', '%', shares),
    both('tokens read for a key, on average', '', (keys) => [
      keys.reduce((sum, { read }) => sum + (read ? read.tokens - read.cached : 0), 0) / keys.length,
    ]),
    both('a key for which the model is asked', 'ms', (keys) => keys.filter(({ read }) => read).map(({ ms }) => ms)),
    { ...both('the same, p95', 'ms', (keys) => keys.filter(({ read }) => read).map(({ ms }) => ms)), share: 0.95 },
  ];
}

function row(what: string, unit: Row['unit'], rounds: Rounds): Row {
  return { what, unit, rounds };
}

function atMost(limit: number): Pick<Row, 'goal'> {
  return { goal: { of: 'value', atMost: limit } };
}

/** What keys of each round waited for what was there before them. */
function waits(rounds: readonly KeyAnswer[][], from: KeyAnswer['from']): number[][] {
  return rounds.map((keys) => keys.filter((key) => key.from === from).map(({ ms }) => ms));
}

function isKept({ text, read }: KeyAnswer): boolean {
  return text !== undefined && !read;
}

/** In percent, of each prompt. */
function shares(keys: readonly KeyAnswer[]): number[] {
  return keys.flatMap(({ read }) =>
    read && read.tokens > 0 ? [(100 * (read.tokens - read.cached)) / read.tokens] : [],
  );
}

/** A document of the trace in an editor of ours. */
function openDocument(editor: LspClient, uri: string): Suggester {
  let before = traceDocument;
  let version = 1;
  editor.open(uri, before, 'typescript');
  return {
    change({ from, removed, inserted }, text) {
      const range = { start: positionAt(before, from), end: positionAt(before, from + removed) };
      editor.change(uri, ++version, { range, text: inserted });
      before = text;
    },
    async suggest(text, offset) {
      const beganMs = performance.now();
      const position = positionAt(text, offset);
      const { items, read } = await editor.call(InlineCompletion, { textDocument: { uri }, position });
      const ms = performance.now() - beganMs;
      const [item] = items;
      const from = item?.data.from;
      return {
        ms,
        ...(item && { text: item.insertText }),
        ...(from !== undefined && from !== 'model' && { from }),
        ...(read && { read }),
      };
    },
  };
}

/** Keys at random places, each ended by the client or by the next key: how many were answered with what they no longer stand before. */
async function staleAfterCancels(editor: LspClient, uri: string): Promise<number> {
  const random = createRandom(3);
  const document = openDocument(editor, uri);
  const lines = traceDocument.split('\n').length;
  let text = traceDocument;
  let current = 0;
  let stale = 0;
  for (let key = 1; key <= cancels; key++) {
    current = key;
    const line = Math.floor(random() * lines);
    const offset = text
      .split('\n')
      .slice(0, line + 1)
      .join('\n').length;
    text = `${text.slice(0, offset)}x${text.slice(offset)}`;
    document.change({ from: offset, removed: 0, inserted: 'x' }, text);
    const position = positionAt(text, offset + 1);
    const asked = editor.ask(InlineCompletion, { textDocument: { uri }, position });
    let isCancelled = false;
    asked.result.then(
      ({ items }) => {
        if (items.length > 0 && current !== key && !isCancelled) stale++;
      },
      () => {},
    );
    await delay(random() * 8);
    if (key % 2 === 0) {
      isCancelled = true;
      asked.cancel();
    }
  }
  current = cancels + 1;
  return stale;
}
