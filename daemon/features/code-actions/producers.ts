// TABLE OF CONTENTS of the light bulb: a row per offer. No model is asked to list them. A row that fails is logged and
// skipped.

import { isSameFlaw, type ReportedFlaw } from '../../../shared/same-flaw.ts';
import { cleanMessage } from '../../base/clean-text.ts';
import { recordBug } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { type Range, type Snippet, textIn } from '../../base/snippet.ts';
import type { TextEdit } from '../pipeline/edits/placing.ts';
import type { Finding } from '../pipeline/types.ts';
import type { ActionKind } from './prompts.ts';

/** As editors send it. Our own findings come as diagnostics too, with source `switchyard`. */
interface ActionDiagnostic {
  range: Range;
  message: string;
  source?: string;
  /** The rule's name, or its number. */
  code?: string | number;
  data?: unknown;
}

export interface ActionContext {
  snippet: Snippet;
  /** The selection; empty where there is only a cursor. */
  range: Range;
  /** Diagnostics that touch the range. */
  diagnostics: readonly ActionDiagnostic[];
  /** Our findings in the document. */
  findings: readonly Finding[];
  /** The client has its own ways to begin a review. */
  hasOwnCommands: boolean;
  /** The run of the agent that changed the document last, where its user has neither kept nor undone that, and its editor has no review of runs. */
  agentRun?: string;
  /** What of that run is in the document and can be kept, or undone too, by itself. */
  agentHunks?: readonly { id: string; range: Range; canUndo: boolean }[];
}

interface OfferHeading {
  title: string;
  /** LSP's CodeActionKind. */
  kind: 'quickfix' | 'refactor' | 'refactor.rewrite' | 'source.review' | 'source.agent';
  /** What the offer is about, for editors that list offers under their diagnostic. */
  diagnostic?: ActionDiagnostic;
  isPreferred?: boolean;
}

interface CommandOffer {
  command: { command: string; arguments: [Record<string, unknown>] };
}

/** Either an edit or a command that finds one. Never both, since some editors then drop the edit. */
export type ActionOffer = OfferHeading & ({ edits: TextEdit[]; command?: never } | (CommandOffer & { edits?: never }));

interface Producer {
  name: string;
  produce(context: ActionContext): ActionOffer[];
}

/** What can be done here, in the order of the table. */
export function offersFor(context: ActionContext, log: Log, table: readonly Producer[] = producers): ActionOffer[] {
  return table.flatMap((row) => {
    try {
      return row.produce(context);
    } catch (error) {
      recordBug(error, `code action ${row.name}`, log);
      return [];
    }
  });
}

export const producers: readonly Producer[] = [
  {
    name: 'apply-suggestion',
    produce: (context) => findingsHere(context).map((finding) => suggestionOffer(finding, context)),
  },
  {
    name: 'fix-diagnostic',
    produce: (context) =>
      flawsHere(context)
        .filter((flaw) => isForeign(flaw) && !isOurs(flaw, context))
        .map((diagnostic) => ({
          title: `Fix with Switchyard: ${short(diagnostic.message)}`,
          kind: 'quickfix',
          diagnostic,
          ...command('fix', context.snippet, diagnostic),
        })),
  },
  {
    name: 'explain-diagnostic',
    produce: (context) =>
      flawsHere(context).map((diagnostic) => ({
        title: `Explain with Switchyard: ${short(diagnostic.message)}`,
        kind: 'quickfix',
        diagnostic,
        ...command('explain', context.snippet, diagnostic),
      })),
  },
  {
    name: 'explain-finding', // one that the editor names no diagnostic of
    produce: (context) =>
      findingsHere(context)
        .filter((finding) => !isNamed(finding, context))
        .map((finding) => ({
          title: `Explain with Switchyard: ${short(finding.message)}`,
          kind: 'quickfix',
          ...command('explain', context.snippet, finding),
        })),
  },
  {
    name: 'dismiss-finding',
    produce: (context) =>
      findingsHere(context).map((finding) => ({
        title: `Dismiss: ${short(finding.message)}`,
        kind: 'quickfix',
        ...about(finding, context),
        command: { command: 'switchyard.dismiss', arguments: [{ findingId: finding.id }] },
      })),
  },
  ...(
    [
      ['fix', 'Fix with Switchyard', 'refactor.rewrite'],
      ['explain', 'Explain with Switchyard', 'refactor'],
      ['improve', 'Improve with Switchyard', 'refactor.rewrite'],
      ['document', 'Document with Switchyard', 'refactor.rewrite'],
      ['tests', 'Write tests with Switchyard', 'refactor'],
    ] as const
  ).map(
    ([action, title, kind]): Producer => ({
      name: `${action}-selection`,
      produce: ({ snippet, range }) =>
        textIn(snippet.text, range).trim() === '' ? [] : [{ title, kind, ...command(action, snippet, { range }) }],
    }),
  ),
  {
    name: 'review-selection',
    produce: ({ snippet, range, hasOwnCommands }) =>
      hasOwnCommands || textIn(snippet.text, range).trim() === ''
        ? []
        : [
            {
              title: 'Review this selection with Switchyard',
              kind: 'refactor',
              ...reviewOf({ uri: snippet.uri, range }),
            },
          ],
  },
  {
    name: 'review-file',
    produce: ({ snippet: { uri, text }, hasOwnCommands }) =>
      hasOwnCommands || text.trim() === ''
        ? []
        : [{ title: 'Review this file with Switchyard', kind: 'source.review', ...reviewOf({ uri }) }],
  },
  ...(
    [
      ['agentKeep', 'Keep this change by the agent'],
      ['agentUndo', 'Undo this change by the agent'],
    ] as const
  ).map(
    ([name, title]): Producer => ({
      name: `${name}-hunk`,
      produce: ({ snippet: { uri }, range, agentRun: jobId, agentHunks = [] }) =>
        agentHunks
          .filter((hunk) => touches(hunk.range, range) && (name === 'agentKeep' || hunk.canUndo))
          .map(({ id }) => ({
            title,
            kind: 'source.agent',
            command: { command: `switchyard.${name}`, arguments: [{ jobId, uri, hunks: [id] }] },
          })),
    }),
  ),
  ...(
    [
      ['agentChanges', "Show the agent's changes to this file"],
      ['agentKeep', "Keep the agent's changes to this file"],
      ['agentUndo', "Undo the agent's changes to this file"],
    ] as const
  ).map(
    ([name, title]): Producer => ({
      name,
      produce: ({ snippet: { uri }, agentRun: jobId }) =>
        jobId === undefined
          ? []
          : [
              {
                title,
                kind: 'source.agent',
                command: { command: `switchyard.${name}`, arguments: [{ jobId, uri }] },
              },
            ],
    }),
  ),
];

function reviewOf(place: Record<string, unknown>): CommandOffer {
  return { command: { command: 'switchyard.review', arguments: [place] } };
}

/**
 * The edit itself if the code is unchanged since the review. Otherwise the command, which finds the code or asks a
 * model.
 */
function suggestionOffer(finding: Finding, context: ActionContext): ActionOffer {
  const offer = { kind: 'quickfix' as const, ...about(finding, context) };
  const isInPlace = textIn(context.snippet.text, finding.range) === finding.evidence;
  if (finding.replacement !== undefined && isInPlace) {
    return {
      ...offer,
      title: `Apply suggested fix: ${short(finding.message)}`,
      isPreferred: true,
      edits: [{ range: finding.range, newText: finding.replacement }],
    };
  }
  return {
    ...offer,
    title: `Fix with Switchyard: ${short(finding.message)}`,
    command: { command: 'switchyard.fix', arguments: [{ findingId: finding.id }] },
  };
}

function command(
  kind: ActionKind,
  { uri }: Snippet,
  { range, message }: { range: Range; message?: string },
): CommandOffer {
  return {
    command: {
      command: 'switchyard.action',
      arguments: [{ kind, uri, range, ...(message !== undefined && { diagnostic: message }) }],
    },
  };
}

function findingsHere({ findings, snippet, range }: ActionContext): Finding[] {
  return findings.filter((finding) => finding.uri === snippet.uri && touches(finding.range, range));
}

/** The diagnostic under which an editor shows the finding. */
function about(finding: Finding, { diagnostics }: ActionContext): { diagnostic?: ActionDiagnostic } {
  const diagnostic = diagnostics.find(
    ({ data }) => (data as { findingId?: unknown } | null | undefined)?.findingId === finding.id,
  );
  return diagnostic ? { diagnostic } : {};
}

/** The diagnostics, one for each flaw: ours where we have it too. */
function flawsHere({ diagnostics }: ActionContext): ActionDiagnostic[] {
  const oursFirst = diagnostics.toSorted((a, b) => Number(isForeign(a)) - Number(isForeign(b)));
  const flaws = oursFirst.filter(
    (flaw, i) => !(isForeign(flaw) && oursFirst.slice(0, i).some((known) => isSameFlaw(flawOf(known), flawOf(flaw)))),
  );
  return diagnostics.filter((diagnostic) => flaws.includes(diagnostic));
}

/** Whether a finding of ours says the same, and has a fix of its own. */
function isOurs(flaw: ActionDiagnostic, context: ActionContext): boolean {
  return findingsHere(context).some((finding) => isSameFlaw(flawOf(flaw), finding));
}

/** Whether a diagnostic is about the finding, ours or another's. */
function isNamed(finding: Finding, context: ActionContext): boolean {
  const { diagnostic } = about(finding, context);
  return diagnostic !== undefined || context.diagnostics.some((flaw) => isSameFlaw(flawOf(flaw), finding));
}

function flawOf({ range, message, source, code }: ActionDiagnostic): ReportedFlaw {
  const isTypeScript = source === 'ts' || source === 'js' || source === 'typescript';
  const rule = code === undefined ? undefined : isTypeScript ? `TS${code}` : String(code);
  return { range, message, source, rule };
}

function isForeign({ source }: ActionDiagnostic): boolean {
  return source !== 'switchyard';
}

function touches(a: Range, b: Range): boolean {
  return !isBefore(a.end, b.start) && !isBefore(b.end, a.start);
}

function isBefore(a: Range['start'], b: Range['start']): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}

/** A message cut to fit a title. */
function short(message: string): string {
  return cleanMessage(message, 60);
}
