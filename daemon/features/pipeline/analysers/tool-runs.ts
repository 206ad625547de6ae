// The runs of one review: what is asked of a tool twice in the same words is run once. Each run has an empty folder of its own for what
// the tool writes, which goes when it has ended.
import { temporaryFolder } from '../../../base/process/temporary-folder.ts';
import { runTool, type ToolOutput, type ToolRun } from './run-tool.ts';

/** The output, and the folder in which the tool ran. */
export interface EndedRun {
  output: ToolOutput;
  folder: string;
}

/** Lives as long as one review. */
export class ToolRuns {
  readonly #signal: AbortSignal;
  readonly #ended = new Map<string, Promise<EndedRun>>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** `key` says all that the run depends on. Throws as `runTool` does. */
  run(key: string, toRun: (scratch: string) => ToolRun): Promise<EndedRun> {
    const known = this.#ended.get(key);
    if (known) return known;
    const ended = this.#run(toRun);
    this.#ended.set(key, ended);
    return ended;
  }

  async #run(toRun: (scratch: string) => ToolRun): Promise<EndedRun> {
    await using scratch = await temporaryFolder('tool');
    const run = toRun(scratch.path);
    const places = { TMPDIR: scratch.path, TMP: scratch.path, TEMP: scratch.path };
    const environment = { ...places, ...run.environment };
    return { output: await runTool({ ...run, environment }, this.#signal), folder: run.folder };
  }
}
