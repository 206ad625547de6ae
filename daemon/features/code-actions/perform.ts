// Performs one code action: asks a model, and returns an edit to preview or a text to read. Changes no document.
import type { Log } from '../../base/log.ts';
import type { Range, Snippet } from '../../base/snippet.ts';
import type { Candidate, Decision, SelectRequest } from '../../models/router/router.ts';
import type { Models } from '../pipeline/models.ts';
import { rewrite, type TextEdit, writeAbout } from '../pipeline/rewrite.ts';
import { type ActionKind, actionPrompts, instructionFor } from './prompts.ts';

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
  /** Who named the model; the user with this request when left out. */
  source?: SelectRequest['source'];
  /** The policy of the window that asks, instead of the configuration's. */
  policy?: SelectRequest['policy'];
}

export interface ActionOptions {
  signal: AbortSignal;
  onText?(text: string): void;
}

/** Edits or a text, never both. */
export interface ActionResult {
  edits?: TextEdit[];
  text?: string;
  /** Who answered, and why that one. */
  decision: Decision;
  /** Notes for the user about the answer. */
  note?: string;
}

export interface Actions {
  /** Throws UserError when there is no model, no usable answer or nothing to change; CancelledError. */
  perform(request: ActionRequest, options: ActionOptions): Promise<ActionResult>;
}

export function createActions({ models, log }: { models: Models; log: Log }): Actions {
  return {
    async perform(request, { signal, onText }) {
      const { kind, model, source, policy, profile } = request;
      const wanted: SelectRequest = {
        task: 'action',
        profile,
        policy,
        ...(source && { source }),
        ...(model !== undefined && { explicit: model }),
      };
      const first = await models.select(wanted, signal);
      let isShown = false;
      const shown = (text: string): void => {
        isShown = true;
        onText?.(text);
      };
      return models.ask(
        first,
        { wanted, signal, isShown: () => isShown },
        async ({ candidate, decision }, switched) => {
          log.info({ action: kind, model: decision.model, reason: decision.reason }, 'inline action');
          const { notes, ...result } = await (actionPrompts[kind].answer === 'edit' ? edit : write)(
            request,
            candidate,
            {
              signal,
              onText: shown,
            },
          );
          const allNotes = [...switched, ...notes];
          return { ...result, decision, ...(allNotes.length > 0 && { note: allNotes.join(' ') }) };
        },
      );
    },
  };
}

async function edit(
  { kind, snippet, range, diagnostic }: ActionRequest,
  candidate: Candidate,
  options: ActionOptions,
): Promise<{ edits: TextEdit[]; notes: string[] }> {
  return rewrite({ snippet, range, instruction: instructionFor(kind, diagnostic), candidate, ...options });
}

async function write(
  { kind, snippet, range, diagnostic }: ActionRequest,
  candidate: Candidate,
  options: ActionOptions,
): Promise<{ text: string; notes: string[] }> {
  return writeAbout({ snippet, range, instruction: instructionFor(kind, diagnostic), candidate, ...options });
}
