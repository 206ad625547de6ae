// What is stored as JSON, as its writer gave it. Storage never looks into it. The composition root says once, for all parts, what each is.

/** By default nothing is known of them. A part names the ones that it holds, so that a reader needs to name no others. */
export interface StoredShapes {
  /** What is attached to a message. */
  attachment: unknown;
  /** What an answer says of the choice of its model. */
  decision: unknown;
  /** Tokens that an answer took. */
  usage: unknown;
  finishReason: string;
  finding: unknown;
  /** Who looked at what in a review. */
  coverage: unknown;
  /** The lines that a finding is about, and those around them. */
  surroundings: unknown;
  /** What of a review is shown apart: what it held back, and what was solved. */
  aside: unknown;
  /** What a model said of a piece of code. */
  claims: unknown;
  /** Under which policy the router decided. */
  policy: string;
  /** What the router knew and weighed. */
  record: unknown;
  /** How a routed request ended. */
  outcome: object;
}
