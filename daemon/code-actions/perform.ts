// Does one inline action: asks a model, and returns an edit to preview or a text to read. Changes no document.
import type { Log } from '../base/log.ts';
import type { Range, Snippet } from '../base/snippet.ts';
import { newMarker } from '../pipeline/prompts/code.ts';
import { answerTo } from '../pipeline/rewrite/answer.ts';
import { fitToModel, rewrite, type TextEdit } from '../pipeline/rewrite/rewrite.ts';
import { targetOf, wholeLines } from '../pipeline/target.ts';
import type { Candidate, Router } from '../router/router.ts';
import { actionPrompts, instructionFor, textMessages, type ActionKind } from './prompts.ts';

export interface ActionRequest {
  /** The id of the profile it belongs to. */
  profile: string;
  kind: ActionKind;
  snippet: Snippet;
  /** Expanded to whole lines. */
  range: Range;
  /** The message of the diagnostic that the action is about. */
  diagnostic?: string;
  /** `provider/model`; the router's choice when absent. */
  model?: string;
}

export interface ActionOptions {
  signal: AbortSignal;
  onText?(text: string): void;
}

/** Edits or a text, never both. */
export interface ActionResult {
  edits?: TextEdit[];
  text?: string;
  /** Who answered: `provider/model`. */
  model: string;
  /** What the user should know about the answer. */
  note?: string;
}

export interface Actions {
  /** Throws UserError when there is no model, no usable answer or nothing to change; CancelledError. */
  perform(request: ActionRequest, options: ActionOptions): Promise<ActionResult>;
}

export function createActions({ router, log }: { router: Router; log: Log }): Actions {
  return {
    async perform(request, options) {
      const { kind, model, profile } = request;
      const { candidate, decision } = await router.select({ task: 'action', profile, ...(model !== undefined && { explicit: model }) }, options.signal);
      log.info({ action: kind, model: decision.model, reason: decision.reason }, 'inline action');
      const { notes, ...result } = await (actionPrompts[kind].answer === 'edit' ? edit : read)(request, candidate, options);
      return { ...result, model: candidate.id, ...(notes.length > 0 && { note: notes.join(' ') }) };
    },
  };
}

async function edit({ kind, snippet, range, diagnostic }: ActionRequest, candidate: Candidate, options: ActionOptions): Promise<{ edits: TextEdit[]; notes: string[] }> {
  return rewrite({ snippet, range, instruction: instructionFor(kind, diagnostic), candidate, ...options });
}

async function read({ kind, snippet, range, diagnostic }: ActionRequest, candidate: Candidate, options: ActionOptions): Promise<{ text: string; notes: string[] }> {
  const target = targetOf(snippet, [wholeLines(range)]);
  const { outputTokens, ...spans } = fitToModel(target, candidate);
  const messages = textMessages({ target, ...spans, instruction: instructionFor(kind, diagnostic), marker: newMarker() });
  const { text, warnings } = await answerTo({ candidate, messages, maxOutputTokens: outputTokens, ...options });
  return { text, notes: warnings };
}
