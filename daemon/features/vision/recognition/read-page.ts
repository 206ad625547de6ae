// Reads what is no code in a monospaced font: Tesseract finds the lines. Words that stand apart, as in tables, stay apart.
import type { Engine, ReadSymbol } from './engine.ts';
import type { GrayPicture, Ink } from './ink.ts';
import type { RecognizedLine } from './messages.ts';

const glyphHeight = 22; // pixels: an x of twelve points at 300 dots an inch
const maxScale = 4;
const maxPixels = 16_000_000;
/** Wider gaps than so many characters are more than one space. */
const wideGap = 2.5;
/** A gap between lines that is higher than so many lines is an empty line. */
const emptyLine = 1.6;

export function readPage(ink: Ink, engine: Engine): RecognizedLine[] {
  const fits = Math.sqrt(maxPixels / (ink.width * ink.height));
  const scale = Math.min(maxScale, fits, Math.max(1, glyphHeight / ink.glyphHeight));
  const lines = linesOf(engine.read(pagePicture(ink, scale), 'page'));
  if (lines.length === 0) return [];
  const characters = lines.flat();
  const width = median(characters.map(({ left, right }) => right - left));
  const left = Math.min(...lines.map(([first]) => first?.left ?? 0));
  const pitch = median(lines.slice(1).map((line, index) => topOf(line) - topOf(lines[index] ?? [])));
  return lines.flatMap((line, index) => {
    const before = lines[index - 1];
    const isApart = before !== undefined && topOf(line) - topOf(before) > pitch * emptyLine;
    const read = lineOf(line, { width, left, scale });
    return isApart ? [{ text: '', confidence: 1, box: { ...read.box, height: 0 } }, read] : [read];
  });
}

function pagePicture({ width, height, values, threshold }: Ink, scale: number): GrayPicture {
  const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
  const gray = new Uint8Array(wide * high);
  const strongest = Math.max(threshold * 2, values.reduce((most, value) => Math.max(most, value), 0) * 0.7);
  for (let y = 0; y < high; y++) {
    const sourceY = Math.max(0, Math.min(height - 1, (y + 0.5) / scale - 0.5));
    const top = Math.floor(sourceY);
    for (let x = 0; x < wide; x++) {
      const sourceX = Math.max(0, Math.min(width - 1, (x + 0.5) / scale - 0.5));
      const left = Math.floor(sourceX);
      const at = (dx: number, dy: number): number =>
        values[Math.min(height - 1, top + dy) * width + Math.min(width - 1, left + dx)] ?? 0;
      const upper = at(0, 0) + (at(1, 0) - at(0, 0)) * (sourceX - left);
      const lower = at(0, 1) + (at(1, 1) - at(0, 1)) * (sourceX - left);
      const value = upper + (lower - upper) * (sourceY - top);
      gray[y * wide + x] = 255 - Math.min(255, Math.round((value * 255) / strongest));
    }
  }
  return { width: wide, height: high, gray };
}

function linesOf(symbols: readonly ReadSymbol[]): ReadSymbol[][] {
  const lines: ReadSymbol[][] = [];
  for (const symbol of symbols) {
    const line = lines.at(-1);
    if (symbol.beginsLine || !line) lines.push([symbol]);
    else line.push(symbol);
  }
  return lines;
}

function lineOf(
  line: readonly ReadSymbol[],
  { width, left, scale }: { width: number; left: number; scale: number },
): RecognizedLine {
  let text = '';
  let end = left;
  for (const symbol of line) {
    const gap = (symbol.left - end) / width;
    if (text === '') text = gap > wideGap ? ' '.repeat(Math.round(gap)) : '';
    else if (symbol.beginsWord) text += ' '.repeat(gap > wideGap ? Math.round(gap) : 1);
    text += symbol.text;
    end = symbol.right;
  }
  const [start = 0, right = 0] = [line[0]?.left, line.at(-1)?.right];
  const [top, bottom] = [topOf(line), Math.max(...line.map((symbol) => symbol.bottom))];
  return {
    text,
    confidence: line.reduce((sum, { confidence }) => sum + confidence, 0) / line.length,
    box: {
      left: Math.round(start / scale),
      top: Math.round(top / scale),
      width: Math.round((right - start) / scale),
      height: Math.round((bottom - top) / scale),
    },
  };
}

function topOf(line: readonly ReadSymbol[]): number {
  return Math.min(...line.map(({ top }) => top));
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
