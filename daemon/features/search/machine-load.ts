// When the machine has time for background work: no turn runs, nobody types, and the index lets it.
import { setTimeout as delay } from 'node:timers/promises';
import type { CodeIndex } from '../../code-index/code-index.ts';
import type { RunningTurns } from '../chat/running-turns.ts';
import type { MachineLoad } from './embedding-loop.ts';

const restMs = 30_000; // without a turn and without a key: nobody waits for the memory and the processor that a process takes

export function machineLoad(turns: RunningTurns, index: CodeIndex): MachineLoad {
  const isBusy = (momentMs?: number): boolean => turns.isBusy(momentMs) || index.isTyping(momentMs);
  return {
    mayWork: () => index.mayWork(),
    isBusy,
    atRest: async (signal) => {
      while (isBusy(restMs)) await delay(1000, undefined, { ref: false, signal });
    },
  };
}
