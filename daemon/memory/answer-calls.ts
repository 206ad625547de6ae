// How the storage worker answers the calls that wait: in their order, and in groups where it can.
import type { CallReply, CallRequest } from './calls.ts';
import type { Settled } from './group-commit.ts';
import type { Storage } from './storage.ts';
import { sendError } from './storage-errors.ts';

/** Yields replies as soon as what they tell is committed. */
export function* answerCalls(storage: Storage, calls: readonly CallRequest[]): Generator<CallReply[]> {
  for (let at = 0; at < calls.length; ) {
    const end = endOfGroup(calls, at);
    const group = calls.slice(at, end);
    const settled = group.length > 1 ? storage.group(group) : undefined;
    if (settled) yield settled.map((outcome, index) => toReply(group[index], outcome));
    else for (const call of group) yield [toReply(call, callAlone(storage, call))];
    at = settled ? at + settled.length : end;
  }
}

/** Calls to storage itself open and close the database, so each of them stands alone. */
function endOfGroup(calls: readonly CallRequest[], start: number): number {
  if (calls[start]?.part === 'storage') return start + 1;
  const next = calls.findIndex(({ part }, index) => index > start && part === 'storage');
  return next < 0 ? calls.length : next;
}

function callAlone(storage: Storage, { part, name, args }: CallRequest): Settled {
  try {
    return { value: storage.call(part, name, args) };
  } catch (error) {
    return { error };
  }
}

function toReply(call: CallRequest | undefined, settled: Settled): CallReply {
  const id = call?.id ?? 0;
  return 'error' in settled ? { id, error: sendError(settled.error) } : { id, value: settled.value };
}
