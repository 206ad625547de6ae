// A turn of a session in which a run works: what it tells is shown, what it asks is asked of the user, and where the daemon stops it goes on.
import { readFile } from 'node:fs/promises';
import type { PromptResponse } from '@agentclientprotocol/sdk';
import { type AgentApproval, AgentApprove, type AgentPart } from '../../../shared/protocol/agent.ts';
import type { Part } from '../../../shared/protocol/define.ts';
import { JobsResume, type WholeJob } from '../../../shared/protocol/jobs.ts';
import { UserError } from '../../base/errors.ts';
import type { DaemonLink } from '../kit/daemon-link.ts';
import type { SessionClient } from './client.ts';
import { decisionOf, permissionFor } from './permission.ts';
import { answerOfForm, askedInWords, type Decision, formFor } from './questions.ts';
import { noted, type RunUpdates, said } from './updates.ts';

export interface RunTurnDeps {
  link: DaemonLink;
  client: SessionClient;
  folders: readonly string[];
  /** Told of each part. */
  onPart(part: AgentPart): void;
}

/** How a run ended, or what it asks that the next prompt answers. */
export type RunEnd = { response: PromptResponse } | { asked: AgentApproval };

type RunPart = Part<typeof JobsResume>;
/** Resolves with how the run ended. */
export type RunCall = (
  link: DaemonLink,
  at: { folders: readonly string[]; signal: AbortSignal; onPart(part: RunPart): void },
) => Promise<string | undefined>;

const maxLosses = 3;

/** Lives until the run ends, or waits for the user's own words. */
export class RunTurn {
  readonly #deps: RunTurnDeps;
  readonly #updates: RunUpdates;
  readonly #stop: AbortController;
  readonly #signal: AbortSignal;
  readonly #asking = new Map<string, AskedCall>();
  /** The question that ends the turn. */
  #inWords: AgentApproval | undefined;

  /** `stop` ends the turn as its user does. */
  constructor(
    deps: RunTurnDeps,
    updates: RunUpdates,
    { stop, signal }: { stop: AbortController; signal: AbortSignal },
  ) {
    this.#deps = deps;
    this.#updates = updates;
    this.#stop = stop;
    this.#signal = signal;
  }

  /** Throws what the run throws, and UserError `daemon-lost`. */
  async follow(call: RunCall): Promise<RunEnd> {
    let next = call;
    try {
      for (let losses = 1; ; losses++) {
        const end = await this.#once(next, losses);
        if (end) return end;
        next = resumed(this.#updates.jobId);
      }
    } finally {
      for (const asked of this.#asking.values()) asked.ended.abort();
    }
  }

  /** Undefined where the daemon has stopped and the run can go on. */
  async #once(call: RunCall, losses: number): Promise<RunEnd | undefined> {
    const { link, folders, client } = this.#deps;
    try {
      const outcome = await call(link, { folders, signal: this.#signal, onPart: (part) => this.#take(part) });
      return { response: { stopReason: outcome === 'limit' ? 'max_turn_requests' : 'end_turn' } };
    } catch (error) {
      if (this.#inWords) return { asked: this.#inWords };
      if (!(error instanceof UserError) || error.code !== 'daemon-lost' || this.#signal.aborted) throw error;
      const { jobId } = this.#updates;
      if (jobId === '' || losses > maxLosses) throw stopped(jobId);
      for (const asked of this.#asking.values()) asked.lose();
      this.#updates.again();
      client.update(noted('The Switchyard daemon stopped. It was started again, and the run goes on where it was.'));
      return undefined;
    }
  }

  #take(part: RunPart): void {
    if (this.#signal.aborted || this.#inWords || part.kind === 'stage') return;
    const { client, onPart } = this.#deps;
    for (const update of this.#updates.of(part)) client.update(update);
    onPart(part);
    if (part.kind === 'approved') this.#asking.get(part.callId)?.ended.abort(); // maybe by another client
    if (part.kind === 'approval') this.#ask(part.approval);
  }

  #ask(approval: AgentApproval): void {
    const { client, link } = this.#deps;
    if (approval.kind === 'ask' && !client.abilities.hasForms) {
      this.#inWords = approval;
      client.update(said('agent_message_chunk', `\n\n${askedInWords(approval)}`));
      void link.leave(); // the run waits without us
      return;
    }
    const before = this.#asking.get(approval.callId);
    const isSame = before?.mark === approval.mark && !before?.ended.signal.aborted;
    if (!isSame) before?.ended.abort();
    const asked = before && isSame ? before : new AskedCall(approval.mark);
    this.#asking.set(approval.callId, asked);
    asked.find();
    const work = asked.sent
      ? this.#tell(approval, asked.sent)
      : asked === before
        ? undefined
        : this.#decide(approval, asked);
    work?.catch((error) => this.#undecided(error, asked));
  }

  async #decide(approval: AgentApproval, asked: AskedCall): Promise<void> {
    const signal = AbortSignal.any([this.#signal, asked.ended.signal]);
    const decision = await this.#decisionFor(approval, signal);
    if (signal.aborted) return;
    if (decision === undefined) return this.#stop.abort();
    await asked.found;
    if (signal.aborted) return;
    asked.sent = decision;
    await this.#tell(approval, decision);
  }

  async #tell({ callId, mark }: AgentApproval, decision: Decision): Promise<void> {
    const { link, folders } = this.#deps;
    const { jobId } = this.#updates;
    const params = { jobId, callId, ...(mark !== undefined && { mark }), ...decision };
    await link.call(AgentApprove, params, { folders, signal: this.#signal, isOnce: true });
  }

  async #decisionFor(approval: AgentApproval, signal: AbortSignal): Promise<Decision | undefined> {
    const { client } = this.#deps;
    const updates = this.#updates;
    if (approval.kind === 'ask')
      return answerOfForm(await client.form(formFor(approval), updates.toolCallId(approval.callId), signal), approval);
    const path = approval.diff === undefined ? undefined : updates.call(approval.callId)?.path;
    const whole = path === undefined ? undefined : await readFile(path, 'utf8').catch(() => undefined);
    return decisionOf(await client.permission(permissionFor(approval, updates, whole), signal), approval);
  }

  #undecided(error: unknown, asked: AskedCall): void {
    const isOver =
      error instanceof UserError && ['job-not-waiting', 'approval-changed', 'daemon-lost'].includes(error.code); // what waits now is asked
    if (isOver || asked.ended.signal.aborted || this.#signal.aborted) return;
    const why = error instanceof Error ? error.message : String(error);
    this.#deps.client.update(noted(`The run was stopped, since you couldn't be asked for permission: ${why}`));
    this.#stop.abort();
  }
}

/** What the user is asked. Lives until it is decided. */
class AskedCall {
  readonly mark: string | undefined;
  readonly ended = new AbortController();
  /** What the daemon was told. */
  sent: Decision | undefined;
  #live = Promise.withResolvers<void>();

  constructor(mark: string | undefined) {
    this.mark = mark;
  }

  /** Resolves while the daemon waits for it. */
  get found(): Promise<void> {
    return this.#live.promise;
  }

  /** The daemon asks it, maybe again. */
  find(): void {
    this.#live.resolve();
  }

  /** The daemon has stopped: the user may decide meanwhile, and the next one is told. */
  lose(): void {
    this.#live = Promise.withResolvers();
  }
}

/** Goes on with a run that was stopped, or that waits. */
export function resumed(jobId: string): RunCall {
  return async (link, at) => outcomeOf((await link.call(JobsResume, { jobId }, at)).job);
}

/** Throws UserError `stopped`. */
export function outcomeOf({ state, result }: WholeJob): string | undefined {
  if (state === 'cancelled') throw new UserError('stopped', 'The run was stopped in another window.');
  return (result as { outcome?: string } | undefined)?.outcome; // as its kind stored it
}

function stopped(jobId: string): UserError {
  const how = jobId === '' ? '' : ', or send /continue to go on with this run';
  return new UserError(
    'daemon-lost',
    `The Switchyard daemon stopped during the run. What it did is kept in this chat. Ask again${how}.`,
  );
}
