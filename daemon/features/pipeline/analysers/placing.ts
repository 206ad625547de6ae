// From a tool's lines and columns to a range of the document, with the code under it. Pure.

import { cleanCode, cleanMessage } from '../../../base/clean-text.ts';
import { offsetAt, positionAt, type Range, textIn } from '../../../base/snippet.ts';
import { lineAt, type ReviewTarget } from '../target.ts';
import type { Draft } from '../types.ts';
import type { ColumnUnit, LineColumn, ToolReport } from './report.ts';

const analyserConfidence = 0.95; // a compiler or linter is seldom wrong about what it reports
const maxMessageChars = 1000;

/** The report as a draft. Undefined when its line is not in this document. */
export function draftFrom(
  report: ToolReport,
  target: ReviewTarget,
  tool: { name: string; columns: ColumnUnit },
): Draft | undefined {
  if (report.start.line > target.starts.length) return undefined;
  const position = (lineColumn: LineColumn) => positionOf(lineColumn, target, tool.columns);
  const reported = widened({ start: position(report.start), end: position(report.end ?? report.start) }, target);
  const fix = report.fix && {
    range: { start: position(report.fix.start), end: position(report.fix.end) },
    text: cleanCode(report.fix.text),
  };
  const { range, replacement } = fix ? joined(reported, fix, target) : { range: reported, replacement: undefined };
  return {
    range,
    severity: report.severity,
    category: report.rule === 'syntax' ? 'syntax' : 'analyser',
    message: cleanMessage(report.message, maxMessageChars),
    source: tool.name,
    confidence: analyserConfidence,
    ...(report.rule && { rule: report.rule }),
    ...(replacement !== undefined && { replacement }),
  };
}

function positionOf(lineColumn: LineColumn, target: ReviewTarget, unit: ColumnUnit): Range['start'] {
  const line = Math.min(lineColumn.line, target.starts.length) - 1;
  const text = lineAt(target, line);
  return { line, character: Math.min(utf16Length(text, lineColumn.column - 1, unit), text.length) };
}

/** UTF-16 units taken by so many characters or bytes at the start of a line. */
function utf16Length(line: string, count: number, unit: ColumnUnit): number {
  if (unit === 'utf16') return count;
  let [length, counted] = [0, 0];
  for (const character of line) {
    if (counted >= count) break;
    counted += unit === 'characters' ? 1 : Buffer.byteLength(character);
    length += character.length;
  }
  return length;
}

const token = /^(?:[\p{L}\p{N}_$]+|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|\S)/u;

/**
 * An empty range is widened to the token at its start. On an empty line it becomes the code line above, since evidence
 * must not be blank.
 */
function widened(range: Range, target: ReviewTarget): Range {
  if (textIn(target.snippet.text, range).trim() !== '') return range;
  const { line, character } = range.start;
  const found = token.exec(lineAt(target, line).slice(character))?.[0];
  if (found) return { start: range.start, end: { line, character: character + found.length } };
  for (let above = line; above >= 0; above--) {
    const code = lineAt(target, above);
    if (code.trim() !== '')
      return {
        start: { line: above, character: code.search(/\S/) },
        end: { line: above, character: code.trimEnd().length },
      };
  }
  return range;
}

/**
 * The range that spans report and fix, and its text after the fix, since a replacement replaces a finding's whole
 * range.
 */
function joined(
  reported: Range,
  fix: { range: Range; text: string },
  target: ReviewTarget,
): { range: Range; replacement: string } {
  const { text } = target.snippet;
  const [reportedStart, reportedEnd] = [
    offsetAt(text, reported.start, target.starts),
    offsetAt(text, reported.end, target.starts),
  ];
  const [fixStart, fixEnd] = [
    offsetAt(text, fix.range.start, target.starts),
    offsetAt(text, fix.range.end, target.starts),
  ];
  const [start, end] = [Math.min(reportedStart, fixStart), Math.max(reportedEnd, fixEnd)];
  const range = { start: positionAt(text, start, target.starts), end: positionAt(text, end, target.starts) };
  const replacement = text.slice(start, fixStart) + fix.text + text.slice(fixEnd, end);
  return { range: replacement === '' ? onItsOwnLines(range, target) : range, replacement };
}

/**
 * Whole lines deleted with the line break before them are deleted with the one after instead, so that the finding
 * begins at its code.
 */
function onItsOwnLines(range: Range, target: ReviewTarget): Range {
  const isAtLineEnd = ({ line, character }: Range['start']) => character === lineAt(target, line).length;
  const isWholeLines =
    range.start.line < range.end.line &&
    isAtLineEnd(range.start) &&
    isAtLineEnd(range.end) &&
    range.end.line + 1 < target.starts.length;
  return isWholeLines
    ? { start: { line: range.start.line + 1, character: 0 }, end: { line: range.end.line + 1, character: 0 } }
    : range;
}
