// Amounts of money as a person reads them.

/** US dollars with as many places as matter: `$12.35`, `$0.042`, `<$0.0001`, `$0`. */
export function formatUsd(usd: number): string {
  if (usd === 0) return '$0';
  if (usd < 0.0001) return '<$0.0001';
  return usd < 0.1 ? `$${Number(usd.toPrecision(2))}` : `$${usd.toFixed(2)}`;
}

/** For a price that may be unknown. */
export function priceWords(usd: number | null | undefined): string {
  return usd === null || usd === undefined ? 'not priced' : formatUsd(usd);
}
