// The router over a list of models: asks for the list, decides, and turns a lack of choice into a sentence.
import { throwIfCancelled, UserError } from '../base/errors.ts';
import { decide, type Outcome } from './decide.ts';
import type { Candidate, Router } from './router.ts';

export function createRouter({ models }: { models(signal: AbortSignal): Promise<Candidate[]> }): Router {
  return {
    async select(wanted, signal) {
      const candidates = await models(signal);
      throwIfCancelled(signal);
      const outcome = decide(wanted, candidates);
      if (outcome.kind === 'chosen') return { decision: outcome.decision, candidate: outcome.candidate };
      throw failureOf(outcome);
    },
  };
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
    case 'no-healthy-model': {
      const details = outcome.models.slice(0, mostNamed).map(({ id, detail }) => `${id}: ${detail.replace(/\.$/, '')}`);
      return new UserError('no-healthy-model', `No model can answer now. ${details.join('; ')}. Mend one of them, or add another.`, { retryable: true });
    }
  }
}
