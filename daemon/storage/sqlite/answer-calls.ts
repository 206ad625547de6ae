// How the storage worker answers the calls that wait: in their order, and in groups where it can.
import { rowOf } from './call-table.ts';
import type { CallReply, CallRequest } from './calls.ts';
import type { SqliteEngine } from './engine.ts';
import type { CallOutcome } from './group-commit.ts';
import { sendError } from './storage-errors.ts';

/** Hands on replies as soon as what they tell is committed; that of a call which takes its time when it is done. */
export function answerCalls(
  storage: SqliteEngine,
  calls: readonly CallRequest[],
  reply: (replies: CallReply[]) => void,
): void {
  for (let at = 0; at < calls.length; ) {
    const end = endOfGroup(calls, at);
    const group = calls.slice(at, end);
    const settled = group.length > 1 ? storage.group(group) : undefined;
    if (settled) reply(settled.map((outcome, index) => toReply(group[index], outcome)));
    else for (const call of group) answerAlone(storage, call, reply);
    at = settled ? at + settled.length : end;
  }
}

function endOfGroup(calls: readonly CallRequest[], start: number): number {
  const next = calls.findIndex((call, index) => index >= start && rowOf(call)?.runs !== 'grouped');
  if (next === start) return start + 1;
  return next < 0 ? calls.length : next;
}

function answerAlone(storage: SqliteEngine, call: CallRequest, reply: (replies: CallReply[]) => void): void {
  try {
    const value = storage.call(call);
    if (value instanceof Promise)
      value.then(
        (later: unknown) => reply([toReply(call, { value: later })]),
        (error: unknown) => reply([toReply(call, { error })]),
      );
    else reply([toReply(call, { value })]);
  } catch (error) {
    reply([toReply(call, { error })]);
  }
}

function toReply(call: CallRequest | undefined, settled: CallOutcome): CallReply {
  const id = call?.id ?? 0;
  return 'error' in settled ? { id, error: sendError(settled.error) } : { id, value: settled.value };
}
