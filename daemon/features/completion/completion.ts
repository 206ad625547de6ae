// Completion as you type: one engine for every editor. What is suggested was typed or accepted in part before, or was asked for ahead, or is
// written by a model now; it repeats nothing of what follows, and the document parses no worse with it.
import type { CompletionConfig } from '../../base/config/completion.ts';
import { CancelledError, throwIfCancelled, UserError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { offsetAt, type Range, replaceIn, type Snippet } from '../../base/snippet.ts';
import type { SessionView } from '../../sessions/session-view.ts';
import type { CompletionLog, SuggestionOutcome } from '../../storage/written.ts';
import { featuresOf } from './features.ts';
import { minFilterRows } from './filter/filter.ts';
import type { CompletionFilters } from './filter/filters.ts';
import type { FoundSuggestion, KeptSuggestion } from './kept.ts';
import { extentAt } from './place.ts';
import {
  type CompletionOptions,
  type CompletionSettings,
  effectiveSettings,
  offSentence,
  onBatterySentence,
} from './settings.ts';
import { type Spot, Typing } from './typing.ts';
import type { ReadTokens, Writer } from './writer.ts';

export interface CompletionQuery {
  profile: string;
  /** The whole document, as its client last sent it. */
  snippet: Snippet;
  position: Range['start'];
  /** Of the position, as the open document finds it: who types in a long file doesn't wait until its lines are counted. */
  offset: number;
  /** Whether the user asked for it, rather than having typed. */
  isInvoked: boolean;
  /** What the editor's own list would put there. */
  selected?: { range: Range; text: string };
}

/** Who types. */
export interface CompletionClient extends SessionView {
  readonly options: SessionView['options'] & {
    readonly completion?: CompletionOptions | undefined;
    /** Whether it tells itself what became of a suggestion. */
    readonly ownCommands?: boolean | undefined;
  };
}

export interface Suggestion {
  id: string;
  text: string;
  range: Range;
  /** `provider/model`. */
  model: string;
  from: 'model' | 'typed' | 'ahead';
  latencyMs: number;
  tokensPerSecond?: number;
}

export interface SuggestionAnswer {
  suggestion?: Suggestion;
  /** Other ones for the same place, where the user asks for more than the one they see. */
  others?: Suggestion[];
  /** Where there is none for a reason that the user can change: a sentence. */
  why?: string;
  /** Of the prompt; absent where no model was asked. */
  read?: ReadTokens;
}

export interface CompletionState {
  state: 'on' | 'off';
  code?: string;
  model?: string;
  why?: string;
}

export interface CompletionDocument {
  uri: string;
  languageId: string;
  /** Of its client. */
  roots: SessionView['roots'];
}

/** Which places are asked about, as this user's own outcomes have it. */
interface LearnedHabits {
  rows: number;
  kept: number;
  minRows: number;
  held: number;
  filter?: {
    threshold: number;
    saved: number;
    lost: number;
    weights: { name: string; weight: number }[];
  };
}

export interface CompletionsDeps {
  writer: Writer;
  filters: CompletionFilters;
  config(): CompletionConfig;
  storage: { in(profile: string): { completions: CompletionLog } };
  /** False where nothing is known of a battery. */
  isOnBattery(): Promise<boolean>;
  log: Log;
}

/** Where it is suggested, and what it is put in place of. */
interface Target {
  spot: Spot;
  range: Range;
  /** What the editor's list has selected: the suggestion begins with it. */
  lead: string;
}

/** Who sees a suggestion, and what was known when it was asked for. */
interface Audience {
  query: CompletionQuery;
  client: CompletionClient;
  typing: Typing;
  features: Readonly<Record<string, number>>;
}

type NewSuggestion = KeptSuggestion & Pick<Suggestion, 'from'>;

const aheadWithinMs = 1500; // a machine that takes longer has enough to do
/** Of those that a user can choose from. */
const maxSuggestions = 4;

/** Lives as long as the daemon. */
export class Completions {
  readonly #deps: CompletionsDeps;
  readonly #typing = new Map<number, Typing>();

  constructor(deps: CompletionsDeps) {
    this.#deps = deps;
  }

  /** Throws CancelledError, also when something newer is asked for in the same session. */
  async suggest(query: CompletionQuery, client: CompletionClient, signal: AbortSignal): Promise<SuggestionAnswer> {
    const typing = this.#typingIn(query.profile, client);
    const isNewest = typing.ask();
    const target = targetOf(query);
    const { spot } = target;
    const settings = effectiveSettings(this.#deps.config(), client.options.completion);
    const off = settings.whyOff(spot.uri, spot.languageId);
    if (off !== undefined) return { why: off };
    if (!query.isInvoked && (await this.#restsOnBattery(settings))) return { why: onBatterySentence };
    throwIfCancelled(signal);
    if (!query.isInvoked && typing.hasJustDeleted(spot.uri)) return {};
    const extent = extentAt(spot, { isInvoked: query.isInvoked, multiline: settings.multiline === 'auto' });
    if (!extent) return {};
    const audience = { query, client, typing, features: featuresOf(spot, typing, query) };
    const found = await this.#keptAt(query, spot, { typing, signal });
    if (!isNewest()) throw new CancelledError(); // else it would end what is asked for now
    if (found.length >= (query.isInvoked ? maxSuggestions : 1)) return this.#shownAll(found, target, audience);
    const place = { features: audience.features, language: spot.languageId };
    if (!query.isInvoked && !this.#deps.filters.allows(query.profile, place)) return {};
    typing.places.note(spot.uri, query.position.line);
    const asked = { spot, extent, typing, client, profile: query.profile, settings, isInvoked: query.isInvoked };
    const isOther = found.length > 0;
    try {
      const ended = typing.begin(signal);
      const { suggestion, read } = await this.#deps.writer.write({ ...asked, isOther }, ended);
      throwIfCancelled(ended);
      if (client.document(spot.uri)?.getText() !== query.snippet.text) throw new CancelledError(); // nobody sees that place any more
      const isNew = suggestion && found.every(({ text }) => text !== suggestion.text);
      if (isNew) typing.kept.add(spot, suggestion);
      const all = isNew ? [...found, { ...suggestion, from: 'model' as const }] : found;
      return { ...this.#shownAll(all, target, audience), ...(read && { read }) };
    } catch (error) {
      if (signal.aborted || !(error instanceof UserError)) throw error;
      return { ...this.#shownAll(found, target, audience), why: error.message };
    }
  }

  /** Nothing where this profile was shown no such suggestion. */
  async settle(profile: string, id: string, outcome: SuggestionOutcome): Promise<void> {
    if (outcome.accepted) for (const typing of this.#typing.values()) if (typing.kept.has(id)) typing.lastOutcome = 1;
    await this.#deps.storage.in(profile).completions.settle(id, outcome);
  }

  /** What was learned from suggestions in a profile. */
  async learned(profile: string): Promise<LearnedHabits> {
    const { filter, ...counts } = await this.#deps.filters.learn(profile);
    if (!filter) return { ...counts, minRows: minFilterRows };
    const { regression, ...figures } = filter;
    const weights = regression.terms
      .map(({ name, weight }) => ({ name, weight }))
      .toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
    return { ...counts, minRows: minFilterRows, filter: { ...figures, weights } };
  }

  async forgetLearned(profile: string): Promise<void> {
    await this.#deps.storage.in(profile).completions.clear();
    this.forget(profile);
  }

  /** Of a profile that is deleted. */
  forget(profile: string): void {
    this.#deps.filters.forget(profile);
  }

  noteChange(client: CompletionClient, ...change: Parameters<Typing['noteChange']>): void {
    const [uri, changes] = change;
    const typing = this.#typingOf(client);
    typing.noteChange(...change);
    const { profile } = typing;
    if (client.options.ownCommands || profile === undefined) return;
    // Some editors take a row of their list and tell nobody: it is seen in the document.
    const text = client.document(uri)?.getText() ?? '';
    for (const id of typing.kept.takenBy({ uri, text }, changes))
      this.settle(profile, id, { accepted: true }).catch((error: unknown) =>
        this.#deps.log.debug({ error: String(error) }, 'an accepted suggestion was not noted'),
      );
  }

  /** For whoever wants to know why nothing is suggested, anywhere or in a document. */
  async state(
    options: CompletionOptions | undefined,
    signal: AbortSignal,
    document?: CompletionDocument,
  ): Promise<CompletionState> {
    const settings = effectiveSettings(this.#deps.config(), options);
    const whyOff = settings.enabled ? undefined : offSentence;
    const off = document ? settings.whyOff(document.uri, document.languageId) : whyOff;
    if (off !== undefined) return { state: 'off', why: off };
    if (await this.#restsOnBattery(settings)) return { state: 'off', code: 'on-battery', why: onBatterySentence };
    try {
      if (document) await this.#deps.writer.refuseHidden(document);
      const { model, trouble } = await this.#deps.writer.ready(settings.model, signal);
      return trouble === undefined
        ? { state: 'on', model }
        : { state: 'off', code: 'completion-rests', model, why: trouble };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { state: 'off', code: error.code, why: error.message };
    }
  }

  async #restsOnBattery({ onBattery }: CompletionSettings): Promise<boolean> {
    return !onBattery && (await this.#deps.isOnBattery());
  }

  #typingOf(client: SessionView): Typing {
    const known = this.#typing.get(client.id);
    if (known) return known;
    const typing = new Typing();
    this.#typing.set(client.id, typing);
    client.onClose(() => this.#endTyping(client));
    return typing;
  }

  /** A session that has changed its profile begins anew: what was suggested in the other one is not shown in this. */
  #typingIn(profile: string, client: SessionView): Typing {
    const { profile: last = profile } = this.#typingOf(client);
    if (last !== profile) this.#endTyping(client);
    const typing = this.#typingOf(client);
    typing.profile = profile;
    return typing;
  }

  #endTyping({ id }: SessionView): void {
    this.#typing.get(id)?.[Symbol.dispose]();
    this.#typing.delete(id);
  }

  /** What was asked for ahead is waited for where it is wanted now. One alone, unless the user asks for more. */
  async #keptAt(
    { isInvoked }: CompletionQuery,
    spot: Spot,
    { typing, signal }: { typing: Typing; signal: AbortSignal },
  ): Promise<FoundSuggestion[]> {
    const kept = (): FoundSuggestion[] => {
      const all = typing.kept.findAll(spot);
      return isInvoked ? all : all.slice(-1);
    };
    const { ahead } = typing;
    const found = kept();
    if (found.length > 0 || ahead?.spot.text !== spot.text || ahead.spot.offset !== spot.offset) return found;
    const left = new AbortController();
    const cancelled = new Promise<void>((resolve) =>
      signal.addEventListener('abort', () => resolve(), { once: true, signal: left.signal }),
    );
    await Promise.race([ahead.done, cancelled]).finally(() => left.abort());
    throwIfCancelled(signal);
    return kept();
  }

  #shownAll(found: readonly NewSuggestion[], target: Target, audience: Audience): SuggestionAnswer {
    const [suggestion, ...others] = found.map((each) => this.#shown(each, target, audience));
    return { ...(suggestion && { suggestion }), ...(others.length > 0 && { others }) };
  }

  #shown(found: NewSuggestion, target: Target, audience: Audience): Suggestion {
    if (audience.typing.kept.show(found.id)) {
      this.#note(found, target.spot, audience);
      this.#askAhead(found, target.spot, audience);
    }
    return { ...found, text: target.lead + found.text, range: target.range };
  }

  #note(found: KeptSuggestion, spot: Spot, { query, typing, features }: Audience): void {
    const { id, model, latencyMs, text } = found;
    const shown = {
      id,
      model,
      language: spot.languageId,
      latencyMs,
      characters: text.length,
      lines: text.split('\n').length,
      features,
      shownAt: Date.now(),
    };
    typing.lastOutcome = -1; // until it is accepted
    this.#deps.filters.noteShown(query.profile);
    this.#deps.storage
      .in(query.profile)
      .completions.add(shown)
      .catch((error: unknown) => this.#deps.log.debug({ error: String(error) }, 'a suggestion was not noted'));
  }

  /** Asks for what comes next, as if this one were accepted. The next key ends that. */
  #askAhead(found: KeptSuggestion, { text, offset, ...document }: Spot, { query, client, typing }: Audience): void {
    const spot = {
      ...document,
      text: text.slice(0, offset) + found.text + text.slice(offset),
      offset: offset + found.text.length,
    };
    const settings = effectiveSettings(this.#deps.config(), client.options.completion);
    if (found.latencyMs > aheadWithinMs || (query.isInvoked && !settings.onBattery)) return;
    const extent = extentAt(spot, { isInvoked: false, multiline: settings.multiline === 'auto' });
    if (!extent || typing.kept.find(spot)) return;
    const asked = { spot, extent, typing, client, profile: query.profile, settings, isInvoked: false, isAhead: true };
    const ahead = {
      spot,
      done: this.#deps.writer
        .write(asked, typing.begin())
        .then(
          ({ suggestion }) => void (suggestion && typing.kept.add(spot, suggestion, { isAhead: true })),
          () => {}, // it was not wanted yet
        )
        .finally(() => {
          if (typing.ahead === ahead) typing.ahead = undefined;
        }),
    };
    typing.ahead = ahead;
  }
}

function targetOf({ snippet, position, offset, selected }: CompletionQuery): Target {
  const { uri, languageId, text } = snippet;
  if (!selected) {
    const spot = { uri, languageId, text, offset };
    return { spot, range: { start: position, end: position }, lead: '' };
  }
  const { range, text: lead } = selected;
  const chosen = replaceIn(text, { range, newText: lead });
  return { spot: { uri, languageId, text: chosen, offset: offsetAt(text, range.start) + lead.length }, range, lead };
}
