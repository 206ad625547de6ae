// The parts of storage as callers hold them: each method sends a call to the worker, by way of the read cache. Made from `callTable`.
import { type CallRow, callTable } from './call-table.ts';
import type { StorageCall, StorageCalls } from './calls.ts';
import type { ReadCache } from './read-cache.ts';

/** Where a call goes. */
export interface CallSender {
  readonly cache: ReadCache;
  send(call: StorageCall): Promise<unknown>;
  /** Called when a call that succeeded may have changed how a profile's chats and reviews are listed. */
  onListed(profile: string): void;
}

type Method = (...args: unknown[]) => Promise<unknown>;

/** A part for one profile, or for none. To be made once: each method is a function of its own, so that a call looks nothing up. */
export function facadeOf<Part extends keyof StorageCalls>(
  sender: CallSender,
  part: Part,
  profile: string,
): StorageCalls[Part] {
  const methods: Record<string, Method> = {};
  for (const [name, { cache: effect, isListed }] of Object.entries<CallRow>(callTable[part])) {
    const direct: Method = (...args) => sender.send({ profile, part, name, args });
    const cached: Method = (...args) => {
      const call = { profile, part, name, args };
      return sender.cache.call(call, effect, () => sender.send(call));
    };
    const method = effect === 'none' ? direct : cached;
    methods[name] = isListed ? told(method, () => sender.onListed(profile)) : method;
  }
  return methods as unknown as StorageCalls[Part]; // the table has a row for each method
}

/** The promise is the method's own, so that nothing waits longer. */
function told(method: Method, tell: () => void): Method {
  return (...args) => {
    const answer = method(...args);
    answer.then(tell, () => {});
    return answer;
  };
}
