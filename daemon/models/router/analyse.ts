// What a request asks for, read from its text, attachments and history: tokens, complexity, task, needs. Pure; no model
// is asked.
import type { RequestTask, RouteRequest, TaskName } from './router.ts';
import { describeTask } from './tasks.ts';

export type Complexity = 'trivial' | 'simple' | 'moderate' | 'complex' | 'expert';

interface RequestNeeds {
  vision: boolean;
  tools: boolean;
  json: boolean;
  /** Whether it asks for current events, which no model was trained on. */
  realtime: boolean;
  /** Prompt and expected answer together. */
  contextTokens: number;
}

export interface Analysis {
  /** Tokens of the prompt with attachments and history. */
  tokens: number;
  /** Tokens that an answer to such a task takes on average. */
  outputTokens: number;
  complexity: Complexity;
  /** 0 to 1. `complexity` is this in words; scores use the number, so that they do not jump between two words. */
  difficulty: number;
  task: TaskName;
  needs: RequestNeeds;
  /** What in the request led to this, for "Why this model?". */
  signals: string[];
}

export type CountTokens = (text: string) => number;

export function analyse(
  request: RouteRequest,
  { task, countTokens }: { task: RequestTask; countTokens: CountTokens },
): Analysis {
  const attachments = request.attachments ?? [];
  const tokens =
    countTokens(request.text) +
    attachments.reduce((sum, { text = '' }) => sum + countTokens(text), 0) +
    (request.historyTokens ?? 0);
  const vision = attachments.some(({ kind }) => kind === 'image');
  const kind = describeTask(request, { task, vision });
  const { difficulty, signals } = difficultyOf(request.text, { tokens, base: kind.difficulty });
  return {
    tokens,
    outputTokens: kind.outputTokens,
    complexity: complexityOf(difficulty),
    difficulty,
    task: kind.name,
    needs: {
      vision,
      tools: request.needs?.tools ?? false,
      json: request.needs?.json ?? asksForJson.test(request.text.slice(0, maxScanned)),
      realtime: realtime.test(request.text),
      contextTokens: tokens + kind.outputTokens,
    },
    signals: [kind.because, ...signals],
  };
}

const realtime =
  /\b(?:today|right now|currently|latest (?:news|version|release)|this week|stock price|weather|exchange rate)\b|今天|现在的|最新(?:版|消息|新闻|ニュース|バージョン)|天[气気氣]|股[价價]|株価|汇率|匯率|為替|今日の/i;

/** The answer is to be JSON. A question about JSON isn't one for JSON. */
const asksForJson =
  /\b(?:as|in|only|valid|raw|return(?:s|ing)?|respond with|reply with|answer with|output|als|en|au format|im format)\s+(?:a |an |the |only |valid |raw |strict |pure |ein |gültiges )*json\b(?! (?:parser|file|schema|editor|library|module|to\b))|\bjson (?:only|output|object with|array of)\b|(?:以|用|返回|输出|輸出)\s*(?:一个|合法的?|有效的?)?\s*json|json\s*(?:格式|形式|オブジェクト)?\s*(?:で|返回|输出|輸出|回答)/i;

/** What makes a request harder or easier. A row adds its weight once, however often it matches. */
const hints: readonly { signal: string; weight: number; pattern: RegExp }[] = [
  {
    signal: 'a greeting or thanks',
    weight: -0.3,
    pattern:
      /^\s*(?:(?:hi|hello|hey|thanks|thank you|ok|okay|good (?:morning|evening))\b.{0,20}|(?:你好|您好|谢谢|謝謝|多谢|早上好|こんにちは|こんばんは|おはよう|ありがとう).{0,10})$/is,
  },
  {
    signal: 'asks for something short',
    weight: -0.1,
    pattern:
      /\b(?:briefly|in one (?:word|sentence|line)|short answer|just the|yes or no)\b|简短|簡短|一句话|一句話|一言で|手短に/i,
  },
  {
    signal: 'is only a few words',
    weight: -0.06,
    // Without spaces between words, a whole sentence would be one.
    pattern: /^(?![\s\S]*[\u3040-\u30ff\u3400-\u9fff])\s*\S+(?:\s+\S+){0,3}\s*$|^\s*[^\n]{1,10}$/,
  },
  {
    signal: 'is a small edit',
    weight: -0.12,
    pattern:
      /\b(?:renam(?:e|ing)|typos?|one-?liner|semicolons?|bump|re-?indent|sort (?:the )?imports|unused imports?|umbenenn\w*|benenne)\b|重命名|改名|リネーム|名前.{0,12}変え/i,
  },
  {
    signal: 'is about hundreds of lines',
    weight: 0.2,
    pattern:
      /\b(?:[3-9]\d\d|\d{1,3}[,.]?\d{3}|\d+k)[ -]?(?:lines?|loc|zeilen|lignes|líneas)\b|(?:[3-9]\d\d|\d{4,})\s*(?:多|余)?\s*行|\b(?:god (?:class|object)|monolith\w*|spaghetti)\b/i,
  },
  { signal: 'is arithmetic', weight: -0.1, pattern: /^[^\n\d]{0,25}[\d\s.,+*/×÷^()-]+[?=]?\s*$/ },
  {
    signal: 'asks for reasons or proof',
    weight: 0.12,
    pattern:
      /\b(?:prove|proof|derive|why does|root cause|trade-?offs?|compare|justify|beweise\w*|begründe\w*|vergleiche)\b|证明|證明|証明し|推导|根本原因|权衡|取舍|トレードオフ|比较一?下|对比|比較/i,
  },
  {
    signal: 'asks for a design',
    weight: 0.15,
    pattern:
      /\b(?:architect(?:ure)?|design|migrat(?:e|ion)|scal(?:e|ab\w+)|distributed|protocol)\b|架构|架構|设计|設計|分布式|分散|协议|協定|アーキテクチャ|プロトコル|スケール/i,
  },
  {
    signal: 'mentions a hard subject',
    weight: 0.18,
    pattern:
      /\b(?:concurren\w+|deadlock|race condition|memory leak|lock-free|cryptograph\w+|complexity|optimi[sz]\w+|undefined behaviou?r|theorem)\b|并发|並發|並行|死锁|死鎖|デッドロック|竞态|競合状態|内存泄漏|メモリリーク|无锁|密码学|暗号|复杂度|計算量|优化|最適化|未定义行为|未定義動作|定理/i,
  },
  { signal: 'has several steps', weight: 0.08, pattern: /(?:^|\n)\s*(?:[-*]|\d+[.)])\s.*\n\s*(?:[-*]|\d+[.)])\s/ },
  {
    signal: 'touches several files',
    weight: 0.1,
    pattern:
      /\b(?:across|every file|whole (?:project|codebase|repo\w*)|all (?:the )?(?:files|modules|tests))\b|整个(?:项目|代码库|仓库)|所有(?:文件|模块|测试|接口)|(?:プロジェクト|コード)全体|(?:すべて|全て|全部)の(?:ファイル|モジュール|テスト)/i,
  },
  { signal: 'includes code', weight: 0.05, pattern: /```|=>|\b(?:function|class|def|import|return)\b.*[({:]/ },
  {
    signal: 'includes an error or a stack trace',
    weight: 0.08,
    pattern: /\b(?:Traceback|Exception|segfault|panic:|at \S+:\d+:\d+)/,
  },
];

/** The length of a request has half of its effect at this many tokens. */
const halfEffectTokens = 1500;
const lengthWeight = 0.35;

function difficultyOf(
  text: string,
  { tokens, base }: { tokens: number; base: number },
): { difficulty: number; signals: string[] } {
  const matching = hints.filter(({ pattern }) =>
    pattern.test(text.length > maxScanned ? text.slice(0, maxScanned) : text),
  );
  const hinted = matching.reduce((sum, { weight }) => sum + weight, 0);
  const difficulty = Math.min(1, Math.max(0, base + hinted + (lengthWeight * tokens) / (tokens + halfEffectTokens)));
  return {
    difficulty,
    signals: [...matching.map(({ signal }) => signal), `${tokens} ${tokens === 1 ? 'token' : 'tokens'}`],
  };
}

const maxScanned = 3000; // characters; the question comes first, the material after it

const upTo: readonly [number, Complexity][] = [
  [0.12, 'trivial'],
  [0.3, 'simple'],
  [0.5, 'moderate'],
  [0.7, 'complex'],
];

function complexityOf(difficulty: number): Complexity {
  return upTo.find(([max]) => difficulty < max)?.[1] ?? 'expert';
}
