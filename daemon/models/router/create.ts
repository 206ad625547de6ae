// The router over a list of models: it reads the request, asks for the list, decides, records the decision and learns
// from outcomes. The deciding itself is in pure functions; this file joins them, and words the error when no model can
// be chosen.
import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled, UserError } from '../../base/errors.ts';
import { estimateTokens } from '../../base/tokens.ts';
import type { DecisionLog } from '../../storage/decisions.ts';
import { type Analysis, analyse, type CountTokens } from './analyse.ts';
import { decide, type RoutingResult } from './decide.ts';
import { fromStored, type TextEmbedding, toStored } from './learn/embedding-regression.ts';
import { featuresOf, type TextFeatures } from './learn/features.ts';
import { Learner, type Shadow } from './learn/learner.ts';
import { unpackFeatures } from './learn/packed-features.ts';
import type { PolicyName, RoutingConfig } from './policies.ts';
import { type EmbeddingSource, RecentRequests } from './recent-requests.ts';
import {
  type DecisionRecord,
  decisionNotFound,
  type OutcomeUpdate,
  type RouterShapes,
  scoreOf,
  withUpdate,
} from './records.ts';
import { type Replay, replay } from './replay.ts';
import type { Candidate, Decision, RouteRequest, Router, Selection, SelectRequest } from './router.ts';
import { readRecord, recordOf } from './stored-record.ts';
import { loadTokenCounter } from './tokens.ts';

/** Lives as long as the daemon. */
export interface Routing extends Router {
  /** What would be decided; nothing is asked or recorded. Waits until past outcomes are learned. */
  analyse(
    request: RouteRequest,
    options: { profile: string; signal: AbortSignal; policy?: PolicyName | undefined },
  ): Promise<RouteAnalysis>;
  /** Records how a decided request ended. Each call adds to what is known already. */
  finish(decisionId: string, update: OutcomeUpdate, profile: string): Promise<void>;
  /** Throws UserError `decision-not-found`. */
  decision(profile: string, id: string): Promise<DecisionRecord>;
  decisions(profile: string, query: { since?: number; limit?: number }): Promise<DecisionRecord[]>;
  replay(profile: string, query: { policy: PolicyName; since?: number }): Promise<Replay>;
  /**
   * Learns from a profile's stored outcomes. The profile's first request starts this by itself, and does not wait for
   * it.
   */
  recall(profile: string): Promise<void>;
  /** Forgets what was learned of a profile. */
  forget(profile: string): void;
  /** How well a profile's outcomes are predicted, by model. */
  shadows(profile: string): Shadow[];
}

export interface RouteAnalysis {
  analysis: Analysis;
  decision?: Decision;
  excluded: { model: string; reason: string }[];
  /** Why there is no decision. */
  problem?: string;
  /** How well this profile's outcomes are predicted, by model. */
  shadows: Shadow[];
}

export interface RoutingDeps {
  /**
   * `named` is offered too where its provider is there and could not list its models. With `refresh`, the providers of this machine
   * that say which models they have loaded are asked anew.
   */
  models(signal: AbortSignal, options?: { named?: string | undefined; refresh?: 'local' }): Promise<Candidate[]>;
  /** What went wrong the last time they were listed, in a sentence each. */
  listNotes?(): readonly string[];
  /** What of config.json can't be read: models may be missing for it. */
  configProblems?(): readonly string[];
  routing?: () => RoutingConfig;
  /** Where a profile's decisions are recorded. */
  decisions?: (profile: string) => DecisionLog<RouterShapes>;
  /** Embeds the texts of outcomes. Without it, only words and shapes are learned from. */
  embeddings?: EmbeddingSource;
  now?: () => number;
  /** Called when a decision could not be stored, or past ones could not be read. The request goes on. */
  onUnsaved?(error: unknown): void;
}

const defaultRouting: RoutingConfig = { policy: 'local-first', rules: [] };

export function createRouter(deps: RoutingDeps): Routing {
  return new LearningRouter(deps);
}

/**
 * Lives as long as the daemon. Its memory is of recent requests and of what was learned; everything else is in the
 * decision log.
 */
class LearningRouter implements Routing {
  readonly #deps: RoutingDeps & { routing(): RoutingConfig; now(): number; onUnsaved(error: unknown): void };
  readonly #recentRequests: RecentRequests;
  readonly #learners: Learners;
  #counter: Promise<CountTokens> | undefined;

  constructor({ routing = () => defaultRouting, now = Date.now, onUnsaved = () => {}, ...deps }: RoutingDeps) {
    this.#deps = { ...deps, routing, now, onUnsaved };
    this.#recentRequests = new RecentRequests(deps.embeddings);
    this.#learners = new Learners({
      decisions: deps.decisions,
      onUnread: onUnsaved,
      embeddingModel: () => this.#recentRequests.model,
    });
  }

  async select(selectRequest: SelectRequest, signal: AbortSignal): Promise<Selection> {
    const { decisions, now, onUnsaved } = this.#deps;
    const { result, ...facts } = await this.#consider(selectRequest, signal);
    if (result.kind !== 'chosen') throw failureOf(result, this.#deps);
    const { decision, candidate } = result;
    if (!decisions) return { decision, candidate };
    const id = randomUUID();
    const { request, localOnly, profile } = selectRequest;
    if (request && !localOnly) this.#recentRequests.remember(id, request.text); // the embedding model may run elsewhere
    decisions(profile)
      .save(recordOf(result, { id, at: now(), request: selectRequest, ...facts }))
      .catch(onUnsaved); // an answer does not wait for its record
    return { decision: { ...decision, id }, candidate, decisionId: id };
  }

  async analyse(
    request: RouteRequest,
    { profile, signal, policy }: { profile: string; signal: AbortSignal; policy?: PolicyName | undefined },
  ): Promise<RouteAnalysis> {
    this.#counter ??= loadTokenCounter(); // only here, since loading it would delay a first answer
    await this.#learners.recall(profile).catch(this.#deps.onUnsaved); // only here, for the same reason
    const countTokens = await this.#counter;
    const { result, analysis } = await this.#consider({ task: 'chat', profile, request, policy }, signal, countTokens);
    if (!analysis) throw new Error('a request without an analysis');
    const shadows = this.shadows(profile);
    if (result.kind !== 'chosen')
      return { analysis, excluded: [], problem: failureOf(result, this.#deps).message, shadows };
    return {
      analysis,
      decision: result.decision,
      excluded: result.excluded.map(({ candidate, reason }) => ({ model: candidate.id, reason })),
      shadows,
    };
  }

  async finish(decisionId: string, update: OutcomeUpdate, profile: string): Promise<void> {
    const log = this.#deps.decisions?.(profile);
    if (!log) return;
    await log.finish(decisionId, update);
    if (scoreOf(withUpdate({}, update)) === undefined) return;
    const learner = this.#learners.of(profile);
    const record = readRecord(await log.decision(decisionId));
    teach(learner, record, fromStored(record.outcome?.meaning, this.#recentRequests.model));
    await runInSteps(learner.refit());
    this.#learnEmbedding(decisionId, profile).catch(() => {}); // in the background; without an embedding, its words remain
  }

  async decision(profile: string, id: string): Promise<DecisionRecord> {
    const log = this.#deps.decisions?.(profile);
    if (!log) throw decisionNotFound();
    return readRecord(await log.decision(id));
  }

  async decisions(profile: string, query: { since?: number; limit?: number }): Promise<DecisionRecord[]> {
    return ((await this.#deps.decisions?.(profile).list(query)) ?? []).map(readRecord);
  }

  async replay(
    profile: string,
    { policy, ...query }: { policy: PolicyName; since?: number; limit?: number },
  ): Promise<Replay> {
    return replay(await this.decisions(profile, query), policy);
  }

  recall(profile: string): Promise<void> {
    return this.#learners.recall(profile);
  }

  forget(profile: string): void {
    this.#learners.forget(profile);
    this.#recentRequests.forget();
  }

  shadows(profile: string): Shadow[] {
    return this.#learners.of(profile).shadows();
  }

  /** What would be chosen, and what that was decided from. */
  async #consider(
    selectRequest: SelectRequest,
    signal: AbortSignal,
    countTokens: CountTokens = estimateTokens,
  ): Promise<{
    result: RoutingResult;
    analysis: Analysis | undefined;
    features: TextFeatures | undefined;
    policy: PolicyName;
  }> {
    const { request, task, profile, explicit: named, loadedOnly } = selectRequest;
    const candidates = await this.#deps.models(signal, { named, ...(loadedOnly && { refresh: 'local' }) });
    const analysis = request && analyse(request, { task, countTokens });
    throwIfCancelled(signal);
    const features = request && featuresOf(request.text);
    const learner = this.#learners.of(profile);
    const embedding = request && this.#recentRequests.known(request.text);
    const state = features ? { expect: (model: string) => learner.expect(model, features, embedding) } : {};
    const routing = withPolicy(this.#deps.routing(), selectRequest.policy);
    const result = decide(selectRequest, { candidates, analysis, routing, state });
    return { result, analysis, features, policy: routing.policy };
  }

  async #learnEmbedding(decisionId: string, profile: string): Promise<void> {
    const embedding = await this.#recentRequests.embeddingOf(decisionId);
    const log = this.#deps.decisions?.(profile);
    if (!embedding || !log) return;
    await log.finish(decisionId, { meaning: toStored(embedding) });
    teach(this.#learners.of(profile), readRecord(await log.decision(decisionId)), embedding);
  }
}

interface LearnersDeps {
  decisions: RoutingDeps['decisions'];
  onUnread(error: unknown): void;
  /** Stored embeddings of any other model are left out. */
  embeddingModel(): string | undefined;
}

/** A learner for each profile, taught the profile's stored outcomes at its first use. Lives as long as the router. */
class Learners {
  readonly #deps: LearnersDeps;
  readonly #learners = new Map<string, { learner: Learner; recalled?: Promise<void> }>();

  constructor(deps: LearnersDeps) {
    this.#deps = deps;
  }

  of(profile: string): Learner {
    const { learner } = this.#entry(profile);
    this.recall(profile).catch(this.#deps.onUnread); // an answer does not wait for it
    return learner;
  }

  recall(profile: string): Promise<void> {
    const entry = this.#entry(profile);
    entry.recalled ??= this.#read(profile, entry.learner);
    return entry.recalled;
  }

  forget(profile: string): void {
    this.#learners.delete(profile);
  }

  #entry(profile: string): { learner: Learner; recalled?: Promise<void> } {
    const entry = this.#learners.get(profile) ?? { learner: new Learner() };
    this.#learners.set(profile, entry);
    return entry;
  }

  async #read(profile: string, learner: Learner): Promise<void> {
    const records = (await this.#deps.decisions?.(profile).list({})) ?? [];
    // Replay in stored order and refit at the same points, so that a model trusted before a restart is trusted after
    // it.
    for (const record of records.reverse().map(readRecord)) {
      const embedding = fromStored(record.outcome?.meaning, this.#deps.embeddingModel());
      if (teach(learner, record, embedding)) await runInSteps(learner.refit());
    }
  }
}

/** A window cannot lift the configuration's `local-only`. */
function withPolicy(config: RoutingConfig, policy: PolicyName | undefined): RoutingConfig {
  return policy === undefined || config.policy === 'local-only' ? config : { ...config, policy };
}

/** Returns whether there was something to learn. */
function teach(
  learner: Learner,
  { id, model, record: { features }, outcome }: DecisionRecord,
  embedding?: TextEmbedding,
): boolean {
  const score = outcome && scoreOf(outcome);
  if (score === undefined || !features) return false;
  const text = typeof features === 'string' ? unpackFeatures(features) : features;
  learner.observe({ id, model, text, embedding, score });
  return true;
}

/** Runs one step per turn of the event loop, so that a long fit does not block it. */
async function runInSteps(steps: Generator<void, void>): Promise<void> {
  while (!steps.next().done) await setImmediate();
}

const maxNamed = 5; // a sentence, not a catalogue

function failureOf(
  result: Exclude<RoutingResult, { kind: 'chosen' }>,
  deps: Pick<RoutingDeps, 'listNotes' | 'configProblems'>,
): UserError {
  switch (result.kind) {
    case 'no-model': {
      const [listNotes, problems] = [deps.listNotes?.() ?? [], deps.configProblems?.() ?? []];
      if (problems.length > 0)
        return new UserError(
          'invalid-config',
          `No model was found, and config.json has mistakes: ${problems.slice(0, maxNamed).join('; ')}. Correct them, then try again.`,
        );
      if (listNotes.length > 0)
        return new UserError(
          'no-healthy-model',
          `No model can answer right now. ${listNotes.slice(0, maxNamed).join(' ')}`,
          {
            retryable: true,
          },
        );
      return new UserError(
        'no-model',
        'No model is set up yet. Add an API key (`switchyard keys set openai`), start Ollama, or add a GGUF file (`switchyard models add FILE`).',
      );
    }
    case 'model-not-found': {
      const known = result.known.slice(0, maxNamed).join(', ') + (result.known.length > maxNamed ? ', …' : '');
      return new UserError(
        'model-not-found',
        `There's no model "${result.id}". ${known ? `Choose one of ${known}.` : 'No other models are available.'}`,
      );
    }
    case 'no-able-model':
      return new UserError(
        'no-able-model',
        `No model can answer this. ${listed(result.models)}. Add one that can, or ask for less.`,
      );
    case 'no-vision':
      return new UserError(
        'no-vision',
        `No model here can see pictures. ${listed(result.models)}. Add one that can: a model with vision in Ollama, such as gemma3, a small one on this machine (\`switchyard models pull smolvlm-256m\`), or a key for OpenAI, Anthropic, or Google. Or ask about the text in the picture with @ocr.`,
      );
    case 'no-healthy-model':
      return new UserError(
        'no-healthy-model',
        `No model can answer right now. ${listed(result.models)}. Fix one of them, or add another.`,
        { retryable: true },
      );
  }
}

function listed(models: readonly { id: string; detail: string }[]): string {
  return models
    .slice(0, maxNamed)
    .map(({ id, detail }) => `${id}: ${detail.replace(/\.$/, '')}`)
    .join('; ');
}
