// A secret as it was found in a text.

export interface Secret {
  /** As the user is told: `GitHub token`. */
  kind: string;
  start: number;
  end: number;
  /** From 0 to 1: how sure it is that this is a secret at all. */
  confidence: number;
}

/** A piece of text that was looked at and need not be again, whether or not it is a secret. */
export interface Judgement {
  end: number;
  secret?: Secret;
}
