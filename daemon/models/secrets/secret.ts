// A secret as it was found in a text.

export interface Secret {
  /** As the user is told: `GitHub token`. */
  kind: string;
  start: number;
  end: number;
  /** From 0 to 1: how sure it is that this is a secret at all. */
  confidence: number;
}

/** The judgement on a piece of text, which need not be read again, whether or not it is a secret. */
export interface Judgement {
  end: number;
  secret?: Secret;
}
