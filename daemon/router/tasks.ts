// The kinds of tasks, as a table: what tells one, how hard such tasks are, and how long their answers.
import type { RouteRequest, Task } from './router.ts';

export type TaskKind = 'chat' | 'code' | 'review' | 'explain' | 'refactor' | 'test' | 'debug' | 'document' | 'analysis' | 'writing' | 'translation' | 'math' | 'vision' | 'search';

export interface KindOfTask {
  name: TaskKind;
  /** 0 to 1, before anything is known of the request itself. */
  difficulty: number;
  /** Tokens of an answer, on average. */
  outputTokens: number;
  /** What tells it, each pattern with what it counts. */
  clues: readonly [weight: number, pattern: RegExp][];
}

const rows: readonly KindOfTask[] = [
  { name: 'review', difficulty: 0.35, outputTokens: 900, clues: [[3, /\breview(?:s|ed|ing)?\b/i], [1, /\b(?:pull request|diff|code quality|vulnerabilit\w+)\b/i]] },
  { name: 'debug', difficulty: 0.35, outputTokens: 700, clues: [[2, /\b(?:debug|bug|crash\w*|fails?|failing|broken|does(?:n't| not) work|fix)\b/i], [2, /\b(?:error|exception|traceback|stack ?trace|segfault|panic)\b/i]] },
  { name: 'test', difficulty: 0.3, outputTokens: 900, clues: [[3, /\b(?:unit|integration|regression) tests?\b/i], [2, /\b(?:write|add|generate)\b.{0,40}\btests?\b/i], [1, /\b(?:coverage|mocha|pytest|jest|assert\w*)\b/i]] },
  { name: 'refactor', difficulty: 0.35, outputTokens: 900, clues: [[3, /\brefactor\w*\b/i], [2, /\b(?:clean up|simplify|extract|rename|split (?:up|into)|improve (?:this|the) code)\b/i]] },
  { name: 'document', difficulty: 0.2, outputTokens: 500, clues: [[3, /\b(?:docstring|jsdoc|readme|changelog|document (?:this|the))\b/i]] },
  { name: 'explain', difficulty: 0.2, outputTokens: 500, clues: [[2, /\b(?:explain|what does|how does|why (?:is|does|do)|what is|walk me through|meaning of)\b/i]] },
  { name: 'code', difficulty: 0.3, outputTokens: 800, clues: [[2, /\b(?:implement|write|create|generate|add)\b.{0,60}\b(?:function|class|script|program|code|endpoint|component|query|regex|method|module|api)\b/i], [1, /```/], [1, /\b(?:typescript|javascript|python|rust|golang|java|kotlin|c\+\+|sql|bash|html|css)\b/i]] },
  { name: 'math', difficulty: 0.4, outputTokens: 500, clues: [[2, /\b(?:solve|calculate|compute|equation|integral|derivative|probability|theorem|polynomial|matrix)\b/i], [1, /\d\s*[-+*/^=]\s*\d/]] },
  { name: 'analysis', difficulty: 0.4, outputTokens: 900, clues: [[2, /\b(?:analy[sz]e|analysis|compare|evaluate|pros and cons|trade-?offs?|assess)\b/i]] },
  { name: 'translation', difficulty: 0.15, outputTokens: 400, clues: [[3, /\btranslat(?:e|ion)\b/i]] },
  { name: 'writing', difficulty: 0.2, outputTokens: 700, clues: [[2, /\b(?:write|draft|compose|rewrite|proofread)\b.{0,60}\b(?:email|letter|essay|article|story|poem|post|text|paragraph|summary)\b/i], [2, /\bsummari[sz]e\b/i]] },
  { name: 'search', difficulty: 0.2, outputTokens: 500, clues: [[3, /\b(?:search (?:for|the web)|look up|find (?:out|sources|articles)|latest news)\b/i]] },
];

const chat: KindOfTask = { name: 'chat', difficulty: 0.12, outputTokens: 400, clues: [] };
const vision: KindOfTask = { name: 'vision', difficulty: 0.25, outputTokens: 400, clues: [] };
const attachedCode = 1; // an attachment in a programming language makes code a little likelier

const mostRead = 2000; // characters

/** The kind of task, and what told it. */
export function describeTask(request: RouteRequest, { task, vision: seesImage }: { task: Task; vision: boolean }): KindOfTask & { because: string } {
  const review = rows.find(({ name }) => name === 'review');
  if (task === 'review' && review) return { ...review, because: 'a review' };
  if (seesImage) return { ...vision, because: 'an image to look at' };
  const text = request.text.slice(0, mostRead);
  const withCode = task === 'action' || request.attachments?.some(({ languageId }) => languageId !== undefined && !['plaintext', 'markdown'].includes(languageId));
  const scored = rows.map((row) => ({ row, score: scoreOf(row, text) + (withCode && row.name === 'code' ? attachedCode : 0) }));
  const best = scored.reduce((most, next) => (next.score > most.score ? next : most));
  return best.score > 0 ? { ...best.row, because: `reads like the task "${best.row.name}"` } : { ...chat, because: 'no sign of a special task' };
}

function scoreOf({ clues }: KindOfTask, text: string): number {
  return clues.reduce((sum, [weight, pattern]) => sum + (pattern.test(text) ? weight : 0), 0);
}
