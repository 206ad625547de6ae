// Messages about code that models write: inline actions on a piece of it, and writing with a review.
import * as z from 'zod';
import { Decision } from './chat.ts';
import { request } from './define.ts';
import { JobStage } from './jobs.ts';
import { PartialResultToken, Range, TextDocument, WorkDoneToken, WorkspaceEdit } from './text.ts';

export const CodeActionKind = z.enum(['fix', 'explain', 'tests', 'document', 'improve', 'ask']);

export const EditFormat = z.enum(['blocks', 'function', 'file']);

/** What is heard of an edit while a model writes it. None of it is an edit until the result says so. */
export const CodePart = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text: z.string() }),
  /** The text so far was the model's thinking. */
  z.object({ kind: z.literal('thought') }),
  /** Where the text goes: in place of the lines of the range, or before its first line. */
  z.object({ kind: z.literal('place'), uri: z.string(), range: Range, isInsertion: z.boolean() }),
  /** The text from here on is in this form; the text so far didn't work in another. */
  z.object({ kind: z.literal('format'), format: EditFormat, why: z.string() }),
]);

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
      /** What the user wants; `ask` needs it. */
      instruction: z.string().min(1).max(10_000).optional(),
      /** For `ask`: what was asked of the same lines before, and the code that came of it; the first first. */
      previous: z
        .array(z.object({ instruction: z.string().min(1).max(10_000), code: z.string().max(200_000) }))
        .max(20)
        .optional(),
      /** The user wants another answer than the last one to the same words. */
      retry: z.boolean().optional(),
      model: z.string().optional(),
      partialResultToken: PartialResultToken,
      workDoneToken: WorkDoneToken,
    }),
    part: CodePart,
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

export const WriteJudge = z.object({
  /** `undecided`: nobody said anything that can be used, or the answer depends on the order of the candidates. */
  verdict: z.enum(['approved', 'rejected', 'undecided']),
  /** Probability that you keep the code, 0..1; `null` until there are enough outcomes to calibrate it. */
  confidence: z.number().min(0).max(1).nullable(),
  calibrated: z.boolean(),
  /** On what the coder and the reviewer disagree. */
  conflicts: z.array(z.string()),
  /** Why the judge's answer could not be read: the end of a sentence that begins with the judge. */
  parseError: z.string().optional(),
});

export const CodeWrite = request(
  'switchyard/code/write',
  'Writes code by a coder, a reviewer and a judge, held to outside checks; an edit to preview. It is a job, which goes on where it stopped.',
  {
    params: z.object({
      instruction: z.string().min(1).max(100_000),
      /** An open document; of a new file an empty one. Left out, the code belongs to no file. */
      textDocument: TextDocument.optional(),
      /** Expanded to whole lines; the whole document when absent. */
      range: Range.optional(),
      model: z.string().optional(),
      /** Commands as a program and its arguments, for a copy of the project. The job asks the user before it runs them. */
      tests: z
        .array(z.array(z.string().min(1)).min(1).max(100))
        .max(10)
        .optional(),
      /** The user has allowed the tests to run: nothing is asked. */
      testsAllowed: z.boolean().optional(),
      partialResultToken: PartialResultToken,
      workDoneToken: WorkDoneToken,
    }),
    part: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('stage'), detail: z.string() }),
      z.object({ kind: z.literal('text'), text: z.string() }),
    ]),
    result: z.object({
      /** The job's id. */
      runId: z.string(),
      code: z.string(),
      /** Absent where the answer may not be applied, or belongs to no file. */
      edit: WorkspaceEdit.optional(),
      version: z.number().int().nullable().optional(),
      judge: WriteJudge,
      stages: z.array(JobStage),
      /** What to know before using it; absent where it is approved and passes the checks. */
      label: z.string().optional(),
      notes: z.array(z.string()),
      decision: Decision.optional(),
    }),
  },
);

export const CodeTests = request(
  'switchyard/code/tests',
  'The tests of a project that may check a file, the nearest first, each with the command that runs it. Nothing is run.',
  {
    params: z.object({ textDocument: TextDocument }),
    result: z.object({
      tests: z.array(
        z.object({
          /** From the folder of the project. */
          path: z.string(),
          /** As `switchyard/code/write` takes it. */
          command: z.array(z.string()),
        }),
      ),
    }),
  },
);

export type CodeActionKind = z.infer<typeof CodeActionKind>;
