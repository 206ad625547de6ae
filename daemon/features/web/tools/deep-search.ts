// The tool that looks into a question: a plan of searches, the pages they find, and a report that cites them, within a budget. Its models have
// no tools, and see the question and what was read alone.
import * as z from 'zod';
import { escapeHidden } from '../../../../shared/hidden-characters.ts';
import { hashOf } from '../../agent/approvals/identity.ts';
import { argumentsOf } from '../../agent/tools/arguments.ts';
import type { AgentTool } from '../../agent/tools/tool.ts';
import { titleQuote } from '../../tools/result.ts';
import { refuseSecrets } from '../addresses.ts';
import { DeepSearch, type DeepSearchDeps, maxPages } from './deep-search-run.ts';

export type { DeepSearchDeps };

const Arguments = z.object({ question: z.string().trim().min(1).max(1000) });

export function deepSearchTool(deps: DeepSearchDeps): AgentTool {
  return {
    name: 'deep-search',
    description: 'Reads several pages about a question and reports with links.',
    parameters: { type: 'object', properties: { question: { type: 'string' } }, required: ['question'] },
    kind: 'web',
    async prepare(given, run) {
      const { question } = argumentsOf(Arguments, given, 'deep-search');
      const { id, name, host } = await deps.search.engine();
      refuseSecrets(question, host);
      return {
        title: `Look into ${titleQuote(question)} on the web`,
        source: `the report on ${titleQuote(question)}`,
        approval: {
          shown: {
            kind: 'web',
            text: `Search the web with ${name} and read up to ${maxPages} of the pages it finds ("always" holds for every deep search with it)?`,
            input: escapeHidden(question),
            canAlways: true,
          },
          identity: hashOf(['deep-search', id, host]),
        },
        perform: () => new DeepSearch(deps, { question, run }).outcome(),
      };
    },
  };
}
