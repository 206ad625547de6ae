// What a request to @switchyard names twice counts once. Pure.

interface Place {
  line: number;
  character: number;
}

export interface NamedPlace {
  uri: { toString(): string };
  /** Absent of a whole file. */
  range?: { start: Place; end: Place };
}

/** In their order. Two ranges of one file are two places. */
export function distinctPlaces<P extends NamedPlace>(places: readonly P[]): P[] {
  return [...new Map(places.map((place) => [keyOf(place), place])).values()];
}

function keyOf({ uri, range }: NamedPlace): string {
  const { start, end } = range ?? {};
  return JSON.stringify([uri.toString(), start?.line, start?.character, end?.line, end?.character]);
}
