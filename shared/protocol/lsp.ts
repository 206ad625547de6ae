// The part of LSP that the daemon reads, as the same kind of constants. Loose on purpose: fields that are not read are let through.
import * as z from 'zod';
import { ClientOptions } from './daemon.ts';
import { request } from './define.ts';
import { Range, TextDocument, WorkDoneToken } from './text.ts';

const Anything = z.unknown();
// A capability of a form that we don't know is one that the client doesn't have.
const flag = z.boolean().nullish().catch(null);
const Folder = z.object({ uri: z.string() });
const Folders = z.array(Folder.nullish().catch(null)).nullish();

/** The client's settings. One that is null or an empty list was left out. */
const Settings = <S extends z.ZodObject>(schema: S) =>
  z.preprocess((value) => (isTable(value) ? withoutEmpty(value) : undefined), schema.nullish());

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutEmpty(table: Record<string, unknown>): Record<string, unknown> {
  const isEmpty = (value: unknown) => value === null || (Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(table).filter(([, value]) => !isEmpty(value)));
}

export const Initialize = request('initialize', 'Begins a session.', {
  params: z.object({
    clientInfo: z.object({ name: z.string().nullish() }).nullish().catch(null),
    /** The older form of rootUri: a path. */
    rootPath: z.string().nullish(),
    rootUri: z.string().nullish(),
    workspaceFolders: Folders,
    initializationOptions: z
      .object({ switchyard: Settings(ClientOptions).optional() })
      .nullish()
      .catch(null),
    capabilities: z
      .object({
        workspace: z
          .object({ applyEdit: flag, workspaceEdit: z.object({ documentChanges: flag }).nullish().catch(null) })
          .nullish(),
        window: z
          .object({ workDoneProgress: flag, showDocument: z.object({ support: flag }).nullish().catch(null) })
          .nullish(),
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
        .object({
          switchyard: Settings(
            ClientOptions.pick({ policy: true, budgets: true, model: true, completion: true }),
          ).optional(),
        })
        .nullish()
        .catch(null),
    }),
    result: z.void(),
  },
);

export const WorkDoneCancel = request(
  'window/workDoneProgress/cancel',
  'The user stops work where its progress is shown.',
  { params: z.object({ token: z.union([z.string(), z.number()]) }), result: z.void() },
);

export const DidChangeWorkspaceFolders = request(
  'workspace/didChangeWorkspaceFolders',
  'The folders that the client works in have changed.',
  { params: z.object({ event: z.object({ added: Folders, removed: Folders }) }), result: z.void() },
);

/** The documents of which a client tells us; what it leaves out is what a plain, unnumbered text has. */
const version = z.number().int().nullish();

export const DidOpen = request('textDocument/didOpen', 'A document is open in the editor.', {
  params: z.object({
    textDocument: z.object({ uri: z.string(), languageId: z.string().nullish(), version, text: z.string() }),
  }),
  result: z.void(),
});
export const DidChange = request('textDocument/didChange', 'A document changed in the editor.', {
  params: z.object({
    textDocument: z.object({ uri: z.string(), version }),
    contentChanges: z.array(z.object({ range: Range.nullish(), text: z.string() })),
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
    context: z
      .object({
        diagnostics: z
          .array(
            z.object({
              range: Range,
              message: z.string(),
              source: z.string().nullish(),
              code: z.union([z.string(), z.number()]).nullish().catch(undefined),
              data: Anything.optional(),
            }),
          )
          .default([]),
        only: z.array(z.string()).nullish(),
      })
      .default({ diagnostics: [] }),
  }),
  result: Anything,
});
export const CodeActionResolve = request(
  'codeAction/resolve',
  "The edit of a light bulb's row, where it needs no model.",
  {
    params: z.looseObject({ title: z.string().nullish(), data: Anything.optional() }),
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
