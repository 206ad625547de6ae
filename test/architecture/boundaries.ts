// The dependency rules as one table: what each folder may import. The first row that matches a file holds for it.

export interface Rule {
  /** Files it holds for, from the repository's root. */
  files: RegExp;
  /** Project files that may be imported. */
  may: RegExp;
  /** Packages that may be imported, without subpath; Node's built-ins are `node:`. */
  packages: readonly string[];
}

const jsonRpc = ['vscode-jsonrpc', 'vscode-languageserver', 'vscode-languageserver-textdocument'];

/** What of storage other parts see: the contract, and never the engine behind it. */
const contract = 'daemon/storage/[a-z-]+\\.ts';
/** What of the models a feature or a handler sees: how a model is asked, and the types that this takes. */
const asking =
  'daemon/models/(ask|make-pictures|router/(router|create|records|availability|tasks|tokens|completing-model)|providers/provider|costs/costs|cache/(cache|key)|embedding/(embedder|reranker)|secrets/(scanner|placeholder)|setup/speeds)\\.ts';
/** The files by which features know each other, and by which handlers know them. */
const entries =
  'daemon/features/(chat/(chat|send|running-turns|prompt|window)|pipeline/(review|fix|types|finding-board|rewrite|run/options|code-prompts|windows|changes/(git-(diff|change)|parse-diff|revisions|scope)|edits/(edit-forms|gate|placing)|target|write/write|analysers/(find-tool|run-tool))|jobs/(jobs|job-run)|code-actions/(producers|perform)|commit/commit|completion/completion|mentions/contexts|vision/(pictures|attached)|memories/(memories|section)|search/(search|settled)|tools/tools?|profiles/(admin|folder|model)|answers/answers|change-sets/(change-sets|confined-path|runs-later|text-lines)|mcp-servers/mcp-servers|web/engines/engines|agent/(agent|checkpoints/(checkpoints|pending-files)|loop/(shown|stored)-parts|guidance/prompt-files))\\.ts';

const within = (...patterns: string[]): RegExp => new RegExp(`^(${patterns.join('|')})`);

export const rules: readonly Rule[] = [
  { files: /^shared\//, may: within('shared/'), packages: ['zod'] },
  { files: /^webview\/toolkit\.ts$/, may: within('webview/'), packages: ['@vscode/webview-ui-toolkit'] },
  // A view's state and its update are pure: no element, no page, no request.
  {
    files: /^webview\/chat\/state\//,
    may: within('webview/chat/state/', 'webview/chat/composer/mentions\\.ts', 'webview/(rpc|words)\\.ts', 'shared/'),
    packages: [],
  },
  {
    files: /^webview\/history\/state\//,
    may: within('webview/history/state/', 'webview/words\\.ts', 'shared/'),
    packages: [],
  },
  {
    files: /^webview\/markdown\//,
    may: within('webview/(markdown/|words\\.ts)', 'shared/'),
    packages: ['markdown-it', 'highlight.js', 'katex'],
  },
  { files: /^webview\/chat\//, may: within('webview/(?!history)', 'shared/'), packages: ['lit', 'dompurify'] },
  { files: /^webview\/jobs\//, may: within('webview/(jobs/|[a-z-]+\\.(ts|css)$)', 'shared/'), packages: ['lit'] },
  {
    files: /^webview\/history\//,
    may: within('webview/(history/|markdown/|chat/message/|[a-z-]+\\.(ts|css)$)', 'shared/'),
    packages: ['lit'],
  },
  {
    files: /^webview\/(chat|history|history-answers|jobs|math)\.ts$/,
    may: within('webview/', 'shared/'),
    packages: [],
  },
  // What both views share knows neither.
  { files: /^webview\//, may: within('webview/[a-z-]+\\.(ts|css)$', 'shared/'), packages: ['lit'] },
  {
    files: /^extension\//,
    may: within('extension/', 'shared/', 'daemon/transfer/'),
    packages: ['node:', 'vscode', 'vscode-languageclient'],
  },
  // What a client runs, the command line and the extension alike: it is no part of the daemon.
  {
    files: /^daemon\/transfer\/mcp\//,
    may: within('shared/', 'daemon/transfer/mcp/', 'daemon/base/(child-environment|disk|errors|paths)\\.ts'),
    packages: ['node:', 'jsonc-parser'],
  },
  { files: /^daemon\/transfer\//, may: within('shared/', 'daemon/transfer/'), packages: ['node:'] },
  {
    files: /^daemon\/base\//,
    may: within('daemon/base/', 'shared/hidden-characters\\.ts'),
    packages: ['node:', 'zod', 'pino', 'env-paths', 'jsonc-parser', 'lru-cache'],
  },
  {
    files: /^daemon\/storage\//,
    may: within('daemon/storage/', 'daemon/base/'),
    packages: ['node:', 'better-sqlite3', 'sqlite-vec', 'kysely', 'lru-cache'],
  },
  {
    files: /^daemon\/models\//,
    may: within('daemon/models/', 'daemon/base/', contract, 'shared/usd\\.ts', 'daemon/transfer/zip\\.ts'),
    packages: [
      'node:',
      'zod',
      'openai',
      '@anthropic-ai/sdk',
      '@google/genai',
      'ollama',
      'node-llama-cpp',
      'gpt-tokenizer',
      'cockatiel',
      'lru-cache',
    ],
  },
  {
    files: /^daemon\/(code-index|ignore)\//,
    may: within('daemon/code-index/', 'daemon/ignore/', 'daemon/base/', 'daemon/models/secrets/scanner\\.ts'),
    packages: ['node:', '@vscode/tree-sitter-wasm'],
  },
  {
    files: /^daemon\/keys\//,
    may: within('daemon/keys/', 'daemon/base/'),
    packages: ['node:', '@napi-rs/keyring', 'zod'],
  },
  {
    files: /^daemon\/egress\//,
    may: within('daemon/egress/', 'daemon/base/'),
    packages: ['node:', 'undici', 'lru-cache'],
  },
  { files: /^daemon\/request-log\//, may: within('daemon/request-log/', 'daemon/base/'), packages: ['node:'] },
  ...[
    'answers',
    'chat',
    'jobs',
    'pipeline',
    'code-actions',
    'change-sets',
    'commit',
    'completion',
    'mentions',
    'memories',
    'search',
    'profiles',
    'vision',
  ].map((feature) => ({
    files: within(`daemon/features/${feature}/`),
    may: within(
      `daemon/features/${feature}/`,
      'daemon/base/',
      contract,
      asking,
      entries,
      'daemon/sessions/session-view\\.ts',
      'shared/(cut-off|same-flaw|pictures|usd|edits/[a-z-]+|words/counted|language|hidden-characters)\\.ts',
      'daemon/ignore/(ignore|gate)\\.ts',
      'daemon/code-index/(walk|indexed-root|code-index|syntax-checker|power)\\.ts',
    ),
    packages: [
      'node:',
      'zod',
      'lru-cache',
      ...(feature === 'pipeline' ? ['jsonc-parser'] : []), // tsconfig.json
      ...(feature === 'vision' ? ['jpeg-js', 'tesseract.js-core'] : []),
    ],
  })),
  {
    files: /^daemon\/features\/tools\//,
    may: within(
      'daemon/features/tools/',
      'daemon/base/',
      contract,
      asking,
      entries,
      'daemon/sessions/session-view\\.ts',
      'daemon/ignore/gate\\.ts',
      'shared/(hidden-characters|review-markdown|usd)\\.ts',
    ),
    packages: ['zod', 'node:'],
  },
  {
    files: /^daemon\/features\/agent\//,
    may: within(
      'daemon/features/agent/',
      'daemon/features/(chat/answer|tools/result|pipeline/(edits/fences|rules/rules|text-inside))\\.ts',
      'daemon/models/costs/(price|priced)\\.ts', // what an answer may cost, before it's asked for
      'daemon/base/',
      contract,
      asking,
      entries,
      'daemon/sessions/session-view\\.ts',
      'daemon/ignore/(ignore|gate)\\.ts',
      'daemon/code-index/(walk|indexed-root|syntax-checker)\\.ts',
      'shared/(protocol/(agent|define|review)|review-markdown|hidden-characters|usd|language|edits/[a-z-]+|words/(counted|wait-note|always-words|argv-words))\\.ts',
    ),
    packages: ['node:', 'zod', 'lru-cache'],
  },
  {
    files: /^daemon\/features\/mcp-servers\//,
    may: within(
      'daemon/features/mcp-servers/',
      'daemon/features/agent/tools/tool\\.ts',
      'daemon/features/tools/result\\.ts',
      'daemon/base/',
      contract,
      'shared/(hidden-characters|words/counted)\\.ts',
    ),
    packages: ['node:', '@modelcontextprotocol/client'],
  },
  {
    files: /^daemon\/features\/web\//,
    may: within(
      'daemon/features/web/',
      'daemon/features/agent/(tools/(tool|arguments)|approvals/identity)\\.ts',
      'daemon/features/tools/result\\.ts',
      'daemon/base/',
      asking,
      'shared/(hidden-characters|words/counted)\\.ts',
    ),
    packages: ['node:', 'zod', 'lru-cache', '@mozilla/readability', 'linkedom', 'turndown'],
  },
  {
    files: /^daemon\/handlers\//,
    may: within(
      'shared/',
      'daemon/handlers/',
      'daemon/base/',
      'daemon/sessions/',
      'daemon/services\\.ts',
      'daemon/transfer/',
      contract,
      asking,
      entries,
      'daemon/ignore/ignore\\.ts',
      'daemon/rpc/',
    ),
    packages: ['node:', 'zod', ...jsonRpc],
  },
  {
    files: /^daemon\/cli\/(serve|stdio)\.ts$/,
    may: within('shared/', 'daemon/cli/', 'daemon/base/', 'daemon/rpc/', 'daemon/main\\.ts'),
    packages: ['node:'],
  },
  {
    files: /^daemon\/cli\/mcp\//,
    may: within('shared/', 'daemon/cli/', 'daemon/base/', 'daemon/transfer/mcp/'),
    packages: ['node:', '@modelcontextprotocol/server'],
  },
  {
    files: /^daemon\/cli\/acp\//,
    may: within('shared/', 'daemon/cli/', 'daemon/base/', 'daemon/transfer/mcp/'),
    packages: ['node:', '@agentclientprotocol/sdk'],
  },
  // What measures models looks at code as the daemon does.
  {
    files: /^daemon\/cli\/eval\//,
    may: within(
      'shared/',
      'daemon/cli/',
      'daemon/base/',
      'daemon/code-index/chunk/(faults|parsers)\\.ts',
      'daemon/models/router/learn/random\\.ts',
    ),
    packages: ['node:'],
  },
  {
    files: /^daemon\/cli\//,
    may: within('shared/', 'daemon/cli/', 'daemon/base/', 'daemon/rpc/', 'daemon/transfer/'),
    packages: ['node:', ...jsonRpc],
  },
  {
    files: /^daemon\/gateway\//,
    may: within('shared/', 'daemon/gateway/', 'daemon/base/', 'daemon/sessions/'),
    packages: ['node:', 'ws'],
  },
  {
    files: /^daemon\/rpc\//,
    may: within('shared/', 'daemon/rpc/', 'daemon/base/', 'daemon/sessions/', 'daemon/(server|services)\\.ts'),
    packages: ['node:', ...jsonRpc],
  },
  {
    files: /^daemon\/sessions\//,
    may: within('shared/', 'daemon/sessions/', 'daemon/base/', contract, 'daemon/features/profiles/'),
    packages: ['node:', 'zod', ...jsonRpc],
  },
  {
    files: /^daemon\/server\.ts$/,
    may: within('shared/', 'daemon/(handlers|sessions|base)/', 'daemon/services\\.ts'),
    packages: ['node:', 'zod', ...jsonRpc],
  },
  // Types of everything there is, handed to whoever asks for a part of it; the doctor looks at all of it.
  { files: /^daemon\/(services\.ts|doctor\/)/, may: within('shared/', 'daemon/'), packages: ['node:'] },
  { files: /^daemon\/switchyard\.ts$/, may: within('daemon/cli/cli\\.ts'), packages: [] },
  { files: /^daemon\/(main|compose|compose\/.*)\.ts$/, may: within('daemon/', 'shared/'), packages: ['node:', 'ws'] },
  { files: /^test\//, may: /^/, packages: ['*'] },
  { files: /^esbuild(\.using)?\.mjs$/, may: /^esbuild\.using\.mjs$/, packages: ['node:', 'esbuild'] },
];

/** Folders and files that may stand at the root; a new one is a decision, made here. */
export const rootEntries: ReadonlySet<string> = new Set([
  'extension',
  'daemon',
  'webview',
  'shared',
  'l10n',
  'media',
  'test',
  '.ci',
  'package.json',
  'package-lock.json',
  'esbuild.mjs',
  'esbuild.using.mjs',
  '.vscodeignore',
  '.npmrc',
  '.gitignore',
  '.gitattributes',
  '.mocharc.json',
  '.git-blame-ignore-revs',
  'README.md',
  'CONTRIBUTING.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'LICENSE',
  'tsconfig.json',
  'biome.json',
  'knip.json',
]);

/** Packages that one file alone may import, whatever the table says of its folder. */
export const soleImporters: Readonly<Record<string, RegExp>> = {
  'node-llama-cpp': /^daemon\/models\/inference\//,
  'better-sqlite3': /^daemon\/storage\/sqlite\//,
  'sqlite-vec': /^daemon\/storage\/sqlite\//,
  '@napi-rs/keyring': /^daemon\/keys\//,
  cockatiel: /^daemon\/models\/resilience\//,
  '@vscode/tree-sitter-wasm': /^daemon\/code-index\//,
  '@mozilla/readability': /^daemon\/features\/web\/reading\//,
  linkedom: /^daemon\/features\/web\/reading\//,
  turndown: /^daemon\/features\/web\/reading\//,
  'jpeg-js': /^daemon\/features\/vision\/decode\//,
  '@modelcontextprotocol/server': /^daemon\/cli\/mcp\//,
  '@agentclientprotocol/sdk': /^(daemon\/cli\/acp|test)\//,
  '@modelcontextprotocol/client': /^(daemon\/features\/mcp-servers|test)\//,
  undici: /^daemon\/egress\//,
  '@vscode/webview-ui-toolkit': /^webview\/toolkit\.ts$/,
};

/** Calls that open outbound connections: only the egress module may make them, and the CLI's and daemon's own local socket. */
export const outbound = {
  pattern: /\b(globalThis\.fetch|https?\.request|https?\.get|tls\.connect|createConnection)\b|(?<![.\w])fetch\(/,
  allowed: /^(daemon\/(egress\/[a-z]+|rpc\/(join|listener))\.ts|test\/)/,
};
