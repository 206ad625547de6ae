// One turn of the model: asked in its dialect with what it holds, shown as it comes, and read.
import { throwIfCancelled } from '../../../base/errors.ts';
import { isTooLate } from '../../../base/listeners.ts';
import { estimateTokens } from '../../../base/tokens.ts';
import type { Attempt, Models } from '../../../models/ask.ts';
import { pricedRequest } from '../../../models/costs/priced.ts';
import { noUsage, ProviderError, type ToolCall } from '../../../models/providers/provider.ts';
import type { Decision, Selection, SelectRequest } from '../../../models/router/router.ts';
import { chooseDialect, countTurn, type DialectLog } from './choose-dialect.ts';
import { type Dialect, dialects, type OfferedTool } from './dialects.ts';
import type { AnswerBound, PromptSize } from './limits.ts';
import { LiveText } from './live-text.ts';
import type { PromptFrame, Transcript } from './transcript.ts';
import { isTimeUp, type MadeCall, type ModelTurn } from './turn.ts';

export interface TurnQuestion {
  wanted: SelectRequest;
  /** Who answered last: it goes on, where it can. */
  last?: string | undefined;
  /** In the ids of its calls. */
  round: string;
  transcript: Transcript;
  frame: PromptFrame;
  tools: readonly OfferedTool[];
  /** What can be called now, for a model on this machine whose answers are forced. */
  choices(): Promise<OfferedTool[]>;
  /** What is called for such a model before it is asked. */
  first(): Promise<Pick<MadeCall, 'name' | 'arguments'>[]>;
  workspace?: string | undefined;
  /** The message that it is for. */
  answer: string;
  /** How long the answer to a prompt may get. Throws what ends the run. */
  bound(prompt: PromptSize): AnswerBound;
  /** Aborted with a TimeoutError where the time of the run is used up: what the answer has then is the turn. */
  signal: AbortSignal;
  /** Before anything is asked. */
  onDecision(decision: Decision, attempt: Attempt): Promise<void>;
  onText(text: string): void;
  onReasoning(text: string): void;
  onNote(text: string): void;
  /** The model was busy with others for so long. */
  onWaited(ms: number): void;
}

export interface AskModelDeps {
  models: Models;
  log(profile: string): DialectLog;
}

export interface AskedTurn extends ModelTurn {
  prompt: string;
  /** Whether its text was shown as it came. */
  isShown: boolean;
  /** How long the model was busy with others. */
  waitedMs: number;
}

export const defaultContextTokens = 32_000;
const maxOutputTokens = 8192;
const outputShare = 0.25;

/** Throws what `Models.ask` throws. */
export async function askModel(deps: AskModelDeps, question: TurnQuestion): Promise<AskedTurn> {
  const { signal, workspace } = question;
  const { wanted, first } = await selected(deps.models, question);
  return deps.models.ask({ wanted, first, workspace, signal }, async (attempt) => {
    for (const note of attempt.notes) question.onNote(note);
    await question.onDecision(attempt.decision, attempt);
    return answered(attempt, deps.log(question.wanted.profile), question);
  });
}

/** The model stays the same over a run, unless it can't be asked any more. */
async function selected(
  models: Models,
  { wanted, last, signal }: TurnQuestion,
): Promise<{ wanted: SelectRequest; first?: Selection }> {
  if (last === undefined || last === wanted.explicit) return { wanted };
  const same: SelectRequest = { ...wanted, explicit: last, because: 'Works on this task' };
  const first = await models.select(same, signal).catch(() => undefined);
  throwIfCancelled(signal);
  return first ? { wanted: same, first } : { wanted };
}

async function answered(attempt: Attempt, log: DialectLog, question: TurnQuestion): Promise<AskedTurn> {
  const { round, tools } = question;
  const name = tools.length === 0 ? 'native' : await chooseDialect(attempt, log);
  const dialect = dialects[name];
  const live = new LiveText(name, (text) => {
    attempt.isShown = true;
    question.onText(text);
  });
  const isForced = name === 'json' && attempt.selection.candidate.provider.local;
  const first = isForced ? await question.first() : [];
  if (first.length > 0) return unasked(attempt, first, question);
  const request = tools.length > 0 ? dialect.request(isForced ? await question.choices() : tools) : {};
  const asking = { attempt, dialect, request, live, question };
  const { messages, digested, bound, said } = await fittedAnswer(asking);
  const { text, calls, usage, finish, waitedMs } = said;
  const asked = {
    ...{ model: attempt.id, dialect: name, finish, usage, digested, waitedMs },
    ...(bound !== undefined && { bound }),
    costUsd: attempt.costUsd ?? null, // of a probe as well
    prompt: messages.map(({ role, content }) => `${role}: ${content}`).join('\n\n'),
  };
  if (isTimeUp(said)) {
    attempt.report({ status: 'cancelled' });
    return { ...asked, text: live.shown, calls: [], isShown: live.shown !== '' };
  }
  throwIfCancelled(question.signal);
  const read = dialect.read({ text, calls, isCut: finish === 'length' || finish === 'repetition' }, tools);
  if (read.problem === undefined && read.calls.length === 0) live.end(read.text);
  const isUnread = read.problem !== undefined || read.isOtherWay === true;
  if (tools.length > 0 && (isUnread || read.calls.length > 0))
    await countTurn(log, { model: attempt.id, dialect: name, end: isUnread ? 'unread' : 'worked' });
  return {
    ...asked,
    text: read.text,
    calls: read.calls.map((call, index) => ({ ...call, id: `${round}.${index + 1}` })),
    ...(read.problem !== undefined && { problem: read.problem }),
    isShown: live.shown !== '',
  };
}

/** A turn of calls that any model would begin with: small ones need long for each, or leave them out. */
function unasked(
  attempt: Attempt,
  calls: readonly Pick<MadeCall, 'name' | 'arguments'>[],
  { round }: Pick<TurnQuestion, 'round'>,
): AskedTurn {
  attempt.report({ status: 'cancelled' }); // it says nothing of the model
  return {
    ...{ model: attempt.id, dialect: 'json', finish: 'tool-calls', usage: noUsage, costUsd: 0, digested: 0 },
    ...{ text: '', prompt: '', isShown: false, waitedMs: 0 },
    calls: calls.map((call, index) => ({ ...call, id: `${round}.${index + 1}` })),
  };
}

interface AskedAttempt {
  attempt: Attempt;
  dialect: Dialect;
  request: ReturnType<Dialect['request']>;
  live: LiveText;
  question: TurnQuestion;
}

const maxFittingRounds = 3;

/** What the model finds too long is sent once more with less of the old results. */
async function fittedAnswer({ attempt, dialect, request, live, question }: AskedAttempt) {
  const { answer } = question;
  for (let round = 0; ; round++) {
    const { messages, schemas, digested, ...room } = await fitted(attempt, dialect, {
      ...question,
      scale: 1 / 2 ** round,
    });
    const { promptBytes } = pricedRequest(attempt.selection, { messages }, { ...question.wanted });
    const size = { bytes: promptBytes + schemas.length, maxOutput: room.maxOutput, price: attempt.info.price };
    const { maxOutput: maxOutputTokens, bound } = question.bound(size);
    const prompt = { messages, maxOutputTokens, temperature: 0, ...request };
    try {
      return {
        messages,
        digested,
        bound,
        said: await streamed(attempt.stream(prompt, { answer }), { ...question, live }),
      };
    } catch (error) {
      const isTooLong = error instanceof ProviderError && error.code === 'context-too-long';
      if (!isTooLong || round + 1 === maxFittingRounds || live.shown !== '') throw error;
    }
  }
}

async function fitted(
  attempt: Attempt,
  dialect: Dialect,
  { transcript, frame, tools, scale }: Pick<TurnQuestion, 'transcript' | 'frame' | 'tools'> & { scale: number },
) {
  const context = attempt.info.contextTokens ?? defaultContextTokens;
  const maxOutput = Math.min(maxOutputTokens, Math.floor(context * outputShare));
  const schemas = tools.length > 0 ? JSON.stringify(dialect.request(tools).tools ?? '') : '';
  const words = tools.length > 0 ? dialect.words(tools) : '';
  const folder = dialect.name === 'native' ? '' : await frame.folder?.();
  const system = [frame.system, words, folder].filter(Boolean).join('\n\n');
  const { messages } = transcript.prompt(
    { ...frame, system },
    dialect,
    (context - maxOutput - estimateTokens(schemas)) * scale,
  );
  return { messages, maxOutput, schemas, digested: transcript.digested };
}

type StreamedTo = Pick<TurnQuestion, 'signal' | 'onReasoning' | 'onNote' | 'onWaited'> & { live: LiveText };

async function streamed(
  parts: ReturnType<Attempt['stream']>,
  { live, signal, onReasoning, onNote, onWaited }: StreamedTo,
): Promise<{ text: string; calls: ToolCall[]; waitedMs: number } & Pick<ModelTurn, 'usage' | 'finish'>> {
  const said = {
    text: '',
    calls: [] as ToolCall[],
    usage: noUsage,
    finish: 'error' as ModelTurn['finish'],
    waitedMs: 0,
  };
  let waitingSince: number | undefined;
  try {
    for await (const part of parts) {
      throwIfCancelled(signal);
      if (part.kind === 'text') {
        said.text += part.text;
        live.add(part.text);
      } else if (part.kind === 'reasoning') onReasoning(part.text);
      else if (part.kind === 'thought') said.text = '';
      else if (part.kind === 'tool-call') said.calls.push(part);
      else if (part.kind === 'usage') said.usage = part.usage;
      else if (part.kind === 'finish') said.finish = part.reason;
      else onNote(part.message);
      if (part.kind !== 'waiting') continue;
      const now = performance.now();
      const waitedMs = now - (waitingSince ?? now);
      said.waitedMs += waitedMs;
      onWaited(waitedMs);
      waitingSince = now; // it is told again and again while that goes on
    }
    return said;
  } catch (error) {
    if (!isTooLate(signal)) throw error;
    return { ...said, finish: 'cancelled' };
  }
}
