// The parts of storage as callers hold them: each method sends a call to the worker, by way of the read cache. Made from `callTable`.
import { callTable } from './call-table.ts';
import type { StorageCall, StorageCalls } from './calls.ts';
import type { ReadCache } from './read-cache.ts';

/** Where a call goes. */
export interface CallSender {
  readonly cache: ReadCache;
  send(call: StorageCall): Promise<unknown>;
}

type Method = (...args: unknown[]) => Promise<unknown>;

/** A part for one profile, or for none. To be made once: each method is a function of its own, so that a call looks nothing up. */
export function facadeOf<Part extends keyof StorageCalls>(
  sender: CallSender,
  part: Part,
  profile: string,
): StorageCalls[Part] {
  const methods: Record<string, Method> = {};
  for (const [name, { cache: effect }] of Object.entries(callTable[part])) {
    const direct: Method = (...args) => sender.send({ profile, part, name, args });
    const cached: Method = (...args) => {
      const call = { profile, part, name, args };
      return sender.cache.call(call, effect, () => sender.send(call));
    };
    methods[name] = effect === 'none' ? direct : cached;
  }
  return methods as unknown as StorageCalls[Part]; // the table has a row for each method
}
