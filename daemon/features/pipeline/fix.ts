// The edit that fixes a finding in the code as it is now: the finding's own suggestion, or else what a model writes.
import { anchor } from '../../base/anchor.ts';
import { UserError } from '../../base/errors.ts';
import type { Snippet } from '../../base/snippet.ts';
import type { ModelGate } from '../../ignore/gate.ts';
import type { Models } from '../../models/ask.ts';
import { type Decision, type ModelChoice, requestFor } from '../../models/router/router.ts';
import { addsPlaceholder } from '../../models/secrets/placeholder.ts';
import type { EditForms } from './edits/edit-forms.ts';
import type { EditGate } from './edits/gate.ts';
import { type EditListeners, type Rewrite, rewrite } from './rewrite.ts';
import { targetOf } from './target.ts';
import type { Finding } from './types.ts';

export interface FixOptions extends ModelChoice, EditListeners {
  /** The folders, as URIs, whose rules say what is kept from models. */
  roots?: readonly string[];
  /** The finding's own suggestion or nothing: no model is asked. */
  isSuggestedOnly?: boolean;
  signal: AbortSignal;
}

/** Edits, or a text to read where a model gave no edit that may be applied. */
export interface Fix extends Rewrite {
  /** Who wrote it, and why that one; absent where the finding had its own suggestion. */
  decision?: Decision;
}

interface FixDeps {
  models: Models;
  gate: ModelGate;
  edits: EditGate;
  forms: EditForms;
}

/** Throws UserError `finding-stale` when the finding's code is no longer there, `no-suggestion` when only a model could fix it and none may be asked, `ignored-file` when only a model could fix what is kept from models, and what `rewrite` throws. */
export async function fixFor(
  finding: Finding,
  snippet: Snippet,
  { models, gate, edits, roots = [], isSuggestedOnly = false, ...options }: FixOptions & FixDeps,
): Promise<Fix> {
  const range = anchor(snippet.text, finding.evidence, finding.range);
  if (!range)
    throw new UserError('finding-stale', 'The code of this finding changed after the review. Review it again.');
  if (finding.replacement !== undefined && !addsPlaceholder(finding.replacement, finding.evidence)) {
    const edit = { range, newText: finding.replacement };
    if (await edits.parsesNoWorse(targetOf(snippet), edit, options.signal)) return { edits: [edit], notes: [] };
  }
  if (isSuggestedOnly)
    throw new UserError('no-suggestion', 'This finding has no fix of its own that fits the code as it is now.');
  await gate.refuseKept(snippet.uri, roots, "wasn't sent to a model");
  const instruction = `Fix this, reported at \`${finding.evidence.slice(0, 200)}\`: ${finding.message}`;
  const { signal, onText } = options;
  return models.ask({ wanted: requestFor('action', options), signal }, async (model) => {
    const written = await rewrite({
      ...options,
      snippet,
      range,
      instruction,
      model,
      ...(onText && {
        onText(text) {
          model.isShown = true;
          onText(text);
        },
      }),
    });
    return { ...written, notes: [...model.notes, ...written.notes], decision: model.decision };
  });
}
