// What an export or an import is given while it runs.

export interface Running {
  readonly signal: AbortSignal;
  /** Takes a sentence for the user. */
  onProgress(text: string): void;
}
