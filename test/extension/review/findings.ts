import type { Finding } from '../../../shared/protocol/review.ts';

/** On a line, from 0. */
export function finding({ line = 0, ...over }: Partial<Finding> & { line?: number } = {}): Finding {
  return {
    id: 'f',
    uri: 'file:///shop/src/cart.ts',
    range: { start: { line, character: 2 }, end: { line, character: 7 } },
    severity: 'error',
    category: 'correctness',
    message: 'Subtracts instead of adding.',
    evidence: 'a - b',
    source: 'lab/tiny',
    confidence: 0.9,
    ...over,
  };
}
