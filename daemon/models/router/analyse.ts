// What a request asks for, read from its text, attachments and history: tokens, complexity, task, needs. Pure; no model
// is asked.
import type { RequestTask, RouteRequest, TaskName } from './router.ts';
import { aroundFences, describeTask } from './tasks.ts';

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
    attachments.reduce((sum, { text = '', tokens: other = 0 }) => sum + countTokens(text) + other, 0) +
    (request.historyTokens ?? 0);
  const vision = attachments.some(({ kind }) => kind === 'image');
  const kind = describeTask(request, { task, vision });
  const { difficulty, signals } = difficultyOf(request.text, {
    tokens,
    questionTokens: countTokens(aroundFences(request.text)),
    base: kind.difficulty,
  });
  const json = request.needs?.json ?? asksForJson(request.text.slice(0, maxScanned));
  const complexity = complexityOf(difficulty);
  const outputTokens = outputTokensOf(kind, { json, complexity });
  return {
    tokens,
    outputTokens,
    complexity,
    difficulty,
    task: kind.name,
    needs: {
      vision,
      tools: request.needs?.tools ?? false,
      json,
      realtime: realtime.test(request.text),
      contextTokens: tokens + kind.outputTokens,
    },
    signals: [kind.because, ...signals],
  };
}

/** A greeting or a single fact gets a short answer, and JSON has no prose around it. */
function outputTokensOf(
  { name, outputTokens }: { name: TaskName; outputTokens: number },
  { json, complexity }: { json: boolean; complexity: Complexity },
): number {
  const max = name === 'chat' && complexity === 'trivial' ? 100 : json ? 250 : outputTokens;
  return Math.min(outputTokens, max);
}

const realtime =
  /\b(?:today|right now|currently|latest (?:news|version|release)|this week|stock price|weather|exchange rate)\b|今天|现在的|最新(?:版|消息|新闻|ニュース|バージョン)|天[气気氣]|股[价價]|株価|汇率|匯率|為替|今日の/i;

/** The answer itself is to be JSON: who asks tells this program to. What an API returns is no such wish. */
const wishesForJson: readonly RegExp[] = [
  /\b(?:as|als|au format) (?:an? |the |only |valid |raw |strict |pure |plain )*json\b(?! (?:file|column|string)\b)/i,
  /\b(?:repl(?:y|ies)|answer|respond|output|format(?:ted)?|give me|list|show|present|put|extract|antworte\w*|réponds|responde)\b[^.\n]{0,60}\b(?:in|into|to|als|en|au format|im) (?:an? |the |only |valid |raw |strict |pure |plain |format )*json\b(?! (?:file|column|at)\b)/i,
  /(?:^|[.,;:!\n]|\b(?:and|please|then|only|just|must|you|always)) *(?:only |just )?(?:return|output|respond with|reply with|answer with|send|produce|emit|give me) (?:an? |the |me |only |nothing but |valid |raw |strict |pure |plain |well-formed )*json\b(?! (?:parser|file|schema|editor|library|module|to)\b)/i,
  /\b(?:outputs?|answers?|repl(?:y|ies)|results?) (?:should|must|has to|needs to|shall) be (?:in |an? |valid |raw |strict )*json\b|\bjson (?:only|and nothing else)\b|\b(?:only|strict|raw|pure) json\b(?! (?:parser|file|schema)\b)/i,
  /\b(?:form|format|shape|structure)\W{0,3}\{\s*"/i,
  /(?<!怎么|怎麼|如何|能不能)(?:以|用|按照?|使用)\s*(?:以下|这个|這個|下面的?|如下|合法的?|有效的?|纯)?\s*json\s*(?:格式|形式|结构|結構|数组|对象)?(?:来|來)?\s*(?:返回|输出|輸出|回答|回复|回覆|给我|給我|表示|展示|呈现)/i,
  /(?:^|[，。,；;\n请請只仅僅]|直接|必须|必須)\s*(?:返回|输出|輸出|回复|回覆|给我|給我)\s*(?:成|为|為|一个|一個|合法的?|有效的?|纯|标准)*\s*json(?!.{0,3}(?:报错|報錯|解析|文件))/i,
  /(?:结果|結果|答案|输出|輸出|整理|提取|转换?|轉換?|格式化|组织)[^，。\n]{0,6}(?:用|以|成|为|為)\s*(?:一个|合法的?)?\s*json(?!\s*(?:文件|解析))/i,
  /json\s*(?:形式|配列|オブジェクト|フォーマット|文字列)?\s*(?:のみ|だけ)?で(?:[^。\n]{0,10}(?:返(?:して|却して|信して)|出力(?:して|し|$|を?お願い)|回答|答え(?:て|を)|お願い|ください|下さい|示して|まとめて|いただ)|(?:。|$))/i,
  /json\s*(?:形式|配列|オブジェクト)?に(?:して|(?:変換|整形)して(?!.{0,6}(?:スクリプト|関数|コード))|まとめて|直して)|(?:出力|回答|結果|レスポンス)は(?:必ず|全て|すべて)?\s*json(?:形式|オブジェクト|配列|のみ|だけ)?(?:で|に|を)/i,
];

function asksForJson(text: string): boolean {
  return /json|\{\s*"/i.test(text) && wishesForJson.some((pattern) => pattern.test(text));
}

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
      /\b(?:renam(?:e|ing)|typos?|one-?liner|semicolons?|bump|re-?indent|sort (?:the )?imports|unused imports?|umbenenn\w*|benenne|trailing (?:comma|space|newline)s?|indent(?:ation)?|whitespace|colou?rs?|add (?:a|one|this) (?:comment|semicolon|newline|line|space)|wording|spelling|capitali[sz]e|placeholder text|log level)\b|重命名|改名|改个.{0,4}名|[错錯]别?字|拼写|拼寫|缩进|縮排|空格|逗号|逗號|分号|颜色|顏色|(?:[没沒]用到?|未使用)的 ?import|(?:加|补|補|写|寫)(?:一?[个個行句条條])(?:注释|註解|註釋|日志|空行)|リネーム|名前.{0,12}変え|変数名.{0,6}(?:変|直)|誤字|脱字|スペル|インデント|セミコロン|余分な|改行|文言|色を|(?:使って(?:い)?ない|未使用の) ?import|コメントを.{0,6}(?:足し|入れ)/i,
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
      /\b(?:architect(?:ure)?|design|migrat(?:e|ion)|scal(?:e|ab\w+)|distributed|protocol|shard\w*|fail-?over|high availability|multi-?tenant)\b|架构|架構|设计|設計|分布式|分散|协议|協定|高可用|容灾|容災|故障转移|分片|迁移|遷移|移行|アーキテクチャ|プロトコル|スケール|フェイルオーバー|冗長化|可用性/i,
  },
  {
    signal: 'mentions a hard subject',
    weight: 0.18,
    pattern:
      /\b(?:concurren\w+|deadlocks?|(?:data )?races?(?: conditions?)?|memory leaks?|heap|linearizab\w+|lock-free|cryptograph\w+|complexity|optimi[sz]\w+|undefined behaviou?r|theorem|privilege|injection|authoriz\w+|authenticat\w+|consensus|isolation level|idempoten\w+|exactly.once)\b|并发|並發|並行|死[锁鎖]|デッドロック|[竞競][态態争爭]|競合状態|排他制御|内存(?:泄[漏露]|溢出|一直|持续)|記憶體洩漏|メモリ(?:リーク|が増え)|[无無][锁鎖]|ロックフリー|密码学|暗号|复杂度|計算量|优化|最適化|未定义行为|未定義動作|定理|越[权權]|注入|鉴权|鑑權|线性一致|線性一致|线程安全|一致性|幂等|脆弱性|権限昇格|インジェクション|認証|認可|線形化|整合性|スレッドセーフ|冪等/i,
  },
  {
    signal: 'weighs several statements',
    weight: 0.1,
    pattern:
      /\bwhich (?:of (?:the|these)|statement|one of)|\bstatements? (?:\d|[IVab]\b)|\bI+ and I+|true or false|以下哪|下列|どれが正し|次のうち/i,
  },
  {
    signal: 'turns on an exception',
    weight: 0.1,
    pattern:
      /\b(?:EXCEPT|NOT|LEAST|except|incorrect|untrue|false|none of|never)\b|除了|不正确|不正確|(?:错误|錯誤)的是|以外|誤って/,
  },
  {
    signal: 'asks for a term',
    weight: -0.1,
    pattern:
      /\b(?:is|are) (?:called|known as)\b|\brefers? to\b|\bterm for\b|\bdefin(?:e[ds]?|ition)\b|叫什[么麼]|の定義|何と呼/i,
  },
  { signal: 'has several steps', weight: 0.08, pattern: /^[ \t]*(?:[-*]|\d+[.)])\s.*\n\s*(?:[-*]|\d+[.)])\s/m },
  {
    signal: 'touches several files',
    weight: 0.1,
    pattern:
      /\b(?:across|every file|whole (?:project|codebase|repo\w*)|all (?:the )?(?:files|modules|tests))\b|整个(?:项目|代码库|仓库)|所有(?:文件|模块|测试|接口)|整[个個](?:[^，。\s]{0,6})(?:流程|系统|系統|模块|模組|服务|服務|架构)|(?:全部|所有)(?:服务|服務|モジュール)|(?:プロジェクト|コード|システム|フロー|流れ|サービス|アプリ)全体|全サービス|(?:すべて|全て|全部)の(?:ファイル|モジュール|テスト)/i,
  },
  { signal: 'includes code', weight: 0.05, pattern: /```|=>|\b(?:function|class|def|import|return)\b.*[({:]/ },
  {
    signal: 'includes an error or a stack trace',
    weight: 0.08,
    pattern: /\b(?:Traceback|Exception|segfault|panic:|at \S+:\d+:\d+)/,
  },
];

/** The longer, the harder: a long question more than long material under it. Each has half of its effect at `half`. */
const lengths = { question: { weight: 0.2, half: 100 }, all: { weight: 0.35, half: 1500 } }; // tokens
/** What a question of ordinary length would add; the weights of tasks include it. */
const ordinaryLength = ofLength(18, lengths.question);

function difficultyOf(
  text: string,
  { tokens, questionTokens, base }: { tokens: number; questionTokens: number; base: number },
): { difficulty: number; signals: string[] } {
  const matching = hints.filter(({ pattern }) =>
    pattern.test(text.length > maxScanned ? text.slice(0, maxScanned) : text),
  );
  const hinted = matching.reduce((sum, { weight }) => sum + weight, 0);
  const long = ofLength(questionTokens, lengths.question) + ofLength(tokens, lengths.all) - ordinaryLength;
  const difficulty = Math.min(1, Math.max(0, base + hinted + long));
  return {
    difficulty,
    signals: matching.map(({ signal }) => signal),
  };
}

function ofLength(tokens: number, { weight, half }: { weight: number; half: number }): number {
  return (weight * tokens) / (tokens + half);
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
