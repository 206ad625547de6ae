// An analyser's report, before it is placed in the document.
import type { Severity } from '../types.ts';

/**
 * Both count from one. A tool counts columns in UTF-16 units, characters (code points) or UTF-8 bytes; the row says
 * which.
 */
export interface LineColumn {
  line: number;
  column: number;
}

export interface ReportedFix {
  start: LineColumn;
  end: LineColumn;
  text: string;
}

export interface ToolReport {
  /** Absolute, or relative to the folder the tool ran in; the reviewed file when absent. */
  path?: string;
  start: LineColumn;
  /** Absent where the tool names only a start. */
  end?: LineColumn;
  severity: Severity;
  message: string;
  rule?: string;
  fix?: ReportedFix;
}

/** That a tool ran and has not looked at the file. `left-out` where it was not to look. The reason follows the tool's name. */
export interface Unread {
  state: 'failed' | 'left-out';
  why: string;
}

/** Why a file is left out that the project does not want this tool to read. */
export const leftOutByConfiguration = "leaves it out by the project's configuration";

export type ColumnUnit = 'utf16' | 'characters' | 'bytes';

/** The fields of an unknown value; none when it is not an object. A tool's JSON is trusted no more than a model's. */
export function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

export function items(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(fields) : [];
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Undefined unless both are numbers from 1 (line) and 0 (column) on. */
export function lineColumnFrom(line: unknown, column: unknown): LineColumn | undefined {
  return typeof line === 'number' && line >= 1 && typeof column === 'number' && column >= 0
    ? { line, column: Math.max(1, column) }
    : undefined;
}
