// The tool that searches the web. The user is asked about the engine, which reads each query; "always" holds for that engine.
import * as z from 'zod';
import { escapeHidden } from '../../../../shared/hidden-characters.ts';
import { counted } from '../../../../shared/words/counted.ts';
import { hashOf } from '../../agent/approvals/identity.ts';
import { argumentsOf } from '../../agent/tools/arguments.ts';
import type { AgentTool } from '../../agent/tools/tool.ts';
import { titleQuote } from '../../tools/result.ts';
import { refuseSecrets } from '../addresses.ts';
import type { WebSearch } from '../engines/web-search.ts';

const Arguments = z.object({ query: z.string().trim().min(1).max(400) });

export function webSearchTool(web: Pick<WebSearch, 'engine' | 'search'>): AgentTool {
  return {
    name: 'web-search',
    description: 'Searches the web for pages.',
    parameters: { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] },
    kind: 'web',
    async prepare(given, { signal }) {
      const { query } = argumentsOf(Arguments, given, 'web-search');
      const { id, name, host } = await web.engine();
      refuseSecrets(query, host);
      const words = titleQuote(query);
      return {
        title: `Search the web for ${words}`,
        source: `the web results for ${words}`,
        approval: {
          shown: {
            kind: 'web',
            text: `Send this search to ${name} ("always" holds for every search with it)?`,
            input: escapeHidden(query),
            canAlways: true,
          },
          identity: hashOf(['web-search', id, host]),
        },
        async perform() {
          const found = await web.search(query, signal);
          const lines = found.map(({ title, url, text }, index) => `${index + 1}. ${title}\n   ${url}\n   ${text}`);
          return {
            ok: true,
            text:
              lines.length > 0
                ? [{ source: `Found by ${name}`, text: lines.join('\n') }]
                : [`${name} found nothing for ${words}.`],
            summary: `Searched the web for ${words}, ${counted(found.length, 'page')}.`,
            isMaterial: true,
          };
        },
      };
    },
  };
}
