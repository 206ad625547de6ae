// Sessions of Claude Code: `~/.claude/projects/<folder>/<session>.jsonl`, a line for each event. Those with a `message` are what was
// said; each names the event before it, so that a rewound session has branches. Anthropic documents none of it.
import type { TransferredChat } from '../../../shared/protocol/transfer.ts';
import { assemble, type ForeignTurn, pathTo } from '../assemble.ts';
import { field, textField, timeOf } from '../untrusted.ts';
import { saidInBlocks } from './blocks.ts';

/** A session while its lines are read. Lives as long as its file is read. */
export class ClaudeCodeSession {
  readonly #id: string;
  readonly #turns: ForeignTurn[] = [];
  readonly #parents = new Map<string, string | undefined>();
  #last: string | undefined;
  #title: string | undefined;
  #folder: string | undefined;
  #sideMessages = 0;

  constructor(id: string) {
    this.#id = id;
  }

  add(line: unknown): void {
    const title = textField(line, 'customTitle') ?? textField(line, 'aiTitle') ?? textField(line, 'summary');
    if (title !== undefined && field(line, 'message') === undefined) this.#title = title;
    const id = textField(line, 'uuid');
    if (id === undefined) return;
    const turn = turnOf(line);
    if (field(line, 'isSidechain') === true) {
      this.#sideMessages += turn.text === '' ? 0 : 1;
      return;
    }
    const named = textField(line, 'parentUuid') ?? textField(line, 'logicalParentUuid');
    const parentId = named !== undefined && this.#parents.has(named) ? named : this.#last;
    if (this.#parents.has(id)) return; // a line that was written twice
    this.#parents.set(id, parentId);
    this.#last = id;
    this.#folder ??= textField(line, 'cwd');
    this.#turns.push({ ...turn, id, parentId });
  }

  /** Throws UnreadableChat where nothing was said. */
  chat(): TransferredChat {
    const read = pathTo(this.#parents, this.#last);
    const chat = assemble({
      origin: { source: 'claude-code', id: this.#id },
      program: 'Claude Code',
      title: this.#title,
      turns: this.#turns.map((turn) => ({ ...turn, isChosen: read.has(turn.id) })),
      folder: this.#folder,
    });
    const last = chat.messages.at(-1);
    if (last && this.#sideMessages > 0)
      last.notes = [
        ...(last.notes ?? []),
        `${this.#sideMessages} messages between the model and its subagents were left out.`,
      ];
    return chat;
  }
}

/** What the program says to the model on the user's behalf is left out. */
const ofTheProgram = /<(system-reminder|local-command-caveat)>[\s\S]*?<\/\1>/g;

function turnOf(line: unknown): Omit<ForeignTurn, 'id' | 'parentId'> {
  const message = field(line, 'message');
  const kind = field(line, 'type');
  const at = timeOf(field(line, 'timestamp'));
  const isSaid = (kind === 'user' || kind === 'assistant') && field(line, 'isMeta') !== true;
  const content = field(message, 'content');
  const blocks = Array.isArray(content) ? content : [{ type: 'text', text: content }];
  if (!isSaid || !message) return { role: 'assistant', text: '' };
  const said = saidInBlocks(blocks);
  if (kind === 'user') {
    const isResult = blocks.every((part) => field(part, 'type') === 'tool_result');
    const isProgram = isResult || field(line, 'isCompactSummary') === true;
    return { role: isProgram ? 'assistant' : 'user', text: userText(said.text), notes: said.notes, at };
  }
  const model = textField(message, 'model');
  return { role: 'assistant', ...said, at, model: model && model !== '<synthetic>' ? `anthropic/${model}` : undefined };
}

/** A command of the program's is shown as it was typed. */
function userText(text: string): string {
  const command = /<command-name>([^<]*)<\/command-name>/.exec(text)?.[1];
  if (command === undefined) return text.replace(ofTheProgram, '').trim();
  return `${command} ${/<command-args>([\s\S]*?)<\/command-args>/.exec(text)?.[1] ?? ''}`.trim();
}
