// What the client of a run is shown. A run that goes on after a question is replayed from its stages: each part is shown once.
import type { AgentPart } from '../../../../shared/protocol/agent.ts';

/** Where parts go. */
export type PartsView = Pick<ShownParts, 'show' | 'stream' | 'whole'>;

/** Lives as long as a client's request. */
export class ShownParts {
  readonly #onPart: (part: AgentPart) => void;
  readonly #keys = new Set<string>();

  constructor(onPart: (part: AgentPart) => void) {
    this.#onPart = onPart;
  }

  /** `key` is the part's alone. */
  show(key: string, part: AgentPart): void {
    if (this.#keys.has(key)) return;
    this.#keys.add(key);
    this.#onPart(part);
  }

  /** A piece of what has no key before it is whole: `whole` says that it is. */
  stream(part: AgentPart): void {
    this.#onPart(part);
  }

  whole(key: string): void {
    this.#keys.add(key);
  }
}

const shownInside: ReadonlySet<AgentPart['kind']> = new Set(['call', 'approval', 'approved', 'result', 'note']);

/** What a sub-agent does, inside the call that it works for. What it says comes as the result of that. */
export function inside(shown: PartsView, callId: string): PartsView {
  return {
    show(key, part) {
      if (shownInside.has(part.kind)) shown.show(key, part.kind === 'call' ? { ...part, within: callId } : part);
    },
    stream() {},
    whole() {},
  };
}
