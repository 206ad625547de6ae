// Reads a text in a monospaced font line by line. Where characters stand is known from the grid, so spaces and indentation are those of
// the picture; what they are is what Tesseract reads, and what the characters that look the same were read as.
import { aligned } from './align.ts';
import type { Engine } from './engine.ts';
import { type Cell, cellsOf, type Grid } from './grid.ts';
import type { Ink } from './ink.ts';
import { linePicture } from './line-picture.ts';
import type { RecognizedLine } from './messages.ts';
import { type LetterLines, letterLines, plainMark } from './plain-marks.ts';
import type { Row } from './rows.ts';
import { type Candidate, settled, shapeOf } from './votes.ts';

/** A character of the picture. */
interface Glyph extends Candidate {
  cell: Cell;
}

/** A text of which less than this was read where the grid has characters is no code, whatever the grid says. */
const minRead = 0.8;
/** Stands where there is a character that could not be read. */
const unreadable = '\uFFFD';

/** Undefined where what is read does not fit the grid. */
export function readCode(
  ink: Ink,
  { rows, grid }: { rows: readonly Row[]; grid: Grid },
  engine: Engine,
): RecognizedLine[] | undefined {
  const filled = rows.map((row) => ({ row, cells: row.hasInk ? cellsOf(ink, row, grid) : [] }));
  const lines = letterLines(
    ink,
    filled.flatMap(({ row, cells }) => cells.map((cell) => ({ row, cell }))),
  );
  const glyphs = filled.map(({ row, cells }) =>
    cells.length > 0 ? readRow(ink, row, { cells, grid, lines, engine }) : [],
  );
  const all = glyphs.flat();
  if (all.filter(({ text }) => text !== undefined).length < all.length * minRead) return undefined;
  const texts = new Map(settled(all).map((text, index) => [all[index], text ?? unreadable]));
  return filled.map(({ row }, index) =>
    lineOf(
      (glyphs[index] ?? []).map((glyph) => ({ ...glyph, text: texts.get(glyph) ?? unreadable })),
      row,
    ),
  );
}

interface RowOptions {
  cells: readonly Cell[];
  grid: Grid;
  lines: LetterLines | undefined;
  engine: Engine;
}

function readRow(ink: Ink, row: Row, { cells, grid, lines, engine }: RowOptions): Glyph[] {
  const picture = linePicture(ink, row, { cells, grid });
  const characters = engine
    .read(picture, 'line')
    .flatMap(({ text, left, right, confidence }) =>
      [...text].map((character) => ({ text: character, confidence, at: (left + right) / 2 / picture.cell })),
    );
  const places = cells.map((cell, index) => ({
    at: (picture.middles[index] ?? 0) / picture.cell,
    mark: lines && plainMark(ink, { row, cell }, lines),
  }));
  const matches = aligned(characters, places);
  return cells.map((cell, index) => {
    const mark = places[index]?.mark;
    if (mark !== undefined) return { cell, text: mark, confidence: 1, shape: undefined };
    const match = matches[index];
    const read = match === undefined ? undefined : characters[match];
    return { cell, text: read?.text, confidence: read?.confidence ?? 0, shape: shapeOf(ink, row, cell) };
  });
}

function lineOf(glyphs: readonly (Glyph & { text: string })[], { top, bottom }: Row): RecognizedLine {
  let text = '';
  for (const glyph of glyphs) text = text.padEnd(glyph.cell.column) + glyph.text;
  const left = Math.max(0, Math.round(glyphs[0]?.cell.left ?? 0));
  const right = Math.round(glyphs.at(-1)?.cell.right ?? left);
  const sum = glyphs.reduce((total, { confidence }) => total + confidence, 0);
  return {
    text,
    confidence: glyphs.length === 0 ? 1 : sum / glyphs.length,
    box: { left, top, width: right - left, height: bottom - top },
  };
}
