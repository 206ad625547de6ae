// Messages about inline actions on a piece of code.
import * as z from 'zod';
import { Decision } from './chat.ts';
import { request } from './define.ts';
import { Range, TextDocument, WorkDoneToken, WorkspaceEdit } from './text.ts';

export const CodeActionKind = z.enum(['fix', 'explain', 'tests', 'document', 'improve']);

export const CodeAction = request(
  'switchyard/code/action',
  'Does one thing with the code in a range: an edit to preview, or a text to read.',
  {
    params: z.object({
      kind: CodeActionKind,
      textDocument: TextDocument,
      range: Range,
      /** The message of the diagnostic that the action is about. */
      diagnostic: z.string().max(10_000).optional(),
      model: z.string().optional(),
      workDoneToken: WorkDoneToken,
    }),
    result: z.object({
      edit: WorkspaceEdit.optional(),
      /** Also in place of an edit that may not be applied; `note` says why. */
      text: z.string().optional(),
      /** What the user should know about the answer, such as that another model gave it. */
      note: z.string().optional(),
      /** Which model answered, and why that one. */
      decision: Decision.optional(),
    }),
  },
);

export type CodeActionKind = z.infer<typeof CodeActionKind>;
