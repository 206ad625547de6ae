// A daemon whose chats are in memory and whose answers are written by the test. Speaks the protocol, knows no transport.
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type AnyRequest,
  type Attachment,
  type Chat,
  ChatBranch,
  ChatCreate,
  ChatDelete,
  ChatList,
  ChatMessages,
  type ChatPart,
  ChatPin,
  ChatRename,
  ChatSend,
  ChatStop,
  ContextSuggest,
  type Decision,
  type Message,
  ModelsList,
  ModelsPrefer,
  ModelsPull,
  ModelsSetup,
  ModelsStop,
  ModelsWaiting,
  type Params,
  type Picture,
  ProfileList,
  type RecordedDecision,
  type Result,
  RouterDecision,
  RouterOutcome,
  type SentAttachment,
} from '../../shared/protocol/index.ts';
import { ScriptedMemories } from './scripted-memories.ts';
import { ScriptedRuns } from './scripted-runs.ts';

export interface Call {
  signal: AbortSignal;
  emit(part: unknown): void;
}

/** Writes an answer: emits texts, may wait, may throw a `ScriptedFailure`. */
export type Writer = (turn: {
  text: string;
  attachments: Attachment[];
  signal: AbortSignal;
  say(text: string): void;
  emit(part: ChatPart): void;
}) => Promise<void>;

export class ScriptedFailure extends Error {
  readonly code: string;
  readonly retryable: boolean;
  constructor(code: string, message: string, retryable = false) {
    super(message);
    this.code = code;
    this.retryable = retryable;
  }
}

export const decision: Decision = {
  id: 'd1',
  model: 'lab/tiny',
  provider: 'lab',
  reason: 'only model currently available',
  alternatives: ['ollama/qwen'],
  confidence: 0.8,
};
const few = { quality: 0.4, match: 0.9, speed: 0.7, preference: 1, cost: 1 };
/** The decision in full, with a model of unknown price, one that is down, and what came of it. */
export const record: RecordedDecision = {
  id: 'd1',
  at: 1,
  model: 'lab/tiny',
  policy: 'local-first',
  explicit: false,
  reason: decision.reason,
  confidence: 0.8,
  alternatives: ['ollama/qwen'],
  estimatedCost: 0,
  tokens: 1234,
  complexity: 'moderate',
  task: 'explain',
  signals: ['code', 'asks why'],
  candidates: [
    { id: 'lab/tiny', local: true, score: 0.83, parts: few, cost: 0 },
    { id: 'ollama/qwen', local: true, score: 0.61, parts: { ...few, match: 0.4, learned: 0.25 }, cost: 0 },
    { id: 'openai/large', local: false, score: 0.9, parts: { quality: 0.97, match: 0.6, speed: 0.5, preference: 0.2 } },
    { id: 'anthropic/deep', local: false, excluded: 'no key for "anthropic" is stored' },
  ],
  outcome: { status: 'complete', cost: 0, durationMs: 1234 },
};
const usage = { input: 1200, cacheRead: 34, cacheWrite: 0, output: 88, reasoning: 0 };

const setUp: Result<typeof ModelsSetup> = {
  configured: true,
  keys: [
    { provider: 'openai', label: 'OpenAI', hasKey: false },
    { provider: 'anthropic', label: 'Anthropic', hasKey: true },
  ],
  ollama: {
    running: false,
    baseUrl: 'http://127.0.0.1:11434',
    models: [],
    detail: 'Ollama does not answer. Start it, or install it from ollama.com.',
  },
  gguf: {
    folder: '/home/ada/.local/share/switchyard/models',
    available: true,
    detail: 'Runs on this machine: 24 GB of memory, no GPU found.',
    downloads: [],
  },
};

/** Lives as long as one test. */
export class ScriptedDaemon {
  write: Writer = async ({ say }) => say('An answer.');
  setup = setUp;
  models: Result<typeof ModelsList> = { models: [], notes: [] };
  record = record;
  /** What it remembers. */
  readonly memories = new ScriptedMemories();
  /** Runs of its agent. */
  readonly agent = new ScriptedRuns();
  /** What its models see of older messages. */
  older: Pick<NonNullable<Message['context']>, 'found' | 'summarised' | 'summary'> = {};
  readonly outcomes: Params<typeof RouterOutcome>[] = [];
  profiles: Result<typeof ProfileList> = {
    profiles: [{ id: 'default', name: 'default', createdAt: 1 }],
    current: 'default',
  };
  suggest: (params: Params<typeof ContextSuggest>) => Result<typeof ContextSuggest> = () => ({ items: [] });
  /** What the daemon finds for the mentions of a question. */
  find: (text: string) => Attachment[] = () => [];
  pull: (model: string, call: Call) => Promise<void> = async () => {};
  /** Answers of models on this machine. */
  waits: Result<typeof ModelsWaiting> = { running: [], waiting: [] };
  prefer: (id: string) => void = () => {};
  stopAnswer: (id: string) => void = () => {};
  readonly chats: Chat[] = [];
  readonly messages = new Map<string, Message[]>();
  /** Versions of a message, each with what followed it when it was read last; by the id of each of them. */
  readonly #versions = new Map<string, Message[][]>();
  #lastId = 0;

  /** A stored chat with this many messages, questions and answers in turn. */
  addChat(title: string, messageCount = 0, text = (index: number) => `Message ${index}`): string {
    const id = this.#newId('chat');
    this.chats.unshift({
      id,
      title,
      effective: { source: 'policy' },
      createdAt: 1,
      updatedAt: Date.now(),
      messageCount,
    });
    this.messages.set(id, []);
    for (let index = 1; index <= messageCount; index++) {
      if (index % 2 === 1) this.add(id, { role: 'user', text: text(index) });
      else this.add(id, { role: 'assistant', text: text(index), decision, usage, durationMs: 1234 });
    }
    return id;
  }

  add(chatId: string, message: Partial<Message> & Pick<Message, 'role' | 'text'>): Message {
    const stored: Message = { id: this.#newId('m'), chatId, status: 'complete', createdAt: Date.now(), ...message };
    this.messages.get(chatId)?.push(stored);
    return stored;
  }

  async answer(message: AnyRequest, params: unknown, call: Call): Promise<unknown> {
    switch (message) {
      case ChatList:
        return { chats: this.chats };
      case ChatMessages:
        return this.#page(params as Params<typeof ChatMessages>);
      case ChatCreate:
        return { chatId: this.addChat('New question') };
      case ChatSend:
        return await this.#send(params as Params<typeof ChatSend>, call);
      case ChatRename:
        return this.#rename(params as Params<typeof ChatRename>);
      case ChatDelete:
        this.chats.splice(
          this.chats.findIndex(({ id }) => id === (params as Params<typeof ChatDelete>).chatId),
          1,
        );
        return {};
      case ChatStop:
        return { stopped: this.#stop((params as Params<typeof ChatStop>).chatId) };
      case ChatBranch:
        return { messageId: this.chooseVersion(params as Params<typeof ChatBranch>) };
      case ChatPin:
        return this.#pin(params as Params<typeof ChatPin>);
      case ProfileList:
        return this.profiles;
      case ContextSuggest:
        return this.suggest(params as Params<typeof ContextSuggest>);
      case RouterDecision:
        return { decision: this.record };
      case RouterOutcome:
        this.outcomes.push(params as Params<typeof RouterOutcome>);
        return {};
      case ModelsSetup:
        return this.setup;
      case ModelsList:
        return this.models;
      case ModelsPull:
        await this.pull((params as Params<typeof ModelsPull>).model, call);
        return { model: 'local/pulled' };
      case ModelsWaiting:
        return this.waits;
      case ModelsPrefer:
        this.prefer((params as Params<typeof ModelsPrefer>).id);
        return {};
      case ModelsStop:
        this.stopAnswer((params as Params<typeof ModelsStop>).id);
        return {};
      default:
        if (message.method.startsWith('switchyard/memories/')) return this.memories.answer(message, params);
        if (/^switchyard\/(agent|jobs)\//.test(message.method)) {
          const { chatId = '' } = params as { chatId?: string };
          return await this.agent.answer(message, params, { ...call, add: (added) => this.add(chatId, added) });
        }
        throw new Error(`not scripted: ${message.method}`);
    }
  }

  /** Reads another version of a message, with what followed it, as a window would that chooses it. */
  chooseVersion({ chatId, messageId, version }: Params<typeof ChatBranch>): string {
    const all = this.messages.get(chatId) ?? [];
    const group = this.#versions.get(messageId) ?? [];
    const at = all.findIndex(({ id }) => group.some(([head]) => head?.id === id));
    const now = group.find(([head]) => head?.id === all[at]?.id);
    const wanted = group[version - 1];
    if (!now || !wanted) throw new ScriptedFailure('no-such-version', 'There is no such version.');
    const left = all.splice(at);
    now.splice(0, now.length, ...left);
    all.push(...wanted);
    return wanted[0]?.id ?? '';
  }

  /** Puts a version beside a message: what follows it is no longer read. */
  #besides(all: Message[], messageId: string, made: Message): void {
    const left = all.splice(all.findIndex(({ id }) => id === messageId));
    const group = this.#versions.get(messageId) ?? [left];
    group.find(([head]) => head?.id === left[0]?.id)?.splice(0, Infinity, ...left);
    group.push([made]);
    all.push(made);
    for (const [index, [head]] of group.entries()) {
      if (!head) continue;
      this.#versions.set(head.id, group);
      Object.assign(head, { version: index + 1, versions: group.length });
    }
  }

  #pin({ messageId, pinned }: Params<typeof ChatPin>): object {
    const message = [...this.messages.values()].flat().find(({ id }) => id === messageId);
    if (message) message.pinned = pinned;
    return {};
  }

  /** Whoever began it, what streams in a chat ends. */
  #stop(chatId: string): boolean {
    const running = (this.messages.get(chatId) ?? []).filter(({ status }) => status === 'streaming');
    for (const message of running) message.status = 'cancelled';
    return running.length > 0;
  }

  /** Cursors are positions from the beginning: they stay true while the chat grows. */
  #page({ chatId, cursor, around, limit = 50 }: Params<typeof ChatMessages>): Result<typeof ChatMessages> {
    const all = this.messages.get(chatId);
    if (!all) throw new ScriptedFailure('chat-not-found', 'This chat is gone. Choose another.');
    const place = all.findIndex(({ id }) => id === around);
    const end =
      around !== undefined ? place + Math.floor(limit / 2) + 1 : cursor === undefined ? all.length : Number(cursor);
    const start = Math.max(0, end - limit);
    return {
      messages: all.slice(start, end),
      effective: { source: 'policy' },
      ...(start > 0 && { next: String(start) }),
    };
  }

  #rename({ chatId, title }: Params<typeof ChatRename>): object {
    const chat = this.chats.find(({ id }) => id === chatId);
    if (chat && title) chat.title = title;
    return {};
  }

  async #send(
    { chatId, text, attachments: attached = [], retryOf, editOf }: Params<typeof ChatSend>,
    { signal, emit }: Call,
  ): Promise<Result<typeof ChatSend>> {
    const chat = chatId ?? this.addChat(text);
    const all = this.messages.get(chat) ?? [];
    const attachments = [...attached.map(toStored), ...this.find(text)];
    if (!retryOf) {
      const asked = this.add(chat, { role: 'user', text, attachments });
      if (editOf) this.#besides(all, editOf, all.pop() ?? asked);
    }
    const question = all.findLast(({ role }) => role === 'user')?.text ?? text;
    const answer = this.add(chat, {
      role: 'assistant',
      text: '',
      status: 'streaming',
      decision: { ...decision, source: 'policy' },
    });
    if (retryOf) this.#besides(all, retryOf, all.pop() ?? answer);
    emit({ kind: 'decision', chatId: chat, messageId: answer.id, decision });
    const say = (added: string): void => {
      answer.text += added;
      emit({ kind: 'text', text: added });
    };
    try {
      await this.write({ text: question, attachments, signal, say, emit });
      await nextTurn();
      signal.throwIfAborted();
    } catch (error) {
      answer.status = signal.aborted ? 'cancelled' : 'failed';
      if (error instanceof ScriptedFailure)
        answer.error = { code: error.code, message: error.message, retryable: error.retryable };
      throw error;
    }
    Object.assign(answer, {
      status: 'complete',
      context: { pinned: [], recent: all.length - 1, leftOut: 0, ...this.older },
    });
    return {
      chatId: chat,
      messageId: answer.id,
      text: answer.text,
      decision,
      usage,
      cached: false,
      finishReason: 'stop',
    };
  }

  #newId(kind: string): string {
    return `${kind}-${++this.#lastId}`;
  }
}

/** Of a picture that was sent, what the daemon keeps of it. */
function toStored({ data, ...attachment }: SentAttachment): Attachment {
  if (data === undefined) return attachment;
  const sizeBytes = Buffer.from(data, 'base64').length;
  const picture: Picture = {
    hash: '0'.repeat(64),
    mediaType: 'image/png',
    width: 640,
    height: 400,
    sizeBytes,
    thumbnail,
  };
  return { ...attachment, picture };
}

/** A picture of one pixel. */
const thumbnail =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** Settles when the signal is aborted. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
