// The few value types of text and errors that every message shares. Positions are LSP's: zero-based lines, UTF-16 columns.
import * as z from 'zod';

export const Position = z.object({ line: z.number().int().min(0), character: z.number().int().min(0) });
export const Range = z.object({ start: Position, end: Position });
export const TextDocument = z.object({ uri: z.string(), version: z.number().int().nullish() });
export const TextEdit = z.object({ range: Range, newText: z.string() });
/** The part of LSP's WorkspaceEdit that we send: edits bound to the version they were made for. */
export const WorkspaceEdit = z.object({
  documentChanges: z.array(
    z.object({
      textDocument: z.object({ uri: z.string(), version: z.number().int().nullable() }),
      edits: z.array(TextEdit),
    }),
  ),
});
/** Streaming requests name a token; their parts come as `$/progress` under it. */
export const PartialResultToken = z.union([z.string(), z.number()]).optional();
export const WorkDoneToken = z.union([z.string(), z.number()]).optional();

export type Position = z.infer<typeof Position>;
export type Range = z.infer<typeof Range>;
export type TextEdit = z.infer<typeof TextEdit>;
export type WorkspaceEdit = z.infer<typeof WorkspaceEdit>;

/** `data` of every error with code -32803 (RequestFailed); its message says what to do next. */
export const ErrorData = z.object({ code: z.string(), retryable: z.boolean() });
export type ErrorData = z.infer<typeof ErrorData>;
