// The router over a list of models: reads the request, asks for the list, decides, writes the decision down, learns from outcomes.
// The thin shell around pure functions; it turns a lack of choice into a sentence.
import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled, UserError } from '../../base/errors.ts';
import type { DecisionLog } from '../../storage/decisions.ts';
import { type Analysis, analyse, type CountTokens } from './analyse.ts';
import { decide, type Outcome } from './decide.ts';
import { fromStored, type TextEmbedding, toStored } from './learn/embedding-model.ts';
import { featuresOf } from './learn/features.ts';
import { Learner, type Shadow } from './learn/learner.ts';
import type { PolicyName, RoutingConfig } from './policies.ts';
import { type EmbeddingSource, RecentRequests } from './recent-requests.ts';
import {
  type DecisionRecord,
  decisionNotFound,
  type OutcomeNews,
  type RouterShapes,
  recordOf,
  scoreOf,
  withNews,
} from './records.ts';
import { type Replay, replay } from './replay.ts';
import type { Candidate, Decision, RouteRequest, Router, SelectRequest } from './router.ts';
import { estimateTokens, loadTokenCounter } from './tokens.ts';

/** Lives as long as the daemon. */
export interface Routing extends Router {
  /** What would be decided; nothing is executed or written down. It waits for what is known of past outcomes. */
  analyse(
    request: RouteRequest,
    options: { profile: string; signal: AbortSignal; policy?: PolicyName | undefined },
  ): Promise<Analysed>;
  /** Tells how a decided request ended; called again when more is known, which is added to what was. */
  finish(decisionId: string, outcome: OutcomeNews, profile: string): Promise<void>;
  /** Throws UserError `decision-not-found`. */
  decision(profile: string, id: string): Promise<DecisionRecord>;
  decisions(profile: string, query: { since?: number; limit?: number }): Promise<DecisionRecord[]>;
  replay(profile: string, query: { policy: PolicyName; since?: number }): Promise<Replay>;
  /** Learns again from a profile's outcomes that are stored; its first request does so by itself, without waiting for it. */
  recall(profile: string): Promise<void>;
  /** Forgets what was learned of a profile. */
  forget(profile: string): void;
  /** How well a profile's outcomes are foretold, by model. */
  shadows(profile: string): Shadow[];
}

export interface Analysed {
  analysis: Analysis;
  decision?: Decision;
  excluded: { model: string; reason: string }[];
  /** Why there is no decision. */
  problem?: string;
  /** How well this profile's outcomes are foretold, by model. */
  shadows: Shadow[];
}

export interface RoutingDeps {
  models(signal: AbortSignal): Promise<Candidate[]>;
  routing?: () => RoutingConfig;
  /** Where a profile's decisions are written down. */
  decisions?: (profile: string) => DecisionLog<RouterShapes>;
  /** What embeds the texts of outcomes; left out, words and shapes are learned from alone. */
  meanings?: EmbeddingSource;
  now?: () => number;
  /** Told when a decision could not be written down, or past ones not read; the request goes on. */
  onUnsaved?(error: unknown): void;
}

const defaultRouting: RoutingConfig = { policy: 'local-first', rules: [] };

export function createRouter({
  models,
  routing = () => defaultRouting,
  decisions,
  meanings,
  now = Date.now,
  onUnsaved = () => {},
}: RoutingDeps): Routing {
  const asked = new RecentRequests(meanings);
  const learners = new Learners({ decisions, onUnread: onUnsaved, embeddingModel: () => asked.model });
  let counter: Promise<CountTokens> | undefined;
  const consider = async (wanted: SelectRequest, signal: AbortSignal, countTokens: CountTokens = estimateTokens) => {
    const candidates = await models(signal);
    const analysis = wanted.request && analyse(wanted.request, { task: wanted.task, countTokens });
    throwIfCancelled(signal);
    const features = wanted.request && featuresOf(wanted.request.text);
    const learner = learners.of(wanted.profile);
    const meaning = wanted.request && asked.known(wanted.request.text);
    const state = features ? { expect: (model: string) => learner.expect(model, features, meaning) } : {};
    const config = withPolicy(routing(), wanted.policy);
    return {
      outcome: decide(wanted, { candidates, analysis, routing: config, state }),
      analysis,
      features,
      policy: config.policy,
    };
  };
  const learnMeaning = async (decisionId: string, profile: string): Promise<void> => {
    const meaning = await asked.meaningOf(decisionId);
    const log = decisions?.(profile);
    if (!meaning || !log) return;
    await log.finish(decisionId, { meaning: toStored(meaning) });
    teach(learners.of(profile), await log.decision(decisionId), meaning);
  };
  return {
    async select(wanted, signal) {
      const { outcome, ...seen } = await consider(wanted, signal);
      if (outcome.kind !== 'chosen') throw failureOf(outcome);
      const { decision, candidate } = outcome;
      if (!decisions) return { decision, candidate };
      const id = randomUUID();
      if (wanted.request && !wanted.localOnly) asked.remember(id, wanted.request.text); // the embedding model may run elsewhere
      decisions(wanted.profile)
        .save(recordOf(outcome, { id, at: now(), wanted, ...seen }))
        .catch(onUnsaved); // an answer does not wait for its record
      return { decision: { ...decision, id }, candidate, decisionId: id };
    },
    async analyse(request, { profile, signal, policy }) {
      counter ??= loadTokenCounter(); // only here: loading it would hold a first answer up
      await learners.recall(profile).catch(onUnsaved); // likewise
      const { outcome, analysis } = await consider({ task: 'chat', profile, request, policy }, signal, await counter);
      if (!analysis) throw new Error('a request without an analysis');
      const shadows = learners.of(profile).shadows();
      if (outcome.kind !== 'chosen') return { analysis, excluded: [], problem: failureOf(outcome).message, shadows };
      return {
        analysis,
        decision: outcome.decision,
        excluded: outcome.excluded.map(({ candidate, reason }) => ({ model: candidate.id, reason })),
        shadows,
      };
    },
    async finish(decisionId, outcome, profile) {
      const log = decisions?.(profile);
      if (!log) return;
      await log.finish(decisionId, outcome);
      if (scoreOf(withNews({}, outcome)) === undefined) return;
      const learner = learners.of(profile);
      const record = await log.decision(decisionId);
      teach(learner, record, fromStored(record.outcome?.meaning, asked.model));
      await spread(learner.refit());
      learnMeaning(decisionId, profile).catch(() => {}); // in the background; without a model to embed it, its words remain
    },
    async decision(profile, id) {
      if (!decisions) throw decisionNotFound();
      return decisions(profile).decision(id);
    },
    decisions: async (profile, query) => (await decisions?.(profile).list(query)) ?? [],
    replay: async (profile, { policy, ...query }) => replay((await decisions?.(profile).list(query)) ?? [], policy),
    recall: (profile) => learners.recall(profile),
    forget: (profile) => {
      learners.forget(profile);
      asked.forget();
    },
    shadows: (profile) => learners.of(profile).shadows(),
  };
}

interface LearnersDeps {
  decisions: RoutingDeps['decisions'];
  onUnread(error: unknown): void;
  /** Meanings of any other are left out. */
  embeddingModel(): string | undefined;
}

/** A learner for each profile, which is told of its past at its first use. Lives as long as the router. */
class Learners {
  readonly #parts: LearnersDeps;
  readonly #known = new Map<string, { learner: Learner; recalled?: Promise<void> }>();

  constructor(parts: LearnersDeps) {
    this.#parts = parts;
  }

  of(profile: string): Learner {
    const { learner } = this.#entry(profile);
    this.recall(profile).catch(this.#parts.onUnread); // nobody's answer waits for it
    return learner;
  }

  recall(profile: string): Promise<void> {
    const entry = this.#entry(profile);
    entry.recalled ??= this.#read(profile, entry.learner);
    return entry.recalled;
  }

  forget(profile: string): void {
    this.#known.delete(profile);
  }

  #entry(profile: string): { learner: Learner; recalled?: Promise<void> } {
    const entry = this.#known.get(profile) ?? { learner: new Learner() };
    this.#known.set(profile, entry);
    return entry;
  }

  async #read(profile: string, learner: Learner): Promise<void> {
    const records = (await this.#parts.decisions?.(profile).list({})) ?? [];
    // In the order of then, with the fits of then: what was proven before a restart is proven after it.
    for (const record of records.reverse()) {
      const meaning = fromStored(record.outcome?.meaning, this.#parts.embeddingModel());
      if (teach(learner, record, meaning)) await spread(learner.refit());
    }
  }
}

/** What the configuration holds on this machine no window sends elsewhere. */
function withPolicy(config: RoutingConfig, policy: PolicyName | undefined): RoutingConfig {
  return policy === undefined || config.policy === 'local-only' ? config : { ...config, policy };
}

/** Whether there was something to learn. */
function teach(learner: Learner, { id, model, record, outcome }: DecisionRecord, meaning?: TextEmbedding): boolean {
  const score = outcome && scoreOf(outcome);
  if (score === undefined || !record.features) return false;
  learner.observe({ id, model, text: record.features, meaning, score });
  return true;
}

/** A long piece of work, one step a turn of the event loop. */
async function spread(steps: Generator<void, void>): Promise<void> {
  while (!steps.next().done) await setImmediate();
}

const maxNamed = 5; // a sentence, not a catalogue

function failureOf(outcome: Exclude<Outcome, { kind: 'chosen' }>): UserError {
  switch (outcome.kind) {
    case 'no-model':
      return new UserError(
        'no-model',
        'No model is configured. Add a key ("switchyard keys set openai" or "anthropic"), or start Ollama, or add a GGUF file to the models folder.',
      );
    case 'model-not-found': {
      const known = outcome.known.slice(0, maxNamed).join(', ') + (outcome.known.length > maxNamed ? ', …' : '');
      return new UserError(
        'model-not-found',
        `There is no model "${outcome.id}". ${known ? `Choose one of ${known}.` : 'No other model is on offer either.'}`,
      );
    }
    case 'no-able-model':
      return new UserError(
        'no-able-model',
        `No model can answer this. ${listed(outcome.models)}. Add one that can, or ask for less.`,
      );
    case 'no-healthy-model':
      return new UserError(
        'no-healthy-model',
        `No model can answer now. ${listed(outcome.models)}. Mend one of them, or add another.`,
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
