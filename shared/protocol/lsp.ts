// The part of LSP that the daemon reads, as the same kind of constants. Loose on purpose: fields that are not read are let through.
import * as z from 'zod';
import { ClientOptions } from './daemon.ts';
import { request } from './define.ts';
import { Range, TextDocument, WorkDoneToken } from './text.ts';

const Anything = z.unknown();
const flag = z.boolean().nullish();

export const Initialize = request('initialize', 'Begins a session.', {
  params: z.object({
    clientInfo: z.object({ name: z.string(), version: z.string().nullish() }).nullish(),
    rootUri: z.string().nullish(),
    workspaceFolders: z.array(z.object({ uri: z.string(), name: z.string() })).nullish(),
    initializationOptions: z.object({ switchyard: ClientOptions.nullish() }).nullish().catch(null),
    capabilities: z
      .object({
        workspace: z
          .object({ applyEdit: flag, workspaceEdit: z.object({ documentChanges: flag }).nullish() })
          .nullish(),
        window: z.object({ workDoneProgress: flag, showDocument: z.object({ support: flag }).nullish() }).nullish(),
        textDocument: z
          .object({
            codeAction: z.object({ codeActionLiteralSupport: Anything.nullish() }).nullish(),
            publishDiagnostics: Anything.nullish(),
          })
          .nullish(),
      })
      .nullish(),
  }),
  result: z.object({ capabilities: Anything, serverInfo: z.object({ name: z.string(), version: z.string() }) }),
});
export const Shutdown = request('shutdown', 'Ends a session, not the daemon.', { params: Anything, result: z.null() });

export const DidChangeConfiguration = request(
  'workspace/didChangeConfiguration',
  'The settings that may change while a session goes on: `settings.switchyard`.',
  {
    params: z.object({
      settings: z
        .object({ switchyard: ClientOptions.pick({ policy: true, budgets: true, model: true }).nullish() })
        .nullish()
        .catch(null),
    }),
    result: z.void(),
  },
);

export const DidOpen = request('textDocument/didOpen', 'A document is open in the editor.', {
  params: z.object({
    textDocument: z.object({ uri: z.string(), languageId: z.string(), version: z.number().int(), text: z.string() }),
  }),
  result: z.void(),
});
export const DidChange = request('textDocument/didChange', 'A document changed in the editor.', {
  params: z.object({
    textDocument: z.object({ uri: z.string(), version: z.number().int() }),
    contentChanges: z.array(z.object({ range: Range.optional(), text: z.string() })),
  }),
  result: z.void(),
});
export const DidClose = request('textDocument/didClose', 'A document was closed in the editor.', {
  params: z.object({ textDocument: z.object({ uri: z.string() }) }),
  result: z.void(),
});
export const Diagnostics = request('textDocument/diagnostic', 'The findings of a document, asked for.', {
  params: z.object({ textDocument: TextDocument, previousResultId: z.string().nullish() }),
  result: Anything,
});
export const CodeActions = request('textDocument/codeAction', 'What the light bulb offers; no model is asked for it.', {
  params: z.object({
    textDocument: TextDocument,
    range: Range,
    context: z.object({
      diagnostics: z.array(
        z.object({
          range: Range,
          message: z.string(),
          source: z.string().nullish(),
          code: z.union([z.string(), z.number()]).nullish().catch(undefined),
          data: Anything.optional(),
        }),
      ),
      only: z.array(z.string()).nullish(),
    }),
  }),
  result: Anything,
});
export const CodeActionResolve = request(
  'codeAction/resolve',
  "The edit of a light bulb's row, where it needs no model.",
  {
    params: z.looseObject({ title: z.string(), data: Anything.optional() }),
    result: Anything,
  },
);
export const ExecuteCommand = request(
  'workspace/executeCommand',
  'A command, for clients without methods of their own.',
  {
    params: z.object({ command: z.string(), arguments: z.array(Anything).nullish(), workDoneToken: WorkDoneToken }),
    result: Anything,
  },
);
