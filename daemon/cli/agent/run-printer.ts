// What a run of the agent does, on the terminal: what the model says on stdout, everything else on stderr.
import type { AgentPart, AgentRun } from '../../../shared/protocol/agent.ts';
import type { Part, Result } from '../../../shared/protocol/define.ts';
import type { JobsResume } from '../../../shared/protocol/jobs.ts';
import { priceWords } from '../../../shared/usd.ts';
import { counted } from '../../../shared/words/counted.ts';
import { CleanStream } from '../kit/clean-stream.ts';
import { printDiff, printerOn } from './approval-words.ts';

export type FollowedPart = AgentPart | Part<typeof JobsResume>;
export type EndedRun = Result<typeof AgentRun>;

const marks = { open: '[ ]', doing: '[>]', done: '[x]' } as const;
const maxFilesNamed = 20;

/** Lives as long as a run is followed. */
export class RunPrinter {
  readonly #text = new CleanStream();
  readonly #print = printerOn(process.stderr);
  #isInLine = false;
  #hasSaid = false;
  /** Diffs that were shown with a question aren't shown again with its result. */
  readonly #diffs = new Map<string, string>();
  /** Calls of sub-agents are shown inside the call that they are made for. */
  readonly #inner = new Set<string>();
  #rounds = 0;
  #lastNote: string | undefined;

  /** An approval is printed by whoever asks about it. */
  take(part: FollowedPart): void {
    if (part.kind === 'text') return this.#say(part.text);
    if (part.kind === 'spent') this.#rounds = part.rounds;
    if (part.kind === 'approval' && part.approval.diff !== undefined)
      this.#diffs.set(part.approval.callId, part.approval.diff);
    this.break();
    if (part.kind === 'stage') this.#print(part.detail, 'dim');
    if (part.kind === 'decision') this.#print(`${part.decision.model} · ${part.decision.reason}`, 'dim');
    if (part.kind === 'plan') for (const { text, state } of part.items) this.#print(`${marks[state]} ${text}`);
    if (part.kind === 'call') {
      if (part.within !== undefined) this.#inner.add(part.callId);
      this.#print(`${this.#indentOf(part)}> ${part.title}`, 'cyan');
      if (part.taint !== undefined) this.#print(`  ${part.taint}`, 'yellow');
    }
    if (part.kind === 'note') {
      this.#lastNote = part.text;
      this.#print(part.text, 'yellow');
    }
    if (part.kind === 'result') this.#result(part);
  }

  end(run: EndedRun): void {
    this.break();
    const { jobId, chatId, outcome, why, changes, usage, cost } = run;
    if (outcome !== 'done' && why !== undefined && why !== this.#lastNote) this.#print(why, 'yellow');
    if (outcome === 'limit') this.#print(`In a terminal, run \`switchyard run "Go on" --chat ${chatId}\`.`, 'yellow');
    for (const { path, change, added, removed } of changes.slice(0, maxFilesNamed)) {
      const isWithoutLines = change === 'changed' && added + removed === 0;
      const what = isWithoutLines ? "permissions, or bytes that aren't text" : `+${added} -${removed}`;
      this.#print(`${change === 'changed' ? '' : `${change} `}${path} (${what})`);
    }
    const tokens = usage.input + usage.cacheRead + usage.cacheWrite;
    const facts = [
      changes.length === 0 ? 'No files changed' : `${counted(changes.length, 'file')} changed`,
      counted(this.#rounds, 'turn'),
      `${tokens} tokens in, ${usage.output + usage.reasoning} out`,
      priceWords(cost),
      `chat ${chatId}`,
    ];
    this.#print(facts.join(' · '), 'dim');
    if (changes.length > 0) this.#print(hintOfUndo(jobId), 'dim');
  }

  /** Ends the line that the model's text has begun. */
  break(): void {
    if (this.#isInLine) process.stdout.write('\n');
    this.#isInLine = false;
  }

  #say(arrived: string): void {
    const added = this.#text.add(arrived);
    // Between texts stands one empty line, also after a line that was ended for a step.
    const text = this.#isInLine ? added : added.replace(/^\n+/, this.#hasSaid ? '\n' : '');
    process.stdout.write(text);
    if (text === '') return;
    this.#hasSaid = true;
    this.#isInLine = !text.endsWith('\n');
  }

  #indentOf({ callId }: { callId: string }): string {
    return this.#inner.has(callId) ? '  ' : '';
  }

  #result({ callId, ok, summary, diff }: AgentPart & { kind: 'result' }): void {
    this.#print(`${this.#indentOf({ callId })}  ${summary}`, ok ? 'dim' : 'yellow');
    if (diff !== undefined && diff !== this.#diffs.get(callId)) printDiff(diff, this.#print);
  }
}

function hintOfUndo(jobId: string): string {
  return `To keep or undo each change, run \`switchyard jobs review ${jobId}\`. To undo them all, run \`switchyard jobs undo ${jobId}\`.`;
}
