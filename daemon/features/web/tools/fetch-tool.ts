// The tool that reads a page whose address is named. The user is asked about its host; "always" holds for that host.
import { LRUCache } from 'lru-cache';
import * as z from 'zod';
import { escapeHidden } from '../../../../shared/hidden-characters.ts';
import type { UserError } from '../../../base/errors.ts';
import { hashOf } from '../../agent/approvals/identity.ts';
import { argumentsOf } from '../../agent/tools/arguments.ts';
import type { AgentTool, ToolOutcome, ToolRun } from '../../agent/tools/tool.ts';
import { hasUsualPort, pageAddress } from '../addresses.ts';
import type { FetchedPage, Pages } from '../pages.ts';
import { partsOfText } from './page-parts.ts';

export interface FetchToolDeps {
  pages: Pick<Pages, 'fetch'>;
  /** What a request would be refused with before it is sent. */
  refusalFor(url: URL): UserError | undefined;
}

const Arguments = z.object({ url: z.string().min(1), part: z.coerce.number().int().min(1).catch(1).default(1) });
const maxKeptPages = 10;

export function fetchTool({ pages, refusalFor }: FetchToolDeps): AgentTool {
  /** Pages that a run has, so that a second part of one is no second request. */
  const kept = new LRUCache<string, FetchedPage>({ max: maxKeptPages });
  const pageFor = async (url: URL, part: number, { jobId, signal }: ToolRun): Promise<FetchedPage> => {
    const key = `${jobId} ${url.href}`;
    const known = part > 1 ? kept.get(key) : undefined;
    const page = known ?? (await pages.fetch(url, { signal }));
    kept.set(key, page);
    return page;
  };
  return {
    name: 'fetch',
    description: 'Reads a page of the web.',
    parameters: {
      type: 'object',
      properties: { url: { type: 'string' }, part: { type: 'integer' } },
      required: ['url'],
    },
    kind: 'web',
    async prepare(given, run) {
      const { url: written, part } = argumentsOf(Arguments, given, 'fetch');
      const url = pageAddress(written);
      const refusal = refusalFor(url);
      if (refusal) throw refusal;
      const isUsual = hasUsualPort(url);
      const always = isUsual ? ` ("always" holds for every page of ${url.host})` : ', at a port that pages seldom have';
      return {
        title: `Fetch ${url.href}${part > 1 ? `, part ${part}` : ''}`,
        source: url.href,
        approval: {
          shown: {
            kind: 'web',
            text: `Fetch a page from ${url.host}${always}?`,
            input: escapeHidden(url.href),
            canAlways: isUsual,
          },
          identity: hashOf(['fetch', url.protocol, url.host]),
          isDangerous: !isUsual,
        },
        perform: async () => outcomeOf(await pageFor(url, part, run), part),
      };
    },
  };
}

function outcomeOf({ url, title, text, languageId }: FetchedPage, wanted: number): ToolOutcome {
  const parts = partsOfText(text);
  const part = Math.min(wanted, parts.length);
  const more = part < parts.length ? [`This is part ${part} of ${parts.length}.`] : [];
  const source = title === '' ? url : `${title}, ${url}`;
  return {
    ok: true,
    text: [{ source, text: parts[part - 1] ?? '', languageId: languageId === 'markdown' ? '' : languageId }, ...more],
    summary: `Read ${url}${parts.length > 1 ? `, part ${part} of ${parts.length}` : ''}.`,
    isMaterial: true,
    sources: [url],
  };
}
