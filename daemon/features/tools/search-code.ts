// The tool that searches the code of the folders that the client named.
import * as z from 'zod';
import type { ModelGate } from '../../ignore/gate.ts';
import type { Contexts } from '../mentions/contexts.ts';
import { needFolder, pathOf } from './places.ts';
import type { ToolText } from './result.ts';
import type { Tool } from './tool.ts';

interface SearchCodeDeps {
  contexts: Pick<Contexts, 'code'>;
  gate: ModelGate;
}

const Arguments = z.strictObject({
  query: z
    .string()
    .trim()
    .min(1)
    .max(2000)
    .describe('What to look for: a question, or words that the code uses. It is matched by words and by meaning.'),
});

export function searchCodeTool({ contexts, gate }: SearchCodeDeps): Tool<typeof Arguments> {
  return {
    name: 'search_code',
    title: 'Search code',
    description:
      'Finds the pieces of code in the workspace that answer a question, such as "where are retries counted". It needs no exact words.',
    reads: 'the files in the folders that the client named, without ignored files and files that hold secrets',
    asksModels: false,
    arguments: Arguments,
    async run({ query }, { session, profile, signal, report }) {
      needFolder(session);
      report('Bringing the index of the code up to date');
      const { attachments, notes } = await contexts.code(query, { session, profile, signal });
      const pieces = await Promise.all(
        attachments.map(async ({ uri, range, languageId, text }): Promise<ToolText | undefined> => {
          if (await gate.refusal(uri, session.roots, 'was not shown')) return undefined; // ignored since it was indexed
          const lines = range ? `:${range.start.line + 1}-${range.end.line + 1}` : '';
          return { source: `${pathOf(uri, session)}${lines}`, text, ...(languageId && { languageId }) };
        }),
      );
      return [...notes, ...pieces.filter((piece) => piece !== undefined)];
    },
  };
}
