// The agent: a task that a model does with tools, as a turn of a chat and as a job.
import { realpath } from 'node:fs/promises';
import type { AgentMode, AgentRun } from '../../../shared/protocol/agent.ts';
import type { Params, Result } from '../../../shared/protocol/define.ts';
import type { ModesConfig } from '../../base/config/modes.ts';
import { UserError } from '../../base/errors.ts';
import { createIdSource } from '../../base/ids.ts';
import { isInside } from '../../base/paths.ts';
import { toPath } from '../../base/uri.ts';
import type { ModelGate } from '../../ignore/gate.ts';
import type { Models } from '../../models/ask.ts';
import type { ModelSource, SelectRequest } from '../../models/router/router.ts';
import type { SessionView } from '../../sessions/session-view.ts';
import type { StoredQuestion } from '../../storage/jobs.ts';
import type { ProfileStorage } from '../../storage/storage.ts';
import type { ChatShapes } from '../chat/chat.ts';
import type { RunningTurns } from '../chat/running-turns.ts';
import { takeAttachments } from '../chat/send.ts';
import { refuseWhileTaskWaits } from '../chat/waiting-task.ts';
import type { RunningJob } from '../jobs/job-run.ts';
import { isSeen, type JobAnswer, type JobCaller, type JobKind, type Jobs } from '../jobs/jobs.ts';
import type { AttachedPictures } from '../vision/attached.ts';
import { Guidance } from './guidance/guidance.ts';
import { type PromptFile, promptFiles, withPromptFile } from './guidance/prompt-files.ts';
import { type AnswerPlace, closeWaiting } from './loop/answer-message.ts';
import { isQuestionOf } from './loop/call-runner.ts';
import { defaultRounds } from './loop/limits.ts';
import { AgentLoop, type RunRequest, type RunResult } from './loop/run.ts';
import { ShownParts } from './loop/shown-parts.ts';
import { decisionOf } from './loop/stored-parts.ts';
import type { Approvals, Checkpoints, LastingApproval } from './loop/surroundings.ts';
import { systemWords } from './loop/words.ts';
import { actMode, type Mode, mcpTools, modeNamed, modesOf } from './modes/modes.ts';
import type { Sandbox, SandboxState } from './sandbox/sandbox.ts';
import type { AgentTool, ToolRun } from './tools/tool.ts';
import type { AgentTools } from './tools/tools.ts';

/** What a run needs of the client that asks. */
export interface AgentContext {
  session: SessionView;
  trusts(path: string): Promise<boolean>;
  /** Shows it what is done, where it wants to see that. */
  shown?: ShownParts;
}

type RunParams = Omit<Params<typeof AgentRun>, 'partialResultToken'>;

export interface AgentOrder extends RunParams {
  projectId?: string | undefined;
  policy?: SelectRequest['policy'];
  /** Which model is meant, by what the run and its chat name. */
  modelOf(named: { message?: string | undefined; chat?: string | undefined }): { model?: string; source: ModelSource };
}

interface ApprovedCall {
  callId: string;
  /** Of what its user saw. */
  mark?: string | undefined;
  decision: string;
}

type AgentStorage = Pick<ProfileStorage<ChatShapes>, 'chats' | 'jobs' | 'editAnswers' | 'approvals'>;

export interface AgentDeps {
  models: Models;
  storage: { in(profile: string): AgentStorage };
  tools: AgentTools;
  /** Tools of others, for a run in a trusted folder. */
  extraTools?(run: ToolRun): Promise<readonly AgentTool[]>;
  approvals: Approvals;
  checkpoints: Checkpoints;
  gate: ModelGate;
  running: RunningTurns;
  pictures: Pick<AttachedPictures, 'take' | 'find'>;
  /** How long runs may work; an hour where it's left out. */
  maxWorkMs?: number;
  modes(): ModesConfig;
  sandbox: Pick<Sandbox, 'examine'>;
  /** Why no video is made, in a sentence. */
  aboutVideos(): Promise<string>;
}

export const agentKind = 'agent';

/** Lives as long as the daemon. */
export class Agent {
  readonly #deps: AgentDeps;
  readonly #newId = createIdSource();
  /** The kind of job that runs are. Its result is a `RunResult`. */
  readonly kind: JobKind<AgentContext>;

  constructor(deps: AgentDeps) {
    this.#deps = deps;
    this.kind = {
      name: agentKind,
      placeOf: (request) => placeOf(request as RunRequest),
      showsQuestions: ({ shown }) => shown !== undefined,
      run: (job, request, context) => this.#run(job, request as RunRequest, context), // as `order` made it
      // Once, as soon as it's said: a run that goes on later doesn't allow again what was taken back meanwhile.
      answered: async (profile, { question: { kept }, answer }) => {
        if (decisionOf(answer.id) === 'always' && kept) await deps.approvals.keep(profile, kept as LastingApproval); // as its call made it
      },
      cancelled: (profile, { id, request }) =>
        closeWaiting(deps.storage.in(profile).chats, answerPlaceOf(request as RunRequest, id)),
    };
  }

  /** For `doctor`: what keeps programs from the rest of the system. */
  examinePrograms(): Promise<SandboxState> {
    return this.#deps.sandbox.examine();
  }

  modes(): AgentMode[] {
    const known = new Set([
      ...this.#deps.tools.trusted.map(({ name }) => name),
      ...(this.#deps.extraTools ? [mcpTools] : []),
    ]);
    return modesOf(this.#deps.modes()).map(({ id, title, description, tools, model, makes, source }) => ({
      ...{ id, title, description, source },
      ...(makes && { makes }),
      tools: tools.filter((name) => known.has(name)),
      ...(model !== undefined && { model }),
    }));
  }

  /** A mode as chats use it. Throws UserErrors `no-such-mode`, `mode-unavailable` and `mode-has-tools`. */
  async talkingMode(name: string): Promise<Pick<Mode, 'prompt' | 'model' | 'cache' | 'makes'>> {
    const mode = await this.#modeAt(name);
    if (mode.tools.length === 0) return mode;
    throw new UserError(
      'mode-has-tools',
      `The mode ${mode.title} works with tools, so give it a task: run it as the agent, or choose a mode that only talks.`,
    );
  }

  /** Does a task. Throws UserErrors `no-such-mode`, `mode-unavailable`, `no-folder`, `chat-not-found` and `task-waits`, and what `Jobs.run` throws. */
  async order<Context extends AgentContext>(
    order: AgentOrder,
    { jobs, profile, caller }: { jobs: Jobs<Context>; profile: string; caller: JobCaller<Context> },
  ): Promise<Result<typeof AgentRun>> {
    const request = await this.#requestOf(order, profile, caller);
    const { id, result } = await jobs.run(profile, { kind: agentKind, title: order.task, request }, caller);
    const { waste: _, ...shown } = result as RunResult; // the kind's own
    return { jobId: id, ...shown };
  }

  /** Decides about the call that a run waits for. Throws UserErrors `approval-changed` and `approval-unseen`, and what `Jobs.decide` throws. */
  async approve<Context>(
    { callId, mark, decision, reply, ...decided }: Pick<JobAnswer, 'jobId' | 'reply'> & ApprovedCall,
    { jobs, profile, caller }: { jobs: Jobs<Context>; profile: string; caller: JobCaller<Context> },
  ): Promise<void> {
    const answer = { jobId: decided.jobId, answer: decision };
    const asks = (question: StoredQuestion): boolean =>
      isQuestionOf(callId, mark, question.stage) && isSeen(question, answer, mark);
    await jobs.decide(profile, { ...decided, reply, answer: decision, asks }, caller);
  }

  /** One that something comes of. */
  async #modeAt(name: string): Promise<Mode> {
    const mode = modeNamed(name, this.#deps.modes());
    if (mode.makes === 'video') throw new UserError('mode-unavailable', await this.#deps.aboutVideos());
    return mode;
  }

  async #workingMode(name: string): Promise<Mode> {
    const mode = await this.#modeAt(name);
    if (mode.makes === undefined) return mode;
    throw new UserError(
      'mode-unavailable',
      `${mode.title} mode makes pictures and doesn't work on tasks. Describe the picture in the chat, or run \`switchyard run --mode ${mode.id} --out FILE "TEXT"\`.`,
    );
  }

  async #requestOf(
    order: AgentOrder,
    profile: string,
    { context: { session, trusts, shown }, signal }: JobCaller<AgentContext>,
  ): Promise<RunRequest> {
    const { chatId, projectId, policy, allow = [], maxUsd, maxRounds = defaultRounds } = order;
    const mode = await this.#workingMode(order.mode ?? actMode);
    const storage = this.#deps.storage.in(profile);
    const chat = chatId === undefined ? undefined : await storage.chats.chat(chatId);
    await refuseWhileTaskWaits(storage, chatId);
    const root = rootOf(order.root, session);
    if (root === undefined && mode.tools.length > 0)
      throw new UserError('no-folder', "There's no folder to work in. Open one, or choose a mode without tools.");
    const { model, source } = order.modelOf({ message: order.model ?? mode.model, chat: chat?.model });
    const roots = root === undefined ? [] : [root];
    const task = await withPromptFile(order.task, { roots, gate: this.#deps.gate, trusts });
    const given = { profile, roots: session.roots, signal };
    const { attachments, notes } = await takeAttachments(this.#deps, order.attachments ?? [], given);
    for (const text of notes) shown?.show(`note ${text}`, { kind: 'note', text });
    return {
      task,
      mode: mode.id,
      ids: { chat: this.#newId(), question: this.#newId(), answer: this.#newId() },
      allow,
      maxRounds,
      source,
      ...(attachments.length > 0 && { attachments }),
      ...(root !== undefined && { root }),
      ...(chatId !== undefined && { chatId }),
      ...(projectId !== undefined && { projectId }),
      ...(model !== undefined && { model }),
      ...(policy !== undefined && { policy }),
      ...(maxUsd !== undefined && { maxUsd }),
    };
  }

  async #run(job: RunningJob, request: RunRequest, context: AgentContext): Promise<RunResult> {
    const { running: turns, storage } = this.#deps;
    using running = turns.begin(request.chatId);
    running.chosen(request.chatId ?? request.ids.chat, request.model ?? '');
    const mode = modeNamed(request.mode, this.#deps.modes());
    const { root } = request;
    const isTrusted = root !== undefined && (await context.trusts(root));
    const run = toolRunOf(job, request, context);
    const tools = await this.#toolsFor(mode, run, isTrusted);
    const hasTools = tools.length > 0;
    const shown = context.shown ?? new ShownParts(() => {});
    const guidance = root !== undefined && hasTools ? this.#guidanceIn(root, context, shown) : undefined;
    const words = systemWords(mode.prompt, { root, isTrusted, hasTools });
    const system = [words, await guidance?.atStart()].filter(Boolean).join('\n\n');
    const listing = async (): Promise<string> => (isTrusted && hasTools ? await this.#deps.tools.listing(run) : '');
    const loop = new AgentLoop(
      { ...this.#deps, storage: storage.in(job.profile) },
      { job, request, run, system, tools, shown, listing, ...(guidance && { guidance }) },
    );
    return await loop.run();
  }

  #guidanceIn(root: string, { trusts }: AgentContext, shown: ShownParts): Guidance {
    const { gate } = this.#deps;
    return new Guidance({ root, gate, trusts, onNote: (text) => shown.show(`note ${text}`, { kind: 'note', text }) });
  }

  /** The prompts that the projects of a session keep in files: `/name` in a task calls one. */
  prompts({ session, trusts }: Pick<AgentContext, 'session' | 'trusts'>): Promise<PromptFile[]> {
    return promptFiles({ roots: foldersOf(session), gate: this.#deps.gate, trusts });
  }

  async #toolsFor({ tools: named }: Mode, run: ToolRun, isTrusted: boolean): Promise<AgentTool[]> {
    const { tools, extraTools } = this.#deps;
    const isNamed = ({ name }: AgentTool): boolean => named.includes(name);
    if (!isTrusted) return tools.untrusted.filter(isNamed);
    const extra = named.includes(mcpTools) ? await extraTools?.(run) : undefined;
    return [...tools.trusted.filter(isNamed), ...(extra ?? [])];
  }
}

function answerPlaceOf({ chatId, ids }: RunRequest, jobId: string): AnswerPlace {
  return { chatId: chatId ?? ids.chat, questionId: ids.question, answerId: ids.answer, jobId };
}

/** Two runs in one folder would undo each other's work. */
async function placeOf({ root, chatId, ids }: RunRequest): Promise<{ chat: string; folder?: string }> {
  const folder = root === undefined ? undefined : await realpath(root).catch(() => root);
  return { chat: chatId ?? ids.chat, ...(folder !== undefined && { folder }) };
}

function toolRunOf(job: RunningJob, request: RunRequest, { session }: AgentContext): ToolRun {
  const { root = '', model, source, policy } = request;
  return {
    jobId: job.id,
    profile: job.profile,
    session,
    root,
    signal: job.signal,
    choice: { policy, ...(model !== undefined && { model }), ...(source !== undefined && { source }) },
    report: (sentence) => job.report(sentence),
  };
}

function foldersOf({ roots }: Pick<SessionView, 'roots'>): string[] {
  return roots.flatMap((root) => toPath(root) ?? []);
}

/** A folder of the session, or one inside of it. Throws UserError `no-folder`. */
function rootOf(wanted: string | undefined, { roots }: SessionView): string | undefined {
  const folders = foldersOf({ roots });
  if (wanted === undefined) return folders[0];
  const path = toPath(wanted);
  if (path !== undefined && folders.some((folder) => isInside(path, folder))) return path;
  throw new UserError('no-folder', "That folder isn't open here. Open it, or name one that is.");
}
