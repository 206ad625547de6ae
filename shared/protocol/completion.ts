// Messages about completion as you type: the standard request for ghost text, and what became of a suggestion.
import * as z from 'zod';
import { request } from './define.ts';
import { Position, Range, TextDocument } from './text.ts';

/** LSP 3.18 InlineCompletionTriggerKind. */
export const inlineTrigger = { invoked: 1, automatic: 2 } as const;

/** For clients that run commands when a suggestion is accepted: it reports the outcome. */
const AcceptedCommand = z.object({ title: z.string(), command: z.string(), arguments: z.array(z.unknown()) });

const InlineCompletionItem = z.object({
  insertText: z.string(),
  /** What it replaces: on the cursor's line, and empty in most cases. */
  range: Range,
  command: AcceptedCommand.optional(),
  /** Beyond the standard: by `id` its outcome is reported; the rest is for a status bar. */
  data: z.object({
    id: z.string(),
    /** `provider/model`. */
    model: z.string(),
    /** `typed`: what is left of a suggestion that is being typed; `ahead`: it was asked for before it was wanted. */
    from: z.enum(['model', 'typed', 'ahead']),
    latencyMs: z.number(),
    /** As the model wrote this one. */
    tokensPerSecond: z.number().optional(),
  }),
});

/** LSP's CompletionItem, of kind Text. */
const ListCompletionItem = z.object({
  label: z.string(),
  kind: z.literal(1),
  /** Which model wrote it. */
  detail: z.string(),
  /** The whole text where it has several lines. */
  documentation: z.string().optional(),
  /** Both begin with the word at the cursor, by which editors filter their lists. */
  filterText: z.string(),
  textEdit: z.object({ range: Range, newText: z.string() }),
  command: AcceptedCommand.optional(),
});

/** Beside `messages`, since LSP names it: `textDocument/inlineCompletion` of 3.18. */
export const InlineCompletion = request('textDocument/inlineCompletion', 'Ghost text at a position.', {
  params: z.object({
    textDocument: TextDocument,
    position: Position,
    context: z
      .object({
        triggerKind: z.number().int().default(inlineTrigger.automatic),
        /** What the editor's own list has selected: a suggestion has to begin with it. */
        selectedCompletionInfo: z.object({ range: Range, text: z.string() }).nullish(),
      })
      .default({ triggerKind: inlineTrigger.automatic }),
  }),
  result: z.object({
    items: z.array(InlineCompletionItem),
    /** Why there is no suggestion, where the user asked for one. */
    note: z.string().optional(),
    /** Of the prompt, where a model was asked: its tokens, and how many of them it had read before. */
    read: z.object({ tokens: z.number().int(), cached: z.number().int() }).optional(),
  }),
});

/** Beside `messages`, since LSP names it: for editors without ghost text that ask for it (`completion.inList`). */
export const ListCompletion = request('textDocument/completion', 'A suggestion as a row of the editor’s list.', {
  params: z.object({ textDocument: TextDocument, position: Position }),
  result: z.object({
    /** Each key asks anew. */
    isIncomplete: z.literal(true),
    items: z.array(ListCompletionItem),
  }),
});

export const CompletionOutcome = request(
  'switchyard/completion/outcome',
  'What became of a suggestion: whether it was accepted, and for how long it has stayed. It is stored on this machine alone.',
  {
    params: z.object({
      id: z.string(),
      accepted: z.boolean().optional(),
      /** Milliseconds after which the accepted text was still there; 0 where it was not. */
      keptAfterMs: z.number().min(0).optional(),
    }),
    result: z.object({}),
  },
);

export const CompletionFilter = request(
  'switchyard/completion/filter',
  'What was learned from what became of suggestions: where no model is asked, what decides it, and what that saves.',
  {
    params: z.object({}),
    result: z.object({
      /** Suggestions that it learns from, and those of them that were kept. */
      rows: z.number().int(),
      kept: z.number().int(),
      minRows: z.number().int(),
      /** Places where no model was asked, since the daemon started. */
      held: z.number().int(),
      /** Absent where all places are asked about. */
      filter: z
        .object({
          /** Below this probability of being kept, nothing is asked for. */
          threshold: z.number(),
          /** Shares of rows that it had not seen: calls that it saves, and kept suggestions that it loses. */
          saved: z.number(),
          lost: z.number(),
          /** The heaviest first; above 0, the more of it, the likelier a suggestion is kept. */
          weights: z.array(z.object({ name: z.string(), weight: z.number() })),
        })
        .optional(),
    }),
  },
);

export const CompletionForget = request(
  'switchyard/completion/forget',
  'Deletes what became of suggestions in this profile, and what was learned from it.',
  { params: z.object({}), result: z.object({}) },
);

/** Whether suggestions are on for a session, or in a document of it, and if not, why. */
export const CompletionState = z.object({
  state: z.enum(['on', 'off']),
  /** What is in the way, as errors have it: `ignored-file`, `no-completion-model`. Absent where it is turned off. */
  code: z.string().optional(),
  /** `provider/model`; absent where there is none. */
  model: z.string().optional(),
  /** A sentence with what to do about it. */
  why: z.string().optional(),
});

export type ListCompletionItem = z.infer<typeof ListCompletionItem>;
export type InlineCompletionItem = z.infer<typeof InlineCompletionItem>;
export type CompletionState = z.infer<typeof CompletionState>;
