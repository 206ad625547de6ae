// Messages about the tools that other agents may call: what there is, and one call.
import * as z from 'zod';
import { request } from './define.ts';
import { PartialResultToken } from './text.ts';

export const ToolDescription = z.object({
  name: z.string(),
  /** For people. */
  title: z.string(),
  /** For the model that decides whether to call it. */
  description: z.string(),
  /** What of the user's it reads, as a clause. */
  reads: z.string(),
  /** Whether a model is asked, which may be in a cloud, and cost something. */
  asksModels: z.boolean(),
  /** A JSON schema of an object. */
  inputSchema: z.record(z.string(), z.unknown()),
});

export const ToolsList = request(
  'switchyard/tools/list',
  'Lists the tools that other agents may call. None of them writes.',
  {
    params: z.object({}),
    result: z.object({ tools: z.array(ToolDescription) }),
  },
);

export const ToolsCall = request(
  'switchyard/tools/call',
  "Calls a tool for another agent, in the session's profile and folders. The result is text that quotes files and chats.",
  {
    params: z.object({
      name: z.string().max(200),
      arguments: z.record(z.string(), z.unknown()).optional(),
      partialResultToken: PartialResultToken,
    }),
    part: z.object({ kind: z.literal('progress'), text: z.string() }),
    result: z.object({ text: z.string() }),
  },
);

export type ToolDescription = z.infer<typeof ToolDescription>;
