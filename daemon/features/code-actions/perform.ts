// Performs one code action: asks a model, and returns an edit to preview or a text to read. Changes no document.
import type { Log } from '../../base/log.ts';
import type { Range, Snippet } from '../../base/snippet.ts';
import type { ModelGate } from '../../ignore/gate.ts';
import type { Attempt, Models } from '../../models/ask.ts';
import { type Decision, type ModelChoice, requestFor } from '../../models/router/router.ts';
import type { EditGate } from '../pipeline/edits/gate.ts';
import type { TextEdit } from '../pipeline/edits/placing.ts';
import { type Rewrite, rewrite, writeAbout } from '../pipeline/rewrite.ts';
import { type ActionKind, actionPrompts, instructionFor } from './prompts.ts';

export interface ActionRequest extends ModelChoice {
  kind: ActionKind;
  snippet: Snippet;
  /** Expanded to whole lines. */
  range: Range;
  /** The message of the diagnostic that the action is about. */
  diagnostic?: string;
}

interface ActionOptions {
  /** The folders, as URIs, whose rules say what is kept from models. */
  roots?: readonly string[];
  signal: AbortSignal;
  onText?(text: string): void;
  /** The text so far was the model's thinking. */
  onThought?(): void;
}

/** Edits or a text, never both. An answer that may not be applied is a text too, and the note says why. */
interface ActionResult {
  edits?: TextEdit[];
  text?: string;
  /** Who answered, and why that one. */
  decision: Decision;
  /** Notes for the user about the answer. */
  note?: string;
}

export interface Actions {
  /** Throws UserError when the file is kept from models, when there is no model, no answer or nothing to change; CancelledError. */
  perform(request: ActionRequest, options: ActionOptions): Promise<ActionResult>;
}

interface ActionsDeps {
  models: Models;
  gate: ModelGate;
  edits: EditGate;
  log: Log;
}

export function createActions({ models, gate, edits, log }: ActionsDeps): Actions {
  return {
    async perform(request, { roots = [], signal, onText, onThought }) {
      const { kind } = request;
      await gate.refuseKept(request.snippet.uri, roots, "wasn't sent to a model");
      return models.ask({ wanted: requestFor('action', request), signal }, async (attempt) => {
        const { decision } = attempt;
        log.info({ action: kind, model: decision.model, reason: decision.reason }, 'inline action');
        const shown = (text: string): void => {
          attempt.isShown = true;
          onText?.(text);
        };
        const options = { signal, onText: shown, ...(onThought && { onThought }) };
        const { notes, ...result } =
          actionPrompts[kind].answer === 'edit'
            ? await edit(request, attempt, { ...options, edits })
            : await write(request, attempt, options);
        const allNotes = [...attempt.notes, ...notes];
        return { ...result, decision, ...(allNotes.length > 0 && { note: allNotes.join(' ') }) };
      });
    },
  };
}

async function edit(
  { kind, snippet, range, diagnostic }: ActionRequest,
  model: Attempt,
  options: ActionOptions & { edits: EditGate },
): Promise<Rewrite> {
  return rewrite({ snippet, range, instruction: instructionFor(kind, diagnostic), model, ...options });
}

async function write(
  { kind, snippet, range, diagnostic }: ActionRequest,
  model: Attempt,
  options: ActionOptions,
): Promise<{ text: string; notes: string[] }> {
  return writeAbout({ snippet, range, instruction: instructionFor(kind, diagnostic), model, ...options });
}
