// The runs of one review: what is asked of a tool twice in the same words is run once.
import { runTool, type ToolOutput, type ToolRun } from './run-tool.ts';

/** Lives as long as one review. */
export class ToolRuns {
  readonly #signal: AbortSignal;
  readonly #outputs = new Map<string, Promise<ToolOutput>>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Throws as `runTool` does. */
  run(run: ToolRun): Promise<ToolOutput> {
    const key = JSON.stringify(run);
    const known = this.#outputs.get(key);
    if (known) return known;
    const output = runTool(run, this.#signal);
    this.#outputs.set(key, output);
    return output;
  }
}
