// A run, top to bottom: the task is stored in its chat, then turns of the model and the calls they make, until there is an answer or a limit.
// Each turn and each call is a stage of its job: a run that goes on reads what is stored, and asks and does only what is not.
import type { AgentRun, CallKind } from '../../../../shared/protocol/agent.ts';
import type { Result } from '../../../../shared/protocol/define.ts';
import { CancelledError, UserError } from '../../../base/errors.ts';
import { LinkedAbort } from '../../../base/listeners.ts';
import { estimatePictureTokens } from '../../../base/tokens.ts';
import type { Models } from '../../../models/ask.ts';
import type { FinishReason, Image } from '../../../models/providers/provider.ts';
import type { ModelSource, SelectRequest } from '../../../models/router/router.ts';
import type { ProfileStorage } from '../../../storage/storage.ts';
import type { ChatShapes } from '../../chat/chat.ts';
import { nameOf } from '../../chat/prompt.ts';
import { type RunningJob, type StageEnd, UnansweredError } from '../../jobs/job-run.ts';
import type { AttachedPictures } from '../../vision/attached.ts';
import type { Material } from '../approvals/taint.ts';
import { type BegunRun, beginRun, type TaskRequest } from '../begin-run.ts';
import { recalledMaterials } from '../earlier-work.ts';
import type { Guidance } from '../guidance/guidance.ts';
import type { AgentTool, ApartEnd, ApartWork, CallScope, RunBudget, ToolRun, ToolSpending } from '../tools/tool.ts';
import { AnswerMessage } from './answer-message.ts';
import { askModel, defaultContextTokens } from './ask-model.ts';
import { CallRunner } from './call-runner.ts';
import type { DialectLog } from './choose-dialect.ts';
import {
  boundAnswer,
  cutOffBy,
  maxTokens,
  maxWorkMs,
  type RunLimits,
  TimeUpError,
  whyCutOff,
  whyNoTurn,
  whyTimeUp,
} from './limits.ts';
import { answeredEarly, failedAlike, LoopGuard } from './loop-guard.ts';
import { roomFor } from './results.ts';
import { inside, type PartsView } from './shown-parts.ts';
import { costOf, leftOf, type RunSpent, roundsOf, usageOf } from './spending.ts';
import { innerStages, isOwnEffect, stageName, taskStage, workMsOf } from './stage-names.ts';
import { startedPart } from './stored-parts.ts';
import { type Approvals, type Checkpoints, noCheckpoints } from './surroundings.ts';
import { callsFirst, choicesNow, isStuck, type PromptFrame, Transcript } from './transcript.ts';
import { type CallResult, isTimeUp, type MadeCall, type ModelTurn, saidBefore, stageOf } from './turn.ts';

/** What is asked for, as it is stored with the job. */
export interface RunRequest extends TaskRequest {
  mode: string;
  /** As a path; absent where it has no folder. */
  root?: string;
  model?: string;
  source?: ModelSource;
  policy?: SelectRequest['policy'];
  allow: CallKind[];
  maxUsd?: number;
  maxRounds: number;
}

export type RunResult = Omit<Result<typeof AgentRun>, 'jobId'> & {
  /** US dollars of turns that brought nothing new; absent where a cost is unknown. */
  waste?: number;
};

export interface RunDeps {
  models: Models;
  storage: Pick<ProfileStorage<ChatShapes>, 'chats' | 'jobs'> & { editAnswers: DialectLog };
  approvals: Approvals;
  checkpoints: Checkpoints;
  pictures: Pick<AttachedPictures, 'find'>;
  /** How long runs may work; an hour where it's left out. */
  maxWorkMs?: number;
}

export interface RunPlace {
  job: RunningJob;
  request: RunRequest;
  run: ToolRun;
  system: string;
  tools: readonly AgentTool[];
  shown: PartsView;
  guidance?: Pick<Guidance, 'for' | 'said'>;
  /** What the folder has, in words, for models that aren't given tools of their own. */
  listing(): Promise<string>;
  /** Of a sub-agent. */
  outer?: OuterCall;
}

/** The call of a run that a sub-agent works for. */
interface OuterCall {
  id: string;
  /** Who answers, where it can. */
  model: string;
  limits: RunLimits;
  /** What the run was told and has read until then: what is delegated may come from it. */
  asked: readonly string[];
  materials: readonly Material[];
  /** Told what was used so far. */
  onSpent(spent: ToolSpending, when: string): void;
}

type RunEnd = Pick<RunResult, 'outcome' | 'why'> & {
  /** Where its last answer isn't whole. */
  cut?: FinishReason;
};

const maxUnread = 2; // repairs of one turn
const lastTurn = 'This is your last turn: answer now with what you have.';

/** Lives as long as its job is at work on it; once a question is answered, another one goes on. */
export class AgentLoop {
  readonly #deps: RunDeps;
  readonly #place: RunPlace;
  readonly #transcript = new Transcript();
  readonly #guard = new LoopGuard();
  readonly #calls: CallRunner;
  /** What was attached and answered before, and what tools have brought until now. */
  readonly #materials: Material[];
  /** In the user's own words. */
  readonly #asked: string[];
  /** Before the number of each turn. */
  readonly #prefix: string;
  /** Of the list of the folder: how many effects were begun before. */
  readonly #listingId: string;
  #message: AnswerMessage | undefined;
  #steps = 0;
  #unread = 0;
  /** The last call with an effect that the user said no to, until another one is done. */
  #denied: string | undefined;
  #contextTokens = defaultContextTokens;
  /** Of the task. While the run is at work, they are kept. */
  #images: readonly Image[] | undefined;

  constructor(deps: RunDeps, place: RunPlace) {
    this.#deps = deps;
    this.#place = place;
    const { request, outer } = place;
    const attached = request.attachments?.map(({ uri, text }) => ({ source: nameOf(uri), text }));
    this.#materials = [...(outer?.materials ?? attached ?? [])];
    this.#prefix = outer === undefined ? '' : `${outer.id}.`;
    this.#listingId = outer === undefined ? '0' : String(place.job.stages.filter(isOwnEffect).length);
    this.#asked = [...(outer?.asked ?? [request.task])];
    const [asked, materials] = [this.#asked, this.#materials];
    this.#calls = new CallRunner({ ...deps, ...place, allow: request.allow, asked, materials });
  }

  /** Throws what models and storage throw, UnansweredError, CancelledError. */
  async run(): Promise<RunResult> {
    const { job, request, shown } = this.#place;
    const begun = await job.stage(taskStage, () => this.#begin());
    this.#asked.push(...(begun.asked ?? []));
    this.#materials.push(...recalledMaterials(begun));
    const { mode, root } = request;
    shown.show('started', startedPart(job.id, { chatId: begun.chatId, mode, root }));
    const { question: questionId, answer: answerId } = request.ids;
    const message = new AnswerMessage(this.#deps.storage.chats, {
      ...{ chatId: begun.chatId, questionId, answerId, jobId: job.id },
    });
    this.#message = message;
    try {
      await message.open();
      const end = await this.#untilEnd(begun);
      return await this.#finish(begun, message, end);
    } catch (error) {
      await this.#interrupted(message, error);
      throw error;
    }
  }

  async #begin(): Promise<StageEnd<BegunRun>> {
    const { request, system } = this.#place;
    const begun = await beginRun(request, system, this.#deps.storage);
    const { mode, root } = request;
    return { outcome: begun, shown: { chatId: begun.chatId, mode, root }, detail: 'Stored the task.' };
  }

  async #untilEnd(begun: BegunRun): Promise<RunEnd> {
    for (;;) {
      const spent = this.#spent;
      const why = whyNoTurn(spent, this.#limits);
      if (why !== undefined) return { outcome: 'limit', why };
      if (spent.turns.length > 0 && roundsOf(spent) === this.#limits.rounds - 1) this.#notify(lastTurn);
      const end = await this.#turn(begun);
      if (end) return end;
    }
  }

  /** One turn of the model and its calls. Undefined where the run goes on. */
  async #turn(begun: BegunRun): Promise<RunEnd | undefined> {
    const round = this.#transcript.turns.length + 1;
    const said = await this.#said(begun, round);
    if ('outcome' in said) return said;
    const before = this.#transcript.digested;
    const turn = this.#transcript.add(said);
    if (this.#transcript.digested > before) this.#guard.forget();
    await this.#message?.write(this.#text);
    this.#tellSpent(`turn ${round}`);
    if (isTimeUp(said)) return this.#timeUp(said);
    if (said.problem !== undefined) return this.#unreadable(said);
    this.#unread = 0;
    if (said.calls.length === 0) return this.#answered(said);
    const guarded: { call: MadeCall; result: CallResult }[] = [];
    for (const call of said.calls) {
      const scope = this.#scopeOf(call, begun, said.model);
      const maxChars = roomFor(this.#contextTokens);
      const place = {
        step: ++this.#steps,
        ...saidBefore(said, call),
        maxChars,
        left: this.#left,
        ...(scope && { scope }),
      };
      const result = await this.#calls.perform(call, place);
      turn.results.push(result);
      if (result.isTimeUp) return this.#timeUp();
      if (result.spent) this.#tellSpent(`call ${call.id}`);
      guarded.push({ call, result });
      if (result.isDenied) this.#denied = result.title;
      else if (result.ok && result.kind !== 'read' && result.kind !== 'ask') this.#denied = undefined;
    }
    const verdict = this.#guard.takeTurn(guarded);
    if (verdict.kind === 'stop') return { outcome: 'limit', why: verdict.why };
    if (verdict.kind === 'warn') this.#notify(verdict.notice);
    return undefined;
  }

  /** A turn without calls ends the run. */
  #answered(said: ModelTurn): RunEnd {
    const why = whyCutOff(said, this.#limits);
    if (why !== undefined) return { outcome: 'limit', why, cut: said.finish };
    if (this.#denied !== undefined) return { outcome: 'denied', why: `You said no to this: ${this.#denied}.` };
    if (said.dialect === 'json' && isStuck(this.#transcript)) return { outcome: 'limit', why: failedAlike };
    return this.#guard.hasJustWarned ? { outcome: 'limit', why: answeredEarly } : { outcome: 'done' };
  }

  /** `cut`: the turn that was under way. */
  #timeUp(cut?: ModelTurn): RunEnd {
    const isCut = cut !== undefined && cut.text !== '';
    const why = whyTimeUp(this.#limits);
    return isCut ? { outcome: 'limit', why: cutOffBy(why), cut: cut.finish } : { outcome: 'limit', why };
  }

  /** What the model says, or said before the run was interrupted. A budget that is used up ends the run. */
  async #said(begun: BegunRun, round: number): Promise<ModelTurn | RunEnd> {
    const { job, shown } = this.#place;
    try {
      const said = await job.stage(stageName('turn', `${this.#prefix}${round}`), () => this.#ask(begun, round));
      if (said.problem === undefined && said.text !== '')
        shown.show(`text ${round}`, { kind: 'text', text: this.#separator + said.text });
      return said;
    } catch (error) {
      if (error instanceof UserError && (error.code === 'budget-reached' || error.code === 'run-limit'))
        return { outcome: 'limit', why: error.message };
      if (error instanceof TimeUpError) return this.#timeUp();
      throw error;
    }
  }

  async #ask(begun: BegunRun, round: number): Promise<StageEnd<ModelTurn>> {
    const { job, request, tools, shown, run, outer } = this.#place;
    const { model, source, policy, task } = request;
    const separator = this.#separator;
    const frame = this.#withPictures(begun);
    let hasText = false;
    using timed = new LinkedAbort([job.signal], this.#left.workMs);
    run.report(round === 1 ? 'Reading the task' : 'Thinking');
    const { prompt, isShown, ...turn } = await askModel(
      { models: this.#deps.models, log: () => this.#deps.storage.editAnswers },
      {
        wanted: {
          task: 'chat',
          request: { text: task, attachments: (frame.images ?? []).map(pictureSize) },
          profile: job.profile,
          chat: begun.chatId,
          policy,
          ...(model !== undefined && { explicit: model }),
          ...(source !== undefined && { source }),
        },
        last: this.#transcript.turns.at(-1)?.said.model ?? outer?.model,
        round: `${this.#prefix}${round}`,
        transcript: this.#transcript,
        frame,
        tools,
        choices: () => choicesNow(tools, run, this.#transcript, outer ? '' : task),
        first: async () => (round > 1 || outer ? [] : callsFirst(tools, run, task)),
        workspace: run.session.roots[0],
        answer: request.ids.answer,
        signal: timed.signal,
        bound: (prompt) => boundAnswer(this.#spent, this.#limits, prompt),
        onDecision: async (decision, { info }) => {
          this.#contextTokens = info.contextTokens ?? defaultContextTokens;
          await this.#message?.open(decision);
          shown.show(`decision ${decision.model}`, { kind: 'decision', decision });
        },
        onText(text) {
          shown.stream({ kind: 'text', text: hasText ? text : separator + text });
          hasText = true;
        },
        onReasoning: (text) => shown.stream({ kind: 'reasoning', text }),
        onNote: (text) => shown.show(`note ${text}`, { kind: 'note', text }),
        onWaiting: (isWaiting) => (isWaiting ? timed.pause() : timed.resume()),
      },
    );
    if (isShown) shown.whole(`text ${round}`);
    return { ...stageOf(turn), prompt, waitedMs: timed.pausedMs };
  }

  /**
   * What the folder has, listed once a model is told of it. It's stored, so that a prompt keeps its beginning. A sub-agent that begins when
   * files may have changed is told of them as they are then.
   */
  #folder(): Promise<string> {
    const { job, listing } = this.#place;
    return job.stage(stageName('folder', this.#listingId), async () => ({
      outcome: await listing(),
      detail: 'Listed the folder.',
    }));
  }

  /** Who goes on much later sees no pictures any more, and is told so, as the user is. */
  #withPictures({ system, before, earlier = [] }: BegunRun): PromptFrame {
    const { job, request, shown } = this.#place;
    const folder = (): Promise<string> => this.#folder();
    const pictures = (request.attachments ?? []).flatMap(({ uri, picture }) => (picture ? [{ uri, ...picture }] : []));
    this.#images ??= pictures.flatMap(({ hash }) => this.#deps.pictures.find(job.profile, hash)?.image ?? []);
    if (this.#images.length === pictures.length) return { system, folder, before, earlier, images: this.#images };
    const names = pictures.map(({ uri }) => nameOf(uri)).join(', ');
    const note = `Pictures aren't stored, so the model can't look at ${names} again. To show it again, start a new task.`;
    shown.show('note pictures', { kind: 'note', text: note });
    const gone = `You can't see ${names} any more: go by what you have said of it, or ask the user.`;
    const told = before.map((turn, i) =>
      i < before.length - 1 ? turn : { ...turn, content: `${turn.content}\n\n${gone}` },
    );
    return { system, folder, before: told, earlier };
  }

  /** A turn that can't be read is told so, a few times. */
  #unreadable({ model }: ModelTurn): RunEnd | undefined {
    this.#unread++;
    if (this.#unread > maxUnread)
      return {
        outcome: 'limit',
        why: `Stopped, since ${model} kept answering in a form that can't be read. Choose another model, or a mode without tools.`,
      };
    return undefined;
  }

  #notify(notice: string): void {
    const turn = this.#transcript.turns.at(-1);
    if (turn) turn.notice = [turn.notice, notice].filter(Boolean).join('\n\n');
  }

  /** All that it has said for people. */
  get #text(): string {
    return this.#transcript.turns
      .filter(({ said }) => said.problem === undefined && said.text.trim() !== '')
      .map(({ said }) => said.text.trim())
      .join('\n\n');
  }

  get #separator(): string {
    return this.#text === '' ? '' : '\n\n';
  }

  /** `apart`: of a sub-agent that is at work. */
  #tellSpent(when: string, apart: readonly ToolSpending[] = []): void {
    const { shown, outer } = this.#place;
    if (outer) return outer.onSpent(this.#total(), `${outer.id} ${when}`);
    const { usage, costUsd, rounds } = this.#total(apart);
    const cost = costUsd === null ? {} : { cost: costUsd };
    shown.show(`spent ${when}`, { kind: 'spent', usage, rounds, ...cost });
  }

  #total(apart: readonly ToolSpending[] = []): Required<ToolSpending> {
    const { turns, tools } = this.#spent;
    const all = [...turns, ...tools, ...apart];
    return {
      usage: usageOf(all),
      costUsd: costOf(all) ?? null,
      rounds: roundsOf({ turns, tools: [...tools, ...apart] }),
    };
  }

  get #spent(): Required<RunSpent> {
    const { turns } = this.#transcript;
    const tools = turns.flatMap(({ results }) => results.flatMap(({ spent }) => spent ?? []));
    return { turns: turns.map(({ said }) => said), tools, workMs: this.#workMs };
  }

  get #limits(): RunLimits {
    const { request, outer } = this.#place;
    const { maxWorkMs: workMs = maxWorkMs } = this.#deps;
    return outer?.limits ?? { rounds: request.maxRounds, usd: request.maxUsd, workMs };
  }

  get #left(): RunBudget {
    return leftOf(this.#spent, { tokens: maxTokens, workMs: maxWorkMs, ...this.#limits });
  }

  get #workMs(): number {
    const { job, outer } = this.#place;
    return workMsOf(outer === undefined ? job.stages : innerStages(job.stages, outer.id));
  }

  /** Nothing that was delegated is delegated further. */
  #scopeOf({ id }: MadeCall, { chatId }: BegunRun, model: string): CallScope | undefined {
    const { job, tools, request, guidance, outer } = this.#place;
    if (outer) return undefined;
    return {
      callId: id,
      tools,
      left: this.#left,
      chatId,
      answerId: request.ids.answer,
      stage: (name, work) => job.stage(name, work),
      workApart: (work) => {
        const materials = [...(guidance?.said ?? []), ...this.#materials];
        const asked = this.#asked;
        const limits = { ...work.budget, toGoOn: 'Go on with what it found.' };
        const onSpent = (spent: ToolSpending, when: string): void => this.#tellSpent(when, [spent]);
        return this.#workApart(work, { id, model, limits, asked, materials, onSpent }, chatId);
      },
    };
  }

  async #workApart({ system, task, tools }: ApartWork, outer: OuterCall, chatId: string): Promise<ApartEnd> {
    const { job, shown, request, listing, run } = this.#place;
    const { attachments: _, ...own } = request;
    const place = { job, run, request: own, system, tools, listing, shown: inside(shown, outer.id), outer };
    const apart = new AgentLoop({ ...this.#deps, checkpoints: noCheckpoints }, place);
    return apart.#apart({ chatId, system, before: [{ role: 'user', content: task }] });
  }

  /** The work of a sub-agent: what went wrong ends it with what it has. */
  async #apart(begun: BegunRun): Promise<ApartEnd> {
    const { outcome, why } = await this.#untilEnd(begun).catch((error: unknown): RunEnd => {
      if (error instanceof UserError) return { outcome: 'limit', why: error.message };
      throw error;
    });
    const turns = this.#transcript.turns;
    return {
      text: outcome === 'limit' ? this.#text : (turns.at(-1)?.said.text ?? ''),
      done: turns.flatMap(({ results }) => results.map(({ summary }) => summary)),
      ...(outcome === 'limit' && why !== undefined && { why }),
      spent: this.#total(),
    };
  }

  async #finish({ chatId }: BegunRun, message: AnswerMessage, end: RunEnd): Promise<RunResult> {
    const { run, shown } = this.#place;
    const { turns } = this.#spent;
    const { usage, costUsd } = this.#total();
    const waste = costOf(turns.slice(turns.length - this.#guard.staleTurns));
    if (end.why !== undefined) shown.show('end', { kind: 'note', text: end.why });
    await message.write(this.#text);
    const { cut, ...told } = end;
    const ended = cut === 'cancelled' ? ({ status: 'partial' } as const) : ({ status: 'complete' } as const);
    const finishReason = cut ?? 'stop';
    await message.end({ ...ended, usage, finishReason, durationMs: this.#workMs, note: end.why });
    return {
      chatId,
      messageId: message.id,
      ...told,
      text: this.#text,
      steps: this.#steps,
      changes: await this.#deps.checkpoints.changes(run),
      usage,
      ...(costUsd !== null && { cost: costUsd }),
      ...(waste !== undefined && waste > 0 && { waste }),
    };
  }

  /** Stores how the answer stands. A storage that fails as well must not hide the first reason. */
  async #interrupted(message: AnswerMessage, error: unknown): Promise<void> {
    const spent = { usage: this.#total().usage, durationMs: this.#workMs };
    const ending =
      error instanceof UnansweredError
        ? message.wait(spent)
        : message.end({ ...spent, ...failureOf(error, this.#place.job.signal, this.#text === '') });
    await ending.catch(() => {});
  }
}

function failureOf(error: unknown, signal: AbortSignal, isEmpty: boolean) {
  if (signal.aborted || error instanceof CancelledError)
    return { status: 'cancelled', finishReason: 'cancelled' } as const;
  const stored =
    error instanceof UserError
      ? { code: error.code, message: error.message, retryable: error.retryable }
      : { code: 'internal', message: 'Something went wrong inside Switchyard. Try again.', retryable: true };
  return { status: isEmpty ? 'failed' : 'partial', finishReason: 'error', error: stored } as const;
}

function pictureSize(image: Image): { kind: 'image'; tokens: number } {
  return { kind: 'image', tokens: estimatePictureTokens(image) };
}
