// The router over a list of models: reads the request, asks for the list, decides, writes the decision down, learns from outcomes.
// The thin shell around pure functions; it turns a lack of choice into a sentence.
import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled, UserError } from '../base/errors.ts';
import { analyse, type Analysis, type CountTokens } from './analyse.ts';
import { decide, type Outcome } from './decide.ts';
import { featuresOf } from './learn/features.ts';
import { Learner, type Shadow } from './learn/learner.ts';
import type { PolicyName, RoutingConfig } from './policies.ts';
import { decisionNotFound, type OutcomeNews, recordOf, scoreOf, withNews, type DecisionLog, type DecisionRecord } from './records.ts';
import { replay, type Replay } from './replay.ts';
import type { Candidate, Decision, Router, RouteRequest, Wanted } from './router.ts';
import { estimateTokens, loadTokenCounter } from './tokens.ts';

/** Lives as long as the daemon. */
export interface Routing extends Router {
  /** What would be decided; nothing is executed or written down. */
  analyse(request: RouteRequest, signal: AbortSignal, policy?: PolicyName): Promise<{ analysis: Analysis; decision?: Decision; excluded: { model: string; reason: string }[]; problem?: string }>;
  /** Tells how a decided request ended; called again when more is known, which is added to what was. */
  finish(decisionId: string, outcome: OutcomeNews): Promise<void>;
  /** Throws UserError `decision-not-found`. */
  decision(id: string): Promise<DecisionRecord>;
  decisions(query: { since?: number; limit?: number }): Promise<DecisionRecord[]>;
  replay(query: { policy: PolicyName; since?: number }): Promise<Replay>;
  /** Learns again from the outcomes that are stored; call it once after the start. */
  recall(): Promise<void>;
  /** How well outcomes are foretold, by model. */
  shadows(): Shadow[];
}

export interface RoutingParts {
  models(signal: AbortSignal): Promise<Candidate[]>;
  routing?: () => RoutingConfig;
  decisions?: DecisionLog;
  now?: () => number;
  /** Told when a decision could not be written down; the request goes on. */
  onUnsaved?(error: unknown): void;
}

const defaultRouting: RoutingConfig = { policy: 'local-first', rules: [] };

export function createRouter({ models, routing = () => defaultRouting, decisions, now = Date.now, onUnsaved = () => {} }: RoutingParts): Routing {
  const learner = new Learner();
  let counter: Promise<CountTokens> | undefined;
  const consider = async (wanted: Wanted, signal: AbortSignal, countTokens: CountTokens = estimateTokens) => {
    const candidates = await models(signal);
    const analysis = wanted.request && analyse(wanted.request, { task: wanted.task, countTokens });
    throwIfCancelled(signal);
    const features = wanted.request && featuresOf(wanted.request.text);
    const state = features ? { expect: (model: string) => learner.expect(model, features) } : {};
    const config = withPolicy(routing(), wanted.policy);
    return { outcome: decide(wanted, { candidates, analysis, routing: config, state }), analysis, features, policy: config.policy };
  };
  return {
    async select(wanted, signal) {
      const { outcome, ...seen } = await consider(wanted, signal);
      if (outcome.kind !== 'chosen') throw failureOf(outcome);
      const { decision, candidate } = outcome;
      if (!decisions) return { decision, candidate };
      const id = randomUUID();
      decisions.save(recordOf(outcome, { id, at: now(), wanted, ...seen })).catch(onUnsaved); // an answer does not wait for its record
      return { decision: { ...decision, id }, candidate, decisionId: id };
    },
    async analyse(request, signal, asked) {
      counter ??= loadTokenCounter(); // only here: loading it would hold a first answer up
      const { outcome, analysis } = await consider({ task: 'chat', request, policy: asked }, signal, await counter);
      if (!analysis) throw new Error('a request without an analysis');
      if (outcome.kind !== 'chosen') return { analysis, excluded: [], problem: failureOf(outcome).message };
      return { analysis, decision: outcome.decision, excluded: outcome.excluded.map(({ candidate, reason }) => ({ model: candidate.id, reason })) };
    },
    async finish(decisionId, outcome) {
      if (!decisions) return;
      await decisions.finish(decisionId, outcome);
      if (scoreOf(withNews({}, outcome)) === undefined) return;
      teach(learner, await decisions.decision(decisionId));
      await spread(learner.refit());
    },
    async decision(id) {
      if (!decisions) throw decisionNotFound();
      return decisions.decision(id);
    },
    decisions: async (query) => (await decisions?.list(query)) ?? [],
    replay: async ({ policy, ...query }) => replay((await decisions?.list(query)) ?? [], policy),
    async recall() {
      for (const record of ((await decisions?.list({})) ?? []).reverse()) teach(learner, record);
      await spread(learner.refit());
    },
    shadows: () => learner.shadows(),
  };
}

/** What the configuration holds on this machine no window sends elsewhere. */
function withPolicy(config: RoutingConfig, policy: PolicyName | undefined): RoutingConfig {
  return policy === undefined || config.policy === 'local-only' ? config : { ...config, policy };
}

function teach(learner: Learner, { id, model, record, outcome }: DecisionRecord): void {
  const score = outcome && scoreOf(outcome);
  if (score !== undefined && record.features) learner.observe({ id, model, text: record.features, score });
}

/** A long piece of work, one step a turn of the event loop. */
async function spread(steps: Generator<void, void>): Promise<void> {
  while (!steps.next().done) await setImmediate();
}

const mostNamed = 5; // a sentence, not a catalogue

function failureOf(outcome: Exclude<Outcome, { kind: 'chosen' }>): UserError {
  switch (outcome.kind) {
    case 'no-model':
      return new UserError('no-model', 'No model is configured. Add a key ("switchyard keys set openai" or "anthropic"), or start Ollama, or add a GGUF file to the models folder.');
    case 'model-not-found': {
      const known = outcome.known.slice(0, mostNamed).join(', ') + (outcome.known.length > mostNamed ? ', …' : '');
      return new UserError('model-not-found', `There is no model "${outcome.id}". ${known ? `Choose one of ${known}.` : 'No other model is on offer either.'}`);
    }
    case 'no-able-model':
      return new UserError('no-able-model', `No model can answer this. ${listed(outcome.models)}. Add one that can, or ask for less.`);
    case 'no-healthy-model':
      return new UserError('no-healthy-model', `No model can answer now. ${listed(outcome.models)}. Mend one of them, or add another.`, { retryable: true });
  }
}

function listed(models: readonly { id: string; detail: string }[]): string {
  return models.slice(0, mostNamed).map(({ id, detail }) => `${id}: ${detail.replace(/\.$/, '')}`).join('; ');
}
