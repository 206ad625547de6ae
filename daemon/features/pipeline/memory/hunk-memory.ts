// What models said of pieces of code in earlier reviews: a piece that is as it was is not asked about again.
import { createHash } from 'node:crypto';
import type { Findings } from '../../../storage/findings.ts';
import { promptIdentity } from '../review-prompt.ts';
import { type LineSpan, lineAt, type ReviewTarget } from '../target.ts';
import type { Claim, ReviewShapes } from '../types.ts';

export interface HunkMemoryDeps {
  findings: Pick<Findings<ReviewShapes>, 'hunkClaims' | 'keepHunkClaims'>;
  /** Look nothing up: all is asked again. What is said then is kept. */
  isFresh: boolean;
  /** Storage failed: the review goes on without it. */
  onFailure(error: unknown): void;
}

/** A piece of a document, as a model is shown it. */
export interface Hunk {
  target: ReviewTarget;
  window: LineSpan;
  /** What is shown beside it. */
  context: string;
  /** The project's rules for its document. */
  rules: string;
}

/** Lives as long as one review. */
export class HunkMemory {
  readonly #deps: HunkMemoryDeps;

  constructor(deps: HunkMemoryDeps) {
    this.#deps = deps;
  }

  /** What the model said of these pieces, for those that it has read before. */
  async recall<Piece extends Hunk>(pieces: readonly Piece[], model: string): Promise<Map<Piece, Claim[]>> {
    if (this.#deps.isFresh || pieces.length === 0) return new Map();
    const keys = new Map(pieces.map((piece) => [piece, keyOf(piece, model)]));
    try {
      const known = await this.#deps.findings.hunkClaims([...keys.values()]);
      return new Map(
        [...keys].flatMap(([piece, key]) => {
          const claims = known.get(key);
          return Array.isArray(claims) ? [[piece, claims.map((claim) => movedBy(claim, piece.window.first))]] : [];
        }),
      );
    } catch (error) {
      this.#deps.onFailure(error);
      return new Map();
    }
  }

  /** What a model answered to this very question. */
  async recallAnswer(question: string, model: string): Promise<string | undefined> {
    if (this.#deps.isFresh) return undefined;
    const key = keyOfQuestion(question, model);
    try {
      const said = (await this.#deps.findings.hunkClaims([key])).get(key);
      return said && !Array.isArray(said) ? said.answer : undefined;
    } catch (error) {
      this.#deps.onFailure(error);
      return undefined;
    }
  }

  /** The answer could be used, so that the question need not be asked again. */
  async keepAnswer(question: string, model: string, { uri, answer }: { uri: string; answer: string }): Promise<void> {
    const said = { key: keyOfQuestion(question, model), uri, claims: { answer } };
    await this.#deps.findings.keepHunkClaims([said]).catch((error) => this.#deps.onFailure(error));
  }

  /** A model has read the piece to its end. */
  async keep(piece: Hunk, model: string, claims: readonly Claim[]): Promise<void> {
    const { target, window } = piece;
    const kept = claims.map((claim) => movedBy(claim, -window.first));
    const hunk = { key: keyOf(piece, model), uri: target.snippet.uri, claims: kept };
    await this.#deps.findings.keepHunkClaims([hunk]).catch((error) => this.#deps.onFailure(error));
  }
}

function keyOfQuestion(question: string, model: string): string {
  return createHash('sha256')
    .update(JSON.stringify([model, question]))
    .digest('hex');
}

function movedBy(claim: Claim, lines: number): Claim {
  return { ...claim, line: claim.line + lines };
}

/** Of all that the answer depends on; not of where in its document the piece stands. */
function keyOf({ target, window, context, rules }: Hunk, model: string): string {
  const lines = Array.from({ length: window.last - window.first + 1 }, (_, i) => {
    const line = window.first + i;
    const isReviewed = target.lines.some((span) => line >= span.first && line <= span.last);
    return [isReviewed, lineAt(target, line)];
  });
  return createHash('sha256')
    .update(JSON.stringify([promptIdentity(target), model, context, rules, lines]))
    .digest('hex');
}
