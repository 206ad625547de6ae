// What a pipeline needs around it in tests: a provider that says what a script says, a router to it, and a store in memory.

import { once } from 'node:events';
import { PipelineConfig } from '../../../../daemon/base/config/pipeline.ts';
import { CancelledError, UserError } from '../../../../daemon/base/errors.ts';
import type { Log } from '../../../../daemon/base/log.ts';
import type { Snippet } from '../../../../daemon/base/snippet.ts';
import { faultsIn } from '../../../../daemon/code-index/chunk/faults.ts';
import { Parsers } from '../../../../daemon/code-index/chunk/parsers.ts';
import type { Outlines } from '../../../../daemon/code-index/syntax-checker.ts';
import type { Analysers } from '../../../../daemon/features/pipeline/analysers/analysers.ts';
import { EditForms } from '../../../../daemon/features/pipeline/edits/edit-forms.ts';
import { EditGate } from '../../../../daemon/features/pipeline/edits/gate.ts';
import type { Lessons } from '../../../../daemon/features/pipeline/panel/lessons.ts';
import { createReview, type Review } from '../../../../daemon/features/pipeline/review.ts';
import type { ReviewOptions, ReviewResult } from '../../../../daemon/features/pipeline/run/options.ts';
import type { Finding, ReviewShapes } from '../../../../daemon/features/pipeline/types.ts';
import { createModelGate, type ModelGate } from '../../../../daemon/ignore/gate.ts';
import { createModels, type Models } from '../../../../daemon/models/ask.ts';
import type { Costs } from '../../../../daemon/models/costs/costs.ts';
import type { ModelRequest, Provider, StreamPart } from '../../../../daemon/models/providers/provider.ts';
import type { Router } from '../../../../daemon/models/router/router.ts';
import type { CodePiece } from '../../../../daemon/storage/code.ts';
import type {
  Findings,
  HunkClaims,
  KnownFinding,
  ReviewSubject,
  RunState,
  StoredFinding,
} from '../../../../daemon/storage/findings.ts';
import type { EditAnswer, EditAnswerLog, FormatTally } from '../../../../daemon/storage/written.ts';

/** One answer: texts and parts in order, then a `finish` unless it has its own. `hang` says nothing more until cancelled; an error is thrown. */
export type Script = readonly (string | StreamPart | Error | 'hang')[];

/**
 * Who double-checks findings is asked apart: `onPanel` answers it, and confirms each finding where it is left out.
 * Lives as long as a test. Answers the nth request with the nth script, and the last one from then on. */
export class ScriptedProvider implements Provider {
  readonly name = 'lab';
  local = true;
  readonly requests: ModelRequest[] = [];
  /** How many streams were begun and not yet released. */
  open = 0;
  readonly panelRequests: ModelRequest[] = [];
  onPanel: (request: ModelRequest) => Script = confirmAll;
  readonly #scripts: readonly Script[];

  constructor(...scripts: Script[]) {
    this.#scripts = scripts;
  }

  async listModels() {
    return [];
  }
  async embed() {
    return [];
  }
  async *stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<StreamPart> {
    const isPanel = request.jsonSchema?.name === 'verdicts' || request.jsonSchema?.name === 'judgement';
    const scripted = this.#scripts[Math.min(this.requests.length, this.#scripts.length - 1)] ?? [];
    const script = isPanel ? this.onPanel(request) : scripted;
    (isPanel ? this.panelRequests : this.requests).push(request);
    this.open++;
    try {
      for (const step of script) {
        if (step instanceof Error) throw step;
        if (step === 'hang') {
          if (!signal.aborted) await once(signal, 'abort');
          throw new CancelledError();
        }
        yield typeof step === 'string' ? { kind: 'text', text: step } : step;
        if (typeof step === 'object' && step.kind === 'finish') return;
      }
      yield { kind: 'finish', reason: 'stop' };
    } finally {
      this.open--;
    }
  }
}

/** The claims that refuter or judge are asked about, by number. */
export function claimsIn(request: ModelRequest): { claim: number; line: number; message: string }[] {
  const asked = String(request.messages.at(-1)?.content ?? '');
  return [...asked.matchAll(/^(\d+)\. line (\d+), \w+, [^:]+: (.*)$/gm)].map(([, claim, line, message = '']) => ({
    ...{ claim: Number(claim), line: Number(line), message },
  }));
}

/** Each finding stands, by the code of its own line, and none is like another. */
function confirmAll(request: ModelRequest): Script {
  const asked = String(request.messages.at(-1)?.content ?? '');
  const codeOf = (line: number): string => new RegExp(`^[ >] *${line}\\| (.*)$`, 'm').exec(asked)?.[1] ?? '';
  const claims = claimsIn(request);
  const verdicts = claims.map(({ claim, line }) => ({ claim, reason: 'So.', quote: codeOf(line), verdict: 'stands' }));
  const findings = claims.map(({ claim }) => ({ claim, duplicateOf: null, score: 0.5 }));
  const isRefuter = request.jsonSchema?.name === 'verdicts';
  return [JSON.stringify(isRefuter ? { verdicts } : { findings, conflicts: [], confidence: 0.5 })];
}

export function routerTo(
  provider: Provider | undefined,
  contextTokens = 8192,
  known: readonly string[] = ['lab/tiny'],
): Router {
  return {
    async select({ explicit }) {
      const id = explicit ?? 'lab/tiny';
      if (!provider) throw new UserError('no-model', 'No language model is configured.');
      if (!known.includes(id)) throw new UserError('model-not-found', `There is no model ${id}.`);
      return {
        decision: { model: id, provider: 'lab', reason: 'the only one', alternatives: [], confidence: 1 },
        candidate: {
          id,
          provider,
          info: { name: id.slice('lab/'.length), contextTokens, capabilities: { chat: true }, source: 'config' },
          health: { state: 'ok' },
        },
      };
    },
  };
}

const freeOfCharge: Costs = {
  begin: async () => ({ notes: [], end: () => ({ kind: 'free', why: 'it is a test' }) }),
  countCached: () => ({ kind: 'free', why: 'it is a test' }),
  countShared: () => ({ kind: 'free', why: 'it is a test' }),
  summary: () => Promise.reject(new Error('nothing is counted')),
};

/** Models by the product's own rules, over a router of the test. */
export function modelsOf(router: Router, { neverSwitch = false } = {}): Models {
  return createModels({
    router: { ...router, finish: async () => {} },
    costs: freeOfCharge,
    onOutcome() {},
    neverSwitch: () => neverSwitch,
    now: Date.now,
  });
}

/** A store that forgets at the end of the test. */
export class FindingsInMemory implements Findings<ReviewShapes> {
  readonly runs: { id: string; uri: string; summary: string; findings: StoredFinding<ReviewShapes>[] }[] = [];
  /** What the history shows of each review, from its beginning on. */
  readonly listed = new Map<
    string,
    {
      subject?: ReviewSubject;
      state: RunState | 'part';
      uri?: string;
      summary?: string;
      coverage?: ReviewShapes['coverage'];
      aside?: ReviewShapes['aside'];
    }
  >();
  readonly hunks = new Map<string, HunkClaims<ReviewShapes>>();
  readonly #dismissed = new Set<string>();
  readonly #closed = new Set<string>();

  async beginRun({ id, uri, subject }: { id: string; uri: string; subject: ReviewSubject }) {
    this.listed.set(id, { uri, subject, state: 'running' });
  }
  async endRun(id: string, end: Parameters<Findings<ReviewShapes>['endRun']>[1]) {
    this.listed.set(id, { ...this.listed.get(id), ...end });
  }

  async saveRun({ state = 'done', coverage, aside, ...run }: Parameters<Findings<ReviewShapes>['saveRun']>[0]) {
    const notes = { ...(coverage && { coverage }), ...(aside && { aside }) };
    this.listed.set(run.id, { ...this.listed.get(run.id), state, ...notes });
    this.runs.push(run);
  }
  async pastRuns() {
    return {
      items: this.runs.map(({ findings, ...run }) => ({
        ...run,
        state: 'done' as const,
        findings: findings.length,
        createdAt: 0,
      })),
    };
  }
  async ofRun(runId: string) {
    return this.runs.find(({ id }) => id === runId)?.findings ?? [];
  }
  async coverageOf(runId: string) {
    return this.listed.get(runId)?.coverage;
  }
  async asideOf(runId: string) {
    return this.listed.get(runId)?.aside;
  }
  async known(uri: string): Promise<KnownFinding<ReviewShapes>[]> {
    const known = new Map<string, KnownFinding<ReviewShapes>>();
    for (const found of this.runs.toReversed().flatMap(({ findings }) => findings.toReversed())) {
      const { fingerprint } = found;
      if (found.uri !== uri || known.has(fingerprint)) continue;
      known.set(fingerprint, {
        found,
        isOpen: !this.#closed.has(found.id),
        isDismissed: this.#dismissed.has(fingerprint),
      });
    }
    return [...known.values()];
  }
  async close(fingerprints: readonly string[]) {
    for (const { id, fingerprint } of this.runs.flatMap(({ findings }) => findings))
      if (fingerprints.includes(fingerprint)) this.#closed.add(id);
  }
  async reviewedUris() {
    return [...new Set(this.runs.map(({ uri }) => uri))];
  }
  async hunkClaims(keys: readonly string[]) {
    return new Map([...this.hunks].filter(([key]) => keys.includes(key)).map(([key, { claims }]) => [key, claims]));
  }
  async keepHunkClaims(hunks: readonly HunkClaims<ReviewShapes>[]) {
    for (const hunk of hunks) this.hunks.set(hunk.key, hunk);
  }
  async forgetHunks(uri: string) {
    for (const [key, hunk] of this.hunks) if (hunk.uri === uri) this.hunks.delete(key);
  }
  async finding(findingId: string) {
    const found = this.runs.flatMap(({ findings }) => findings).find(({ id }) => id === findingId);
    if (!found) throw new UserError('finding-not-found', 'This finding is no longer stored.');
    return found;
  }
  async latest(uri: string) {
    return (this.runs.findLast((run) => run.uri === uri)?.findings ?? []).filter(
      ({ fingerprint }) => !this.#dismissed.has(fingerprint),
    );
  }
  async dismiss(findingId: string) {
    const found = await this.finding(findingId);
    this.#dismissed.add(found.fingerprint);
    return found;
  }
  async undismiss(findingId: string) {
    const found = await this.finding(findingId);
    this.#dismissed.delete(found.fingerprint);
    return found;
  }
  async dismissals() {
    const all = this.runs.flatMap(({ findings }) => findings);
    return all
      .filter(({ fingerprint }) => this.#dismissed.has(fingerprint))
      .map((found) => ({ found, dismissedAt: 0 }));
  }
  readonly decided: { finding: Finding; isDismissed: boolean }[] = [];
  async applied(findingId: string) {
    return this.finding(findingId);
  }
  async lessons() {
    return this.decided;
  }
  async forgetLessons() {
    return this.decided.splice(0).length;
  }
  async dismissed(fingerprints: readonly string[]) {
    return new Set(fingerprints.filter((fingerprint) => this.#dismissed.has(fingerprint)));
  }
}

/** A log whose bugs fail the test. */
export const strictLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error(fields) {
    throw new Error(`a bug was recorded: ${JSON.stringify(fields)}`);
  },
};

/** Keeps nothing from models. */
export const openGate: ModelGate = createModelGate({ isIgnored: async () => ({ ignored: false }) });

const parsers = new Parsers((sentence) => {
  throw new Error(sentence);
});

/** Checks syntax in this process. */
export const editGate = new EditGate({ syntax: { faults: (request) => faultsIn(request, parsers) } });

/** How answers ended, until the end of the test. */
export class EditAnswersInMemory implements EditAnswerLog {
  readonly answers: EditAnswer[] = [];

  async add(answer: EditAnswer) {
    this.answers.push(answer);
  }
  async tallies(model: string) {
    const own = this.answers.filter((answer) => answer.model === model);
    return [...new Set(own.map(({ format }) => format))].map((format) => {
      const ends: FormatTally['ends'] = {};
      for (const { end } of own.filter((answer) => answer.format === format)) ends[end] = (ends[end] ?? 0) + 1;
      return { format, ends };
    });
  }
}

export function editFormsWith(answers: EditAnswerLog = new EditAnswersInMemory()): EditForms {
  return new EditForms({ gate: editGate, answers: () => answers });
}

export const noAnalysers: Analysers = {
  begin: () => ({ analyse: async () => ({ looks: [], missing: [], notes: [] }) }),
};

export interface Bench {
  review: Review;
  provider: ScriptedProvider | undefined;
  findings: FindingsInMemory;
  /** What was reported while the review ran. */
  notified: { findings: Finding[]; withdrawn: Finding[]; notes: string[]; stages: string[] };
  run(snippet: Snippet, options?: Partial<ReviewOptions>): Promise<ReviewResult>;
  runFiles(snippets: readonly Snippet[], options?: Partial<ReviewOptions>): Promise<ReviewResult>;
  runDiff(diff: string, options?: Partial<ReviewOptions>): Promise<ReviewResult>;
}

export function benchWith(options: {
  provider?: ScriptedProvider;
  analysers?: Analysers;
  findings?: FindingsInMemory;
  contextTokens?: number;
  log?: Log;
  gate?: ModelGate;
  lessons?: Lessons;
  /** The `pipeline` of config.json. */
  config?: object;
  /** The ids of models beside `lab/tiny`. */
  others?: readonly string[];
  /** Of the ids, for benches that share a store. */
  prefix?: string;
  outlines?: Outlines;
  /** What the index of code has under any name. */
  indexed?: CodePiece[];
  /** Tokens per second that the model reads, as it was measured. */
  readSpeed?: () => number;
}): Bench {
  const {
    provider,
    analysers = noAnalysers,
    findings = new FindingsInMemory(),
    contextTokens,
    log = strictLog,
    gate = openGate,
    lessons,
    config = {},
    others = [],
    prefix = '',
    outlines = { outline: async () => [] },
    indexed = [],
    readSpeed,
  } = options;
  let ids = 0;
  const review = createReview({
    analysers,
    models: modelsOf(routerTo(provider, contextTokens, ['lab/tiny', ...others])),
    config: () => PipelineConfig.parse(config),
    speeds: { of: () => readSpeed && { read: readSpeed() } },
    gate,
    edits: editGate,
    forms: editFormsWith(),
    outlines,
    code: () => ({ symbols: async () => indexed }),
    findings: () => findings,
    newId: () => `${prefix}id${++ids}`,
    log,
    ...(lessons && { lessons }),
  });
  const notified: Bench['notified'] = { withdrawn: [], findings: [], notes: [], stages: [] };
  const complete = (some: Partial<ReviewOptions> = {}): ReviewOptions => ({
    profile: 'default',
    trusts: async () => true,
    signal: new AbortController().signal,
    onStage: (stage) => notified.stages.push(stage),
    onFinding: (finding) => notified.findings.push(finding),
    onNote: (text) => notified.notes.push(text),
    onWithdrawn: (finding) => notified.withdrawn.push(finding),
    ...some,
  });
  return {
    review,
    provider,
    findings,
    notified,
    run: (snippet, some) => review.run([snippet], complete(some)),
    runFiles: (snippets, some) => review.run(snippets, complete(some)),
    runDiff: (diff, some) => review.runDiff(diff, complete(some)),
  };
}

export function snippetOf(text: string, over: Partial<Snippet> = {}): Snippet {
  return { uri: 'file:///shop/sum.ts', languageId: 'typescript', version: 1, text, ...over };
}

/** A model's answer with these findings. */
export function answerWith(...findings: Record<string, unknown>[]): string {
  return JSON.stringify({
    findings: findings.map((finding) => ({
      line: 1,
      severity: 'error',
      category: 'correctness',
      message: 'wrong',
      confidence: 0.8,
      ...finding,
    })),
  });
}
