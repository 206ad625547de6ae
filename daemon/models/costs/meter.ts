// The meter on a request to a model: the budgets are checked before it is sent, and what it used is counted however it ends.
import { CancelledError, errnoCode } from '../../base/errors.ts';
import {
  type CodePart,
  ProviderError,
  type ProviderErrorCode,
  type StreamPart,
  type Usage,
} from '../providers/provider.ts';
import type { Costs, OpenRequest, PricedRequest, RequestEnd } from './costs.ts';
import { type Cost, usdOf } from './price.ts';

export interface MeterDeps {
  costs: Pick<Costs, 'begin' | 'countShared'>;
  request: PricedRequest;
  /** The message it was made for, where that is known only when it has ended, as in a race. */
  answer?(): string | undefined;
  /** Told what the request cost when it has ended, and what it used where the provider says so. */
  onCost?(cost: Cost, usage?: Usage): void;
}

type EndStatus = Pick<RequestEnd, 'status' | 'turnedDown' | 'error'>;

/**
 * Lives as long as one request to one model: a retry has a meter of its own. Use one of `stream`, `code`, `call` and `countShared`, once.
 * The first three throw UserError `budget-reached`, and send nothing, when a budget is used up.
 */
export class Meter {
  readonly #deps: MeterDeps;
  #usd: number | undefined = 0;

  constructor(deps: MeterDeps) {
    this.#deps = deps;
  }

  /** US dollars: 0 before the request is sent, and undefined while it runs or where its cost is unknown. */
  get usd(): number | undefined {
    return this.#usd;
  }

  /** Streams what `start` streams; notes about budgets come first, as warnings. */
  async *stream(start: () => AsyncIterable<StreamPart>): AsyncGenerator<StreamPart, void, undefined> {
    const open = await this.#begin();
    let usage: Usage | undefined;
    let billedUsd: number | undefined;
    let answerCharacters = 0;
    let outputBytes = 0;
    let end: EndStatus = { status: 'cancelled' }; // leaving the loop early cancels
    try {
      for (const message of open.notes) yield { kind: 'warning', message };
      for await (const part of start()) {
        if (part.kind === 'usage') {
          usage = part.usage;
          billedUsd = part.costUsd;
        }
        if (part.kind === 'text') answerCharacters += part.text.length;
        if (part.kind === 'text' || part.kind === 'reasoning') outputBytes += Buffer.byteLength(part.text);
        if (part.kind === 'finish') end = { status: 'complete' };
        yield part;
      }
      if (end.status !== 'complete') end = { status: 'partial' };
    } catch (error) {
      end = endOf(error, answerCharacters > 0);
      throw error;
    } finally {
      const answer = this.#deps.answer?.();
      this.#count(open.end({ ...end, usage, billedUsd, answerCharacters, outputBytes, answer }), usage);
    }
  }

  /** Streams code. Whoever leaves at the end of a line has what they wanted. */
  async *code(start: () => AsyncIterable<CodePart>): AsyncGenerator<CodePart, void, undefined> {
    const open = await this.#begin();
    let usage: Usage | undefined;
    let text = '';
    let end: EndStatus = { status: 'cancelled' };
    try {
      for await (const part of start()) {
        if (part.kind === 'text') text += part.text;
        if (part.kind === 'finish') {
          end = { status: 'complete' };
          usage = part.usage;
        }
        yield part;
      }
    } catch (error) {
      end = endOf(error, text !== '');
      throw error;
    } finally {
      const [answerCharacters, outputBytes] = [text.length, Buffer.byteLength(text)];
      this.#count(open.end({ ...end, usage, answerCharacters, outputBytes }));
    }
  }

  /**
   * Counts a request without a stream, such as one for embeddings: what it used is unknown, unless `billedFor` tells it from the answer.
   * `start` is given notes about budgets.
   */
  async call<T>(
    start: (notes: readonly string[]) => Promise<T>,
    billedFor: (answer: T) => number | undefined = () => undefined,
  ): Promise<T> {
    const open = await this.#begin();
    let end: EndStatus & Pick<RequestEnd, 'billedUsd'> = { status: 'complete' };
    try {
      const answer = await start(open.notes);
      const billedUsd = billedFor(answer);
      if (billedUsd !== undefined) end = { status: 'complete', billedUsd };
      return answer;
    } catch (error) {
      end = endOf(error, false);
      throw error;
    } finally {
      this.#count(open.end({ ...end, answerCharacters: 0 }));
    }
  }

  /** Counts an answer that was given together with an equal request, whose own meter counts what it cost. */
  countShared(answerCharacters: number): void {
    const { costs, request } = this.#deps;
    this.#count(costs.countShared(request, answerCharacters));
  }

  async #begin(): Promise<OpenRequest> {
    const { costs, request } = this.#deps;
    const open = await costs.begin(request);
    this.#usd = undefined;
    return open;
  }

  #count(cost: Cost, usage?: Usage): void {
    this.#usd = usdOf(cost);
    this.#deps.onCost?.(cost, usage);
  }
}

/** Codes of a request that the provider refused unread, and so does not charge for. */
const turnedDownBy: readonly ProviderErrorCode[] = [
  'auth',
  'rate-limited',
  'bad-request',
  'context-too-long',
  'model-not-found',
];

function endOf(error: unknown, hasText: boolean): EndStatus {
  if (error instanceof CancelledError) return { status: 'cancelled' };
  const turnedDown =
    !hasText && error instanceof ProviderError && (error.turnedAway || turnedDownBy.includes(error.code));
  return { status: hasText ? 'partial' : 'failed', turnedDown, error: errnoCode(error) ?? 'internal' };
}
