// Performs one code action: asks a model, and returns an edit to preview or a text to read. Changes no document.
import { UserError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Range, Snippet } from '../../base/snippet.ts';
import type { ModelGate } from '../../ignore/gate.ts';
import type { Ignore } from '../../ignore/ignore.ts';
import type { Attempt, Models } from '../../models/ask.ts';
import { type Decision, type ModelChoice, requestFor } from '../../models/router/router.ts';
import type { RewriteTurn } from '../pipeline/code-prompts.ts';
import type { EditForms } from '../pipeline/edits/edit-forms.ts';
import type { EditGate } from '../pipeline/edits/gate.ts';
import type { TextEdit } from '../pipeline/edits/placing.ts';
import { type EditListeners, type Rewrite, rewrite, writeAbout } from '../pipeline/rewrite.ts';
import { type ActionWords, actionPrompts, instructionFor } from './prompts.ts';
import { type TestCommand, testCommandsFor } from './test-commands.ts';
import { insertionRange, placeTests, type TestFile, testFileFor, testInstruction } from './test-file.ts';

export interface ActionRequest extends ModelChoice, ActionWords {
  snippet: Snippet;
  /** Expanded to whole lines. */
  range: Range;
  /** What was asked of the same lines before, the first first. */
  turns?: readonly RewriteTurn[];
  /** The user wants another answer than the last one. */
  isRetry?: boolean;
}

interface ActionOptions extends EditListeners {
  signal: AbortSignal;
  /** The folders, as URIs, whose rules say what is kept from models. */
  roots?: readonly string[];
  /** A document as its editor has it. */
  openDocument?(uri: string): Snippet | undefined;
}

/** Edits or a text, never both. An answer that may not be applied is a text too, and the note says why. */
interface ActionResult {
  edits?: TextEdit[];
  /** What the edits are of, where that is not the document of the request. */
  document?: Snippet;
  text?: string;
  /** Who answered, and why that one. */
  decision: Decision;
  /** Notes for the user about the answer. */
  note?: string;
}

export interface Actions {
  /** Throws UserError when the file is kept from models, when there is no model, no answer or nothing to change; CancelledError. */
  perform(request: ActionRequest, options: ActionOptions): Promise<ActionResult>;
  /** The tests that may check a file. Throws CancelledError. */
  testsFor(uri: string, options: { roots: readonly string[]; signal: AbortSignal }): Promise<TestCommand[]>;
}

interface ActionsDeps {
  models: Models;
  gate: ModelGate;
  ignore: Ignore;
  edits: EditGate;
  forms: EditForms;
  log: Log;
}

export function createActions({ models, gate, ignore, edits, forms, log }: ActionsDeps): Actions {
  return {
    testsFor: (uri, options) => testCommandsFor(uri, { ...options, ignore }),
    async perform(request, { roots = [], openDocument, ...heard }) {
      const { signal, onText } = heard;
      const { kind } = request;
      if (kind === 'ask' && request.instruction === undefined)
        throw new UserError('no-instruction', 'Say what should be done with the code.');
      await gate.refuseKept(request.snippet.uri, roots, "wasn't sent to a model");
      const search = { roots, ignore, signal, ...(openDocument && { openDocument }) };
      const tests = kind === 'tests' ? await testFileFor(request.snippet, search) : undefined;
      return models.ask({ wanted: requestFor('action', request), signal }, async (attempt) => {
        const { decision } = attempt;
        log.info({ action: kind, model: decision.model, reason: decision.reason }, 'inline action');
        const shown = (text: string): void => {
          attempt.isShown = true;
          onText?.(text);
        };
        const options = { ...heard, onText: shown };
        const { notes, ...result } =
          actionPrompts[kind].answer === 'edit'
            ? await edit(request, attempt, { ...options, forms })
            : tests
              ? await writeTests(request, attempt, { ...options, edits, tests })
              : await write(request, attempt, options);
        const allNotes = [...attempt.notes, ...notes];
        return { ...result, decision, ...(allNotes.length > 0 && { note: allNotes.join(' ') }) };
      });
    },
  };
}

const retryTemperature = 0.8; // at 0 a model says the same again

async function edit(
  { profile, snippet, range, turns = [], isRetry = false, ...words }: ActionRequest,
  model: Attempt,
  options: ActionOptions & { forms: EditForms },
): Promise<Rewrite> {
  const [first, ...later] = turns;
  const opening = instructionFor(first ? { ...words, instruction: first.instruction } : words);
  const asked = first ? (words.instruction ?? opening) : opening;
  const written = await rewrite({
    ...options,
    profile,
    snippet,
    range,
    model,
    temperature: isRetry ? retryTemperature : 0,
    instruction: isRetry && first ? retryInstruction : asked,
    turns: first ? [{ ...first, instruction: opening }, ...later] : [],
  });
  const last = turns.at(-1);
  const isSame = isRetry && last !== undefined && last.code === written.edits?.[0]?.newText;
  return isSame ? { ...written, notes: [...written.notes, sameAgain(model.id)] } : written;
}

const retryInstruction = "This isn't what I want. Do what I asked for in another way.";

function sameAgain(model: string): string {
  return `${model} gave the same answer again. Say what should be different, or choose another model.`;
}

async function write(
  { snippet, range, ...words }: ActionRequest,
  model: Attempt,
  options: ActionOptions,
): Promise<{ text: string; notes: string[] }> {
  return writeAbout({ snippet, range, instruction: instructionFor(words), model, ...options });
}

/** An edit of the file that tests belong in; a text to read where the answer is none. */
async function writeTests(
  { snippet, range, instruction: asked = '' }: ActionRequest,
  model: Attempt,
  { edits, tests, signal, onPlace, ...options }: ActionOptions & { edits: EditGate; tests: TestFile },
): Promise<{ edits?: TextEdit[]; document?: Snippet; text?: string; notes: string[] }> {
  const instruction = [testInstruction(tests), asked].filter(Boolean).join('\n');
  onPlace?.({ uri: tests.snippet.uri, range: insertionRange(tests), isInsertion: true });
  const { text, notes } = await writeAbout({ snippet, range, instruction, model, signal, ...options });
  const placed = await placeTests(tests, text, { edits, signal });
  if ('edit' in placed) return { edits: [placed.edit], document: tests.snippet, notes };
  return {
    text,
    notes: [...notes, `Nothing was added to ${tests.path} because the answer from ${model.id} ${placed.why}.`],
  };
}
