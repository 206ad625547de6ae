// How a suggestion is written: the prompt is sized by how fast its model reads here, the answer ends where the code does, and what comes
// out of it must parse no worse.
import { setTimeout } from 'node:timers/promises';
import { throwIfCancelled, UserError } from '../../base/errors.ts';
import { bytesPerToken } from '../../base/tokens.ts';
import { hasRulesHere } from '../../base/uri.ts';
import { isNoWorse, type Syntax } from '../../code-index/syntax-checker.ts';
import type { ModelGate } from '../../ignore/gate.ts';
import { ProviderError } from '../../models/providers/provider.ts';
import type { CompletingModel, CompletionModels } from '../../models/router/completing-model.ts';
import type { SessionView } from '../../sessions/session-view.ts';
import type { Code } from '../../storage/code.ts';
import { SuggestionEnd } from './answer/end.ts';
import { candidatesOf } from './answer/fit.ts';
import type { KeptSuggestion } from './kept.ts';
import { nameOf, piecesFor } from './others.ts';
import type { Extent } from './place.ts';
import { partsAt } from './prompt.ts';
import type { CompletionSettings } from './settings.ts';
import type { Spot, Typing } from './typing.ts';

export interface WriterDeps {
  models: CompletionModels;
  gate: ModelGate;
  syntax: Syntax;
  codeOf(profile: string): Pick<Code, 'symbols'>;
}

export interface WriteRequest {
  spot: Spot;
  extent: Extent;
  typing: Typing;
  client: SessionView;
  profile: string;
  settings: CompletionSettings;
  /** Whether the user asked for it: then a model that failed is tried again. */
  isInvoked: boolean;
  /** Whether nobody waits for it yet. */
  isAhead?: boolean;
  /** Whether it should differ from what the model finds likeliest. */
  isOther?: boolean;
}

/** Tokens of the prompt, and how many of them were in the context already. */
export interface ReadTokens {
  tokens: number;
  cached: number;
}

export interface WrittenSuggestion {
  suggestion?: KeptSuggestion;
  /** Absent where the model was not asked, or did not say it. */
  read?: ReadTokens;
}

/** A key should see its text within 300 ms. It reads little anew: in a new place four times as long is bearable. */
const newPlaceMs = 1200;
/** A slow model reads little of a document; `first` holds until it has read something. */
const promptTokens = { min: 128, first: 512, max: 4096 };
/** Of the prompt, for pieces of other files. */
const othersShare = 0.3;
const nearChars = 600;
const otherTemperature = 0.8;
const maxTokens: Readonly<Record<Extent, number>> = { line: 64, block: 256 };
const maxWritingMs: Readonly<Record<Extent, number>> = { line: 3000, block: 8000 };
/** A model that failed isn't asked again at each key. */
const troubleMs = 30_000;
const maxTroubleMs = 10 * 60_000;
/** What goes wrong in one place, and says nothing of the next. */
const codesOfPlace: ReadonlySet<string> = new Set(['secrets-in-prompt', 'context-too-long']);
/** Who types on has no server asked for what was there before. */
const typedPauseMs = 150;
const maxCheckedChars = 300_000; // longer documents take too long to parse at each suggestion

interface Trouble {
  why: string;
  /** One after the other. */
  failures: number;
  untilMs: number;
}

/** Lives as long as the daemon. */
export class Writer {
  readonly #deps: WriterDeps;
  /** By model: tokens read in a second, smoothed. */
  readonly #readSpeeds = new Map<string, number>();
  readonly #troubles = new Map<string, Trouble>();

  constructor(deps: WriterDeps) {
    this.#deps = deps;
  }

  /** Throws UserError where no model can be asked, or CancelledError. */
  async write(request: WriteRequest, signal: AbortSignal): Promise<WrittenSuggestion> {
    const { spot, client, settings, isInvoked, isAhead = false } = request;
    await this.refuseHidden({ uri: spot.uri, roots: client.roots });
    const model = await this.#deps.models.choose(settings.model, signal);
    if (!model.local) {
      if (!hasRulesHere(spot.uri)) throw elsewhere(spot.uri);
      if (isAhead) return {}; // what nobody has asked for is not paid
      if (!isInvoked) await pauseOf(typedPauseMs, signal);
    }
    const trouble = this.#troubleOf(model.id);
    if (trouble !== undefined && !isInvoked) throw new UserError('completion-rests', trouble);
    try {
      const written = await this.#ask(model, request, signal);
      this.#troubles.delete(model.id);
      return written;
    } catch (error) {
      const isOfPlace = error instanceof UserError && codesOfPlace.has(error.code);
      if (!signal.aborted && error instanceof UserError && !isOfPlace) this.#rest(model.id, error);
      throw error;
    }
  }

  /** Throws UserError for a file that models don't see. */
  async refuseHidden({ uri, roots }: { uri: string; roots: SessionView['roots'] }): Promise<void> {
    const refused = await this.#deps.gate.refusal(uri, roots, 'gets no suggestions');
    if (refused !== undefined) throw new UserError('ignored-file', refused);
  }

  /** Which model would be asked, and what went wrong with it lately. Throws UserError where there is none. */
  async ready(named: string | undefined, signal: AbortSignal): Promise<{ model: string; trouble?: string }> {
    const { id } = await this.#deps.models.choose(named, signal);
    const trouble = this.#troubleOf(id);
    return { model: id, ...(trouble !== undefined && { trouble }) };
  }

  /** Models, keys, or the configuration have changed: those that failed are asked again. */
  reset(): void {
    this.#troubles.clear();
  }

  async #ask(model: CompletingModel, request: WriteRequest, signal: AbortSignal): Promise<WrittenSuggestion> {
    const { spot, extent, client, isAhead = false, isOther = false } = request;
    const beganMs = performance.now();
    const code = await this.#promptOf(model, request);
    throwIfCancelled(signal);
    const end = new SuggestionEnd(extent, spot);
    let answer: string | undefined;
    let isWhole = false;
    let read: ReadTokens | undefined;
    let firstMs: number | undefined;
    let tokensPerSecond: number | undefined;
    const limits = { maxOutputTokens: maxTokens[extent], isOneLine: extent === 'line' };
    const owner = { place: `completion ${client.id}`, profile: request.profile, workspace: client.roots[0] };
    const asked = { ...code, ...limits, ...owner, isAhead, ...(isOther && { temperature: otherTemperature }) };
    for await (const part of model.complete(asked, signal)) {
      if (part.kind === 'read') {
        read = { tokens: part.tokens, cached: part.cached };
        this.#measure(model.id, part);
      } else if (part.kind === 'text') {
        firstMs ??= performance.now();
        answer = end.add(part.text);
        if (answer !== undefined || performance.now() - firstMs > maxWritingMs[extent]) break;
      } else {
        tokensPerSecond = part.writeSpeed;
        isWhole = part.reason === 'stop';
      }
    }
    const text = await this.#fitted(answer ?? (isWhole ? end.whole() : end.cutOff()), spot, signal);
    if (text === undefined) return read ? { read } : {};
    const latencyMs = Math.round(performance.now() - beganMs);
    const suggestion = { id: crypto.randomUUID(), model: model.id, text, latencyMs };
    return {
      suggestion: { ...suggestion, ...(tokensPerSecond !== undefined && { tokensPerSecond }) },
      ...(read && { read }),
    };
  }

  async #promptOf(model: CompletingModel, { spot, typing, client, profile }: WriteRequest) {
    const { uri, text, offset } = spot;
    const chars = (this.#budgetOf(model) * bytesPerToken) / bytesPerCharacter(spot);
    const { anchor, ...parts } = partsAt(spot, { chars: chars * (1 - othersShare), last: typing.anchorIn(uri) });
    const others = await typing.othersAt(uri, anchor, () =>
      piecesFor(
        {
          uri,
          near: text.slice(Math.max(0, offset - nearChars), offset),
          places: typing.places.beside(uri),
          chars: chars * othersShare,
          roots: client.roots,
          document: (other) => client.document(other),
          cells: client.cellsBeside?.(uri) ?? [],
        },
        { gate: this.#deps.gate, code: this.#deps.codeOf(profile) },
      ),
    );
    return { ...parts, others, name: nameOf(uri) };
  }

  /** In powers of two, so that the prompt begins alike from key to key. */
  #budgetOf({ id, contextTokens = promptTokens.max * 2 }: CompletingModel): number {
    const speed = this.#readSpeeds.get(id);
    const wanted = speed === undefined ? promptTokens.first : 2 ** Math.floor(Math.log2((speed * newPlaceMs) / 1000));
    const most = Math.min(promptTokens.max, contextTokens / 2);
    return Math.min(most, Math.max(promptTokens.min, wanted));
  }

  #measure(model: string, { speed }: { speed?: number | undefined }): void {
    if (speed === undefined) return;
    const before = this.#readSpeeds.get(model) ?? speed;
    this.#readSpeeds.set(model, before * 0.7 + speed * 0.3);
  }

  /** Twice as long after each failure, and at least as long as the server asks for. */
  #rest(model: string, error: UserError): void {
    const failures = (this.#troubles.get(model)?.failures ?? 0) + 1;
    const asked = error instanceof ProviderError ? (error.retryAfterMs ?? 0) : 0;
    const restMs = Math.max(asked, Math.min(maxTroubleMs, troubleMs * 2 ** (failures - 1)));
    this.#troubles.set(model, { why: error.message, failures, untilMs: performance.now() + restMs });
  }

  #troubleOf(model: string): string | undefined {
    const trouble = this.#troubles.get(model);
    return trouble && trouble.untilMs > performance.now() ? trouble.why : undefined;
  }

  /** The version that leaves the fewest faults, and no more than there are without it. Undefined where none does, or nothing is new. */
  async #fitted(answer: string, spot: Spot, signal: AbortSignal): Promise<string | undefined> {
    const { uri, languageId, text, offset } = spot;
    const candidates = candidatesOf(answer, spot);
    const [first] = candidates;
    if (first === undefined || text.length > maxCheckedChars) return first;
    const texts = [text, ...candidates.map((each) => text.slice(0, offset) + each + text.slice(offset))];
    const faults = await this.#deps.syntax.faults({ uri, languageId, texts }, signal);
    const [without, ...withEach] = faults ?? [];
    if (!without) return first;
    const fitting = candidates.flatMap((candidate, i) => {
      const own = withEach[i];
      return own && isNoWorse(without, own, candidate.length) ? { candidate, count: own.count } : [];
    });
    const [best] = fitting.toSorted((a, b) => a.count - b.count);
    return best?.candidate;
  }
}

const sampledChars = 100_000; // to both sides

/** In coarse steps, so that the prompt begins alike from key to key: a letter takes up to three bytes, and a token more than one of these. */
function bytesPerCharacter({ text, offset }: Spot): number {
  const sample = text.slice(Math.max(0, offset - sampledChars), offset + sampledChars);
  const average = Buffer.byteLength(sample) / Math.max(1, sample.length);
  return [1, 1.5, 2].find((step) => average < step + 0.15) ?? 3;
}

function elsewhere(uri: string): UserError {
  return new UserError(
    'not-here',
    `${nameOf(uri)} isn't on this machine, and neither are its ignore files, so only a model on this machine completes it. Choose one for "completion.model".`,
  );
}

/** Throws CancelledError. */
async function pauseOf(durationMs: number, signal: AbortSignal): Promise<void> {
  await setTimeout(durationMs, undefined, { signal }).catch(() => throwIfCancelled(signal));
}
