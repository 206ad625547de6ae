// What reaches the web for the agent: searches with the user's engine, and pages that are named.
import type { WebConfig } from '../../base/config/web.ts';
import type { Fetch } from '../../base/egress.ts';
import { UserError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { AgentTool } from '../agent/tools/tool.ts';
import { WebSearch } from './engines/web-search.ts';
import { Pages } from './pages.ts';
import { PageReader } from './reading/reader.ts';
import { type DeepSearchDeps, deepSearchTool } from './tools/deep-search.ts';
import { fetchTool } from './tools/fetch-tool.ts';
import { webSearchTool } from './tools/search-tool.ts';

export interface WebDeps extends Pick<DeepSearchDeps, 'models'> {
  files: { pageReader: string };
  config: { readonly config: { web: WebConfig } };
  keys: {
    get(provider: string, scope?: string): Promise<string | undefined>;
    has(provider: string, scope?: string): Promise<boolean>;
  };
  requestContext: { readonly workspace: string | undefined };
  egress: {
    fetchFor(own: { publicOnly?: boolean }): Fetch;
    refusalFor(url: URL, own?: { publicOnly?: boolean }): UserError | undefined;
  };
  log: Log;
}

/** Lives as long as the daemon. */
export interface Web extends AsyncDisposable {
  tools: readonly AgentTool[];
  /** For `doctor`: which engine there is. Asks nobody. */
  examine(): Promise<{ ok: boolean; detail: string }>;
}

export function createWeb({ files, config, keys, requestContext, egress, models, log }: WebDeps): Web {
  const reader = new PageReader({ hostPath: files.pageReader, log });
  const pages = new Pages({ fetch: egress.fetchFor({ publicOnly: true }), reader });
  const search = new WebSearch({
    config: () => config.config.web,
    keys: {
      get: (engine) => keys.get(engine, requestContext.workspace),
      has: (engine) => keys.has(engine, requestContext.workspace),
    },
    fetch: egress.fetchFor({}),
    refusalFor: (url) => egress.refusalFor(url),
  });
  const refusalFor = (url: URL): UserError | undefined => egress.refusalFor(url, { publicOnly: true });
  return {
    tools: [webSearchTool(search), fetchTool({ pages, refusalFor }), deepSearchTool({ search, pages, models })],
    async examine() {
      try {
        const { name, host } = await search.engine();
        return { ok: true, detail: `searched with ${name} (${host})` };
      } catch (error) {
        if (error instanceof UserError) return { ok: true, detail: error.message }; // nobody has to have one
        throw error;
      }
    },
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };
}
