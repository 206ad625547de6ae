// How much is shown beside the code under review, by how fast a model reads on this machine. Pure.
import { charsPerToken } from '../windows.ts';

const maxSecondsBesidePiece = 8;
const maxSecondsForPanel = 60;
/** About the code of two screens: with less, nothing can be confirmed. */
const minPanelChars = 3000;
/** Steps are wide, since what a piece was shown with is part of what is remembered of it. */
const shares = [1, 1 / 2, 1 / 4, 1 / 8];

/** Characters beside a piece: what there is time for, then the other steps. A model that was never measured is shown everything. */
export function contextSteps(contextChars: number, tokensPerSecond: number | undefined): [number, ...number[]] {
  if (tokensPerSecond === undefined) return [contextChars];
  const room = maxSecondsBesidePiece * tokensPerSecond * charsPerToken;
  const steps = shares.map((share) => Math.floor(contextChars * share));
  const chosen = steps.find((chars) => chars <= room) ?? Math.min(...steps);
  return [chosen, ...steps.filter((chars) => chars !== chosen)];
}

/** Characters of the document in which findings are double-checked. */
export function panelChars(codeChars: number, tokensPerSecond: number | undefined): number {
  if (tokensPerSecond === undefined) return codeChars;
  return Math.min(codeChars, Math.max(minPanelChars, Math.floor(maxSecondsForPanel * tokensPerSecond * charsPerToken)));
}

/** A note for the user. */
export function cutForTime(model: string, tokensPerSecond: number): string {
  const speed = Number(tokensPerSecond.toPrecision(2));
  return `${model} reads about ${speed} ${speed === 1 ? 'token' : 'tokens'} per second here, so it was shown less of the surrounding code.`;
}
