// Why each model was chosen, and how its request ended.
import type { StoredShapes } from './shapes.ts';

type DecisionShapes = Pick<StoredShapes, 'policy' | 'record' | 'outcome'>;

/** Why a model was chosen: what the router knew and weighed, as it wrote it down. */
export interface StoredDecision<Shapes extends DecisionShapes = StoredShapes> {
  id: string;
  /** Milliseconds since the epoch. */
  at: number;
  profile: string;
  /** The chat that asked, with which the decision goes when it is deleted for good. */
  chat?: string;
  /** `provider/model` */
  model: string;
  policy: Shapes['policy'];
  record: Shapes['record'];
  /** How the request ended; absent until then. */
  outcome?: Shapes['outcome'];
}

/** What is learned of an outcome; a field that is `null` is removed from it. */
type OutcomeChange<Outcome> = { [Field in keyof Outcome]?: Outcome[Field] | null | undefined };

/** Of a profile's decisions that belong to no chat, the newest this many are kept. */
export const maxDecisionsWithoutChat = 2000;

export interface DecisionLog<Shapes extends DecisionShapes = StoredShapes> {
  save(decision: Omit<StoredDecision<Shapes>, 'outcome'>): Promise<void>;
  /** Adds to the outcome what is known now. Throws UserError `decision-not-found`. */
  finish(decisionId: string, outcome: OutcomeChange<Shapes['outcome']>): Promise<void>;
  /** Throws UserError `decision-not-found`. */
  decision(decisionId: string): Promise<StoredDecision<Shapes>>;
  /** Newest first; `since` is in milliseconds. At most 1000 when no limit is given. */
  list(query: { since?: number; limit?: number }): Promise<StoredDecision<Shapes>[]>;
}
