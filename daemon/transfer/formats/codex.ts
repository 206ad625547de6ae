// Sessions of Codex: `~/.codex/sessions/<year>/<month>/<day>/rollout-*.jsonl`, a line for each item. Newer files put an item into a
// `payload` beside its time, older ones have the item itself. See codex-rs/protocol of openai/codex.
import type { TransferredChat } from '../../../shared/protocol/transfer.ts';
import { assemble, block, imageNote, imageText, inARow, shown, type TurnContent } from '../assemble.ts';
import { field, listField, textField, timeOf } from '../untrusted.ts';

/** A session while its lines are read. Lives as long as its file is read. */
export class CodexSession {
  #id: string;
  readonly #turns: TurnContent[] = [];
  readonly #calls = new Map<string, string>(); // names of tools, by the id of their call
  #folder: string | undefined;
  #model: string | undefined;
  #isKnown = false;

  /** The file's name stands in for the session's id where there is none. */
  constructor(fileName: string) {
    this.#id = fileName;
  }

  add(line: unknown): void {
    const item = field(line, 'payload') ?? line;
    const kind = textField(line, 'type');
    if (kind === 'session_meta' || (kind === undefined && !this.#isKnown)) {
      // A forked session repeats the head of the one it came from: the first is its own.
      if (!this.#isKnown) this.#id = textField(item, 'id') ?? this.#id;
      this.#isKnown = true;
    }
    this.#folder = this.#folder ?? textField(item, 'cwd') ?? folderIn(item);
    if (kind === 'turn_context') this.#model = textField(item, 'model') ?? this.#model;
    if (field(line, 'payload') !== undefined && kind !== 'response_item') return; // events repeat what the items say
    const turn = this.#turnOf(item);
    if (turn) this.#turns.push({ ...turn, at: timeOf(field(line, 'timestamp')) });
  }

  /** Throws UnreadableChat where nothing was said. */
  chat(): TransferredChat {
    return assemble({
      origin: { source: 'codex', id: this.#id },
      program: 'Codex',
      turns: inARow(this.#turns),
      folder: this.#folder,
    });
  }

  #turnOf(item: unknown): TurnContent | undefined {
    const kind = textField(item, 'type') ?? '';
    const model = this.#model && `openai/${this.#model}`;
    if (kind === 'message') return messageOf(item, model);
    if (kind === 'reasoning') return { role: 'assistant', text: '', reasoning: reasoningOf(item) };
    const name = textField(item, 'name') ?? (kind === 'web_search_call' ? 'web search' : 'shell');
    const callId = textField(item, 'call_id') ?? '';
    if (kind.endsWith('_call')) {
      this.#calls.set(callId, name);
      const input = field(item, 'arguments') ?? field(item, 'input') ?? field(item, 'action') ?? '';
      return { role: 'assistant', text: block(`Call of ${name}`, shown(input)), model };
    }
    if (!kind.endsWith('_call_output')) return undefined;
    const text = outputText(field(item, 'output'));
    return { role: 'assistant', text: block(`Result of ${this.#calls.get(callId) ?? 'a tool'}`, text) };
  }
}

/** What the program says to the model in the user's name. */
const ofTheProgram =
  /^\s*(<(user_instructions|environment_context|INSTRUCTIONS|permissions|turn_aborted|skill)\b|# AGENTS\.md instructions for )/;

function messageOf(item: unknown, model: string | undefined): TurnContent | undefined {
  const role = field(item, 'role');
  if (role !== 'user' && role !== 'assistant') return undefined;
  const parts = listField(item, 'content');
  const hasImage = parts.some((part) => field(part, 'type') === 'input_image');
  const texts = parts.flatMap((part) =>
    field(part, 'type') === 'input_image' ? imageText : (textField(part, 'text') ?? []),
  );
  const text = texts.filter((one) => role !== 'user' || !ofTheProgram.test(one)).join('\n\n');
  return { role, text, ...(hasImage && { notes: [imageNote] }), ...(role === 'assistant' && { model }) };
}

function reasoningOf(item: unknown): string {
  const parts = [...listField(item, 'summary'), ...listField(item, 'content')];
  return parts.map((part) => textField(part, 'text') ?? '').join('\n\n');
}

/** A text, or JSON with the text in it. */
function outputText(output: unknown): string {
  if (Array.isArray(output)) return output.map((part) => textField(part, 'text') ?? '').join('\n\n');
  if (typeof output !== 'string') return textField(output, 'content') ?? shown(output ?? '');
  if (!output.startsWith('{')) return output;
  try {
    return textField(JSON.parse(output), 'output') ?? output;
  } catch {
    return output;
  }
}

function folderIn(item: unknown): string | undefined {
  const texts = listField(item, 'content').map((part) => textField(part, 'text') ?? '');
  return texts.map((text) => /<cwd>([^<\n]{1,4096})<\/cwd>/.exec(text)?.[1]).find((found) => found !== undefined);
}
