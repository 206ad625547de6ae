// Which of the characters that were read stands in which of the places that hold one. Pure.

export interface ReadCharacter {
  text: string;
  /** Where its middle is, in cells. */
  at: number;
}

export interface Place {
  /** Where its middle is, in cells. */
  at: number;
  /** The character itself, where that is known. */
  mark?: string | undefined;
}

// Costs in cells.
const skipCost = 0.9; // a character without a place, or a place without a character
const skipMarkCost = 0.4; // Tesseract leaves marks out
const otherMarkCost = 0.6;
const noMarkCost = 0.3;
const marks = new Set(['_', "'", '"', '`']);
/** Boxes of single characters are rough, so a line of which as many were read as there are places is taken in order. */
const maxDrift = 1.5; // cells, on average

/** For each place the index of its character; undefined where none was read. Both come from the left. */
export function aligned(characters: readonly ReadCharacter[], places: readonly Place[]): (number | undefined)[] {
  if (isInOrder(characters, places)) return places.map((_, index) => index);
  const costs = costsOf(characters, places);
  const result: (number | undefined)[] = places.map(() => undefined);
  let character = characters.length;
  let place = places.length;
  while (character > 0 && place > 0) {
    const cost = costs[character]?.[place] ?? 0;
    const [read, here] = [characters[character - 1], places[place - 1]];
    if (!read || !here) break;
    if (cost === (costs[character - 1]?.[place - 1] ?? 0) + matchCost(read, here)) {
      result[place - 1] = character - 1;
      character--;
      place--;
    } else if (cost === (costs[character - 1]?.[place] ?? 0) + skipCost) character--;
    else place--;
  }
  return result;
}

function isInOrder(characters: readonly ReadCharacter[], places: readonly Place[]): boolean {
  if (characters.length !== places.length) return false;
  let drift = 0;
  for (const [index, { at, mark }] of places.entries()) {
    const read = characters[index];
    if (!read || (mark !== undefined && mark !== read.text)) return false;
    drift += Math.abs(read.at - at);
  }
  return drift <= maxDrift * places.length;
}

/** Of the best alignment of the first characters with the first places. */
function costsOf(characters: readonly ReadCharacter[], places: readonly Place[]): number[][] {
  const first = [0];
  for (const place of places) first.push((first.at(-1) ?? 0) + skipPlaceCost(place));
  const costs = [first];
  for (const [index, character] of characters.entries()) {
    const above = costs[index] ?? [];
    const row = [(index + 1) * skipCost];
    for (const [column, place] of places.entries())
      row.push(
        Math.min(
          (above[column] ?? 0) + matchCost(character, place),
          (above[column + 1] ?? 0) + skipCost,
          (row[column] ?? 0) + skipPlaceCost(place),
        ),
      );
    costs.push(row);
  }
  return costs;
}

function matchCost({ text, at }: ReadCharacter, place: Place): number {
  const distance = Math.abs(at - place.at);
  if (place.mark !== undefined) return distance + (place.mark === text ? 0 : otherMarkCost);
  return distance + (marks.has(text) ? noMarkCost : 0);
}

function skipPlaceCost({ mark }: Place): number {
  return mark === undefined ? skipCost : skipMarkCost;
}
