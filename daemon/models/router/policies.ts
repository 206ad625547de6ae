// The policies as one table: how much each part of a model's score counts. The user's own rules come before every
// policy.

const policyNames = ['local-first', 'cheapest', 'best', 'fastest', 'local-only'] as const;
export type PolicyName = (typeof policyNames)[number];

/** The parts of a score, each 0 to 1. An unknown part is left out. */
export interface ScoreParts {
  /** How good its answers are in general. */
  quality: number;
  /** How well that quality suits the request: too weak is bad, far too strong is a waste. */
  match: number;
  /** 1 costs nothing. */
  cost?: number;
  speed: number;
  /** 1 is loaded, or the first in the configuration. */
  preference: number;
  /** The predicted outcome, learned from this user's past outcomes. */
  learned?: number;
}

export interface Policy {
  weights: { [part in keyof ScoreParts]-?: number };
  /** Models elsewhere come after all that run on this machine, or not at all. */
  elsewhere: 'alike' | 'last' | 'never';
  /** What the policy looks for, where it compares all models. */
  aim?: {
    part: keyof ScoreParts;
    /** What is said of a model that has the most of it, and of one that has nearly as much. */
    most: string;
    nearly: string;
    /** What keeps out a model that suits better. */
    lacks?: string;
  };
}

export const policies: Readonly<Record<PolicyName, Policy>> = {
  'local-first': {
    weights: { quality: 0, match: 4, cost: 1, speed: 1, preference: 2, learned: 2 },
    elsewhere: 'last',
  },
  cheapest: {
    weights: { quality: 0, match: 1, cost: 8, speed: 0, preference: 1, learned: 1 },
    elsewhere: 'alike',
    aim: { part: 'cost', most: 'cheapest model', nearly: 'among the cheapest', lacks: 'costs more' },
  },
  best: {
    weights: { quality: 8, match: 1, cost: 0, speed: 0, preference: 1, learned: 4 },
    elsewhere: 'alike',
    aim: { part: 'quality', most: 'strongest model', nearly: 'among the strongest' },
  },
  fastest: {
    weights: { quality: 0, match: 1, cost: 0, speed: 8, preference: 1, learned: 1 },
    elsewhere: 'alike',
    aim: { part: 'speed', most: 'fastest model', nearly: 'among the fastest', lacks: 'is slower' },
  },
  'local-only': {
    weights: { quality: 0, match: 4, cost: 0, speed: 1, preference: 2, learned: 2 },
    elsewhere: 'never',
  },
};

/** A rule of the user: requests that match `when` go to the model `use`. A condition that is left out always holds. */
export interface RoutingRule {
  when: { task?: string | undefined; workspace?: string | undefined; language?: string | undefined };
  /** `provider/model` */
  use: string;
}

export interface RoutingConfig {
  policy: PolicyName;
  rules: readonly RoutingRule[];
}
