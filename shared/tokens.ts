// Counts of tokens as a person reads them.

/** `950`, `1.2k`, `131k`, `1M`. */
export function formatTokens(count: number): string {
  if (count < 1000) return String(count);
  if (count < 100_000) return `${trimmed(count / 1000)}k`;
  return count < 1_000_000 ? `${Math.round(count / 1000)}k` : `${trimmed(count / 1_000_000)}M`;
}

function trimmed(value: number): string {
  return value.toFixed(1).replace(/\.0$/, '');
}
