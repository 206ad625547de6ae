// Asks a child process how far versions of a document are from parsing, and what is declared in it, so that the daemon stands still for none of them.
import type { Log } from '../base/log.ts';
import { ChildHost } from '../base/process/child-host.ts';
import type { SyntaxFaults, SyntaxRequest } from './chunk/faults.ts';
import type { Declaration, OutlineRequest } from './chunk/outline.ts';
import { toError } from './indexer.ts';
import type { IndexerProtocol } from './messages.ts';

/** How far texts are from parsing. */
export interface Syntax {
  /** One answer a text; undefined where the language has no parser, or the texts are too long to be parsed in passing. */
  faults(request: SyntaxRequest, signal: AbortSignal): Promise<SyntaxFaults[] | undefined>;
}

/** What is declared in a text. */
export interface Outlines {
  /** In the order of the lines; undefined where the language has no parser, or the text is too long to be parsed in passing. */
  outline(request: OutlineRequest, signal: AbortSignal): Promise<Declaration[] | undefined>;
}

export type { Declaration };

const maxChars = 2_000_000;
const idleMs = 60_000; // suggestions come in bursts

/**
 * Whether a document has no more syntax errors after `added` characters of code than before. Where it did not parse before, the part of it
 * that does not may hold more of the new code.
 */
export function isNoWorse(before: SyntaxFaults, after: SyntaxFaults, added: number): boolean {
  const allowance = before.count === 0 ? 0 : added;
  return after.count <= before.count && after.characters <= before.characters + allowance;
}

/** Lives as long as the daemon. Has a process of its own from the first request until a while after the last. */
export class SyntaxChecker implements Syntax, Outlines, AsyncDisposable {
  readonly #host: ChildHost<IndexerProtocol>;
  readonly #log: Log;
  #idle: NodeJS.Timeout | undefined;
  #running = 0;

  constructor({ hostPath, log }: { hostPath: string; log: Log }) {
    this.#host = new ChildHost({ path: hostPath, toError });
    this.#log = log;
  }

  async faults(request: SyntaxRequest, signal: AbortSignal): Promise<SyntaxFaults[] | undefined> {
    if (request.texts.some((text) => text.length > maxChars)) return undefined;
    return this.#ask(() => this.#host.request('faults', request, { signal }), signal);
  }

  async outline(request: OutlineRequest, signal: AbortSignal): Promise<Declaration[] | undefined> {
    if (request.text.length > maxChars) return undefined;
    return this.#ask(() => this.#host.request('outline', request, { signal }), signal);
  }

  async #ask<Answer>(ask: () => Promise<Answer>, signal: AbortSignal): Promise<Answer | undefined> {
    clearTimeout(this.#idle);
    this.#running++;
    try {
      return await ask();
    } catch (error) {
      if (signal.aborted) throw error;
      this.#log.warn({ error: String(error) }, 'syntax could not be read');
      return undefined;
    } finally {
      if (--this.#running === 0) this.#idle = setTimeout(() => void this.#host.kill(), idleMs).unref();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#idle);
    await this.#host[Symbol.asyncDispose]();
  }
}
