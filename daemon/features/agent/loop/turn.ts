// A turn of the model and what came of its calls, as the stages of a run store them.
import type { CallKind } from '../../../../shared/protocol/agent.ts';
import type { FinishReason, Usage } from '../../../models/providers/provider.ts';
import type { ToolSpending } from '../tools/tool.ts';

/** By its provider's own calls, by JSON that a schema forces, or by JSON in a block of its answer. */
export type DialectName = 'native' | 'json' | 'fenced';

/** A call as the model made it. */
export interface MadeCall {
  /** Of the run: `3.1` is the first call of the third turn, and `3.1.2.1` one of the sub-agent that works for it. */
  id: string;
  name: string;
  /** JSON, as the model wrote it. */
  arguments: string;
  /** Whether the answer ended within it. It is not done, and long texts of it are not kept. */
  isCut?: true;
  /** What its provider calls it, and wants back with it. */
  provider?: { id: string; signature?: string };
}

/** A turn of the model, as its stage stores it. */
export interface ModelTurn {
  text: string;
  calls: MadeCall[];
  /** Why nothing of it could be used, as the model is told. Then `text` is what it said. */
  problem?: string;
  /** `provider/model` */
  model: string;
  dialect: DialectName;
  /** `cancelled`: the time of the run was used up. Then `text` is what was shown of it. */
  finish: FinishReason;
  usage: Usage;
  /** US dollars; `null` when they are unknown. */
  costUsd: number | null;
  /** What of the run's limits kept its answer shorter than its model's own. */
  bound?: 'tokens' | 'money';
  /** So many of the oldest results stood as their digests in its prompt. */
  digested: number;
}

/** Whether the time of the run was used up while it was asked. */
export function isTimeUp({ finish }: Pick<ModelTurn, 'finish'>): boolean {
  return finish === 'cancelled';
}

/** What it says before one of its calls: the first has it. */
export function saidBefore(
  { text, calls }: Pick<ModelTurn, 'text' | 'calls'>,
  { id }: Pick<MadeCall, 'id'>,
): { said?: string } {
  const said = text.trim();
  return said === '' || calls[0]?.id !== id ? {} : { said };
}

/** What came of a call, as its stage stores it. */
export interface CallResult {
  kind: CallKind;
  title: string;
  ok: boolean;
  /** What the model is told, cut. */
  text: string;
  /** One line, which stands for it later. */
  summary: string;
  diff?: string;
  isMaterial: boolean;
  /** What it brought, in words for people. */
  source?: string;
  /** Addresses of pages that were read. */
  sources?: readonly string[];
  /** What the user was told of where the step may come from. */
  taint?: string;
  /** Whether the user said no. */
  isDenied?: boolean;
  /** Whether the time of the run was used up while it was done. */
  isTimeUp?: boolean;
  /** Of a tool that asks models. */
  spent?: ToolSpending;
}

/** What is known of a call before it's done. */
export type OpenCall = Pick<CallResult, 'kind' | 'title' | 'taint'>;

/** What of a call is kept to be shown once its run is done. */
export interface ShownCall extends Pick<CallResult, 'kind' | 'title' | 'ok'> {
  diff?: string | undefined;
  taint?: string | undefined;
  sources?: readonly string[] | undefined;
  /** The file that it is about. */
  path?: string;
}

/** One line for people. */
export function detailOf({ calls, problem, text }: ModelTurn): string {
  if (problem !== undefined) return "Answered in a form that can't be read.";
  if (calls.length === 0) return 'Answered.';
  const names = calls.map(({ name }) => name).join(', ');
  return text.trim() === '' ? `Calls ${names}.` : `Says something, and calls ${names}.`;
}
