// Which of the characters that were read stands in which of the places that hold one. Pure.

export interface PlacedSymbol {
  /** Where its middle is, in cells. */
  at: number;
}

const skipCost = 0.9; // cells: a character without a place, or a place without a character
/** Boxes of single characters are rough, so a line of which as many were read as there are places is taken in order. */
const maxDrift = 1.5; // cells, on average

/** For each place the index of its symbol; undefined where none was read. Both come from the left. */
export function aligned(symbols: readonly PlacedSymbol[], places: readonly number[]): (number | undefined)[] {
  if (symbols.length === places.length) {
    const drift = symbols.reduce((sum, { at }, index) => sum + Math.abs(at - (places[index] ?? 0)), 0);
    if (drift <= maxDrift * places.length) return places.map((_, index) => index);
  }
  const costs = costsOf(symbols, places);
  const result: (number | undefined)[] = places.map(() => undefined);
  let symbol = symbols.length;
  let place = places.length;
  while (symbol > 0 && place > 0) {
    const cost = costs[symbol]?.[place] ?? 0;
    const distance = Math.abs((symbols[symbol - 1]?.at ?? 0) - (places[place - 1] ?? 0));
    if (cost === (costs[symbol - 1]?.[place - 1] ?? 0) + distance) {
      result[place - 1] = symbol - 1;
      symbol--;
      place--;
    } else if (cost === (costs[symbol - 1]?.[place] ?? 0) + skipCost) symbol--;
    else place--;
  }
  return result;
}

/** Of the best alignment of the first symbols with the first places. */
function costsOf(symbols: readonly PlacedSymbol[], places: readonly number[]): number[][] {
  const costs = [places.map((_, index) => index * skipCost).concat(places.length * skipCost)];
  for (const [index, { at }] of symbols.entries()) {
    const above = costs[index] ?? [];
    const row = [(index + 1) * skipCost];
    for (const [column, place] of places.entries())
      row.push(
        Math.min(
          (above[column] ?? 0) + Math.abs(at - place),
          (above[column + 1] ?? 0) + skipCost,
          (row[column] ?? 0) + skipCost,
        ),
      );
    costs.push(row);
  }
  return costs;
}
