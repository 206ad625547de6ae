// TABLE of the agent's own tools.
import type { Ignore } from '../../../ignore/ignore.ts';
import { type DelegateDeps, delegateTool } from '../sub-agents/delegate.ts';
import { askTool } from './ask.ts';
import { listingOf } from './choices/choices.ts';
import { type EditToolDeps, editTool } from './edit.ts';
import { createFolderFiles } from './folder-files.ts';
import { listTool } from './list.ts';
import { planTool } from './plan.ts';
import { readTool } from './read.ts';
import { programTool, type RunToolDeps } from './run.ts';
import { type SearchToolDeps, searchTool } from './search.ts';
import { thinkTool } from './think.ts';
import type { AgentTool, ToolRun } from './tool.ts';

export interface AgentToolsDeps extends Omit<SearchToolDeps & DelegateDeps & EditToolDeps & RunToolDeps, 'files'> {
  ignore: Ignore;
  /** Those that reach the web. */
  webTools: readonly AgentTool[];
}

export interface AgentTools {
  readonly trusted: readonly AgentTool[];
  /** In a folder that isn't trusted nothing but the index is searched. */
  readonly untrusted: readonly AgentTool[];
  /** For models that call tools in words: what a trusted folder has. */
  listing(run: ToolRun): Promise<string>;
}

export function createAgentTools(deps: AgentToolsDeps): AgentTools {
  const files = createFolderFiles(deps.ignore);
  return {
    trusted: [
      readTool(files),
      listTool(files),
      searchTool({ ...deps, files }),
      editTool({ ...deps, files }),
      programTool({ ...deps, files }),
      askTool,
      planTool,
      thinkTool,
      delegateTool({ ...deps, files }),
      ...deps.webTools,
    ],
    untrusted: [searchTool({ ...deps, files }, { indexOnly: true })],
    listing: (run) => listingOf(files, run),
  };
}
