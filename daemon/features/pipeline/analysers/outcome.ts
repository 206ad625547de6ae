// What became of one analyser in one document: it has read it, or the reason why not. A run that succeeded is no look.
import { cleanMessage } from '../../../base/clean-text.ts';
import type { CoverageState } from '../verdict/coverage.ts';
import type { ToolOutput } from './run-tool.ts';

/** Whether an analyser looked at a document. */
export interface AnalyserLook {
  by: string;
  state: CoverageState;
  why?: string;
}

const maxReasonChars = 300;

/** How a run ended that can be no look, in words that follow the analyser's name; undefined where it ended by itself. */
export function endOf({ ended, exitCode }: ToolOutput, timeoutMs: number): string | undefined {
  if (ended === 'timeout') return `took longer than ${timeoutMs / 1000} seconds`;
  if (ended === 'output-too-large') return 'printed too much';
  return exitCode === null ? 'was killed' : undefined;
}

/** The tool's own words of what went wrong. */
export function reasonOf(error: unknown, output: ToolOutput | undefined): string {
  const own = output?.stderr.trim() || (error instanceof Error ? error.message : String(error));
  return cleanMessage(own, maxReasonChars);
}
