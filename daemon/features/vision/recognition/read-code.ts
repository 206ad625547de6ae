// Reads a text in a monospaced font line by line. Where characters stand is known from the grid, so spaces and indentation are those of
// the picture; what they are is what Tesseract reads, and what the characters that look the same were read as.
import { aligned } from './align.ts';
import type { Engine } from './engine.ts';
import { type Cell, cellsOf, type Grid } from './grid.ts';
import type { Ink } from './ink.ts';
import { linePicture } from './line-picture.ts';
import type { RecognizedLine } from './messages.ts';
import type { Row } from './rows.ts';
import { type Candidate, settled, shapeOf } from './votes.ts';

interface PlacedCandidate extends Candidate {
  row: number;
  cell: Cell;
}

/** A text of which less than this was read where the grid has characters is no code, whatever the grid says. */
const minRead = 0.8;

/** Undefined where what is read does not fit the grid. */
export function readCode(
  ink: Ink,
  { rows, grid }: { rows: readonly Row[]; grid: Grid },
  engine: Engine,
): RecognizedLine[] | undefined {
  const candidates = rows.flatMap((row, index) =>
    row.hasInk ? readRow(ink, row, { grid, engine }).map((candidate) => ({ ...candidate, row: index })) : [],
  );
  const read = candidates.filter(({ text }) => text !== undefined).length;
  if (read < candidates.length * minRead) return undefined;
  const texts = settled(candidates);
  return rows.map((row, index) => {
    const own = candidates.flatMap((candidate, at) =>
      candidate.row === index ? [{ ...candidate, text: texts[at] ?? unknown }] : [],
    );
    return lineOf(own, row);
  });
}

const unknown = '?';

function readRow(
  ink: Ink,
  row: Row,
  { grid, engine }: { grid: Grid; engine: Engine },
): Omit<PlacedCandidate, 'row'>[] {
  const cells = cellsOf(ink, row, grid);
  const picture = linePicture(ink, row, { cells, grid });
  const symbols = engine.read(picture, 'line').flatMap((symbol) => [...symbol.text].map((text) => ({ ...symbol, text })));
  const placed = symbols.map(({ left, right }) => ({ at: (left + right) / 2 / picture.cell }));
  const matches = aligned(
    placed,
    picture.middles.map((middle) => middle / picture.cell),
  );
  return cells.map((cell, index) => {
    const match = matches[index];
    const symbol = match === undefined ? undefined : symbols[match];
    return { cell, shape: shapeOf(ink, row, cell), text: symbol?.text, confidence: symbol?.confidence ?? 0 };
  });
}

function lineOf(characters: readonly (PlacedCandidate & { text: string })[], { top, bottom }: Row): RecognizedLine {
  let text = '';
  for (const { cell, text: character } of characters) text = text.padEnd(cell.column) + character;
  const left = characters[0]?.cell.left ?? 0;
  const right = characters.at(-1)?.cell.right ?? 0;
  const confidence = characters.reduce((sum, each) => sum + each.confidence, 0) / Math.max(1, characters.length);
  return {
    text,
    confidence: characters.length === 0 ? 1 : confidence,
    box: {
      left: Math.max(0, Math.round(left)),
      top,
      width: Math.round(right - left),
      height: bottom - top,
    },
  };
}
