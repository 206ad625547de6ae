// Reads the text of a picture: as code where it is set in a monospaced font at one distance of lines, else as a page.
import type { PictureGrid } from '../pictures.ts';
import type { Engine } from './engine.ts';
import { gridOf } from './grid.ts';
import { inkOf } from './ink.ts';
import type { RecognizedLine } from './messages.ts';
import { readCode } from './read-code.ts';
import { readPage } from './read-page.ts';
import { rowsOf } from './rows.ts';

/** From top to bottom; empty where there is no text. */
export function readPicture(picture: PictureGrid, engine: Engine): RecognizedLine[] {
  const ink = inkOf(picture);
  if (!ink) return [];
  const rows = rowsOf(ink);
  const grid = rows && gridOf(ink, rows);
  return (rows && grid && readCode(ink, { rows, grid }, engine)) ?? readPage(ink, engine);
}
