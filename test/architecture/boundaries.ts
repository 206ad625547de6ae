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

export const rules: readonly Rule[] = [
  { files: /^shared\//, may: /^shared\//, packages: ['zod'] },
  { files: /^webview\/toolkit\.ts$/, may: /^webview\//, packages: ['@vscode/webview-ui-toolkit'] },
  // Formats of other programs are what a client reads, and a page in a browser is one.
  { files: /^webview\//, may: /^(webview|shared)\//, packages: ['lit', 'markdown-it', 'dompurify', 'highlight.js'] },
  {
    files: /^extension\//,
    may: /^(extension|shared|daemon\/transfer)\//,
    packages: ['node:', 'vscode', 'vscode-languageclient'],
  },
  { files: /^daemon\/base\//, may: /^daemon\/base\//, packages: ['node:', 'zod', 'pino', 'env-paths', 'jsonc-parser'] },
  { files: /^daemon\/wire\//, may: /^daemon\/(wire|base)\//, packages: ['node:', ...jsonRpc] },
  { files: /^daemon\/inference\//, may: /^daemon\/(inference|base)\//, packages: ['node:', 'node-llama-cpp'] },
  {
    files: /^daemon\/embedding\//,
    may: /^daemon\/(embedding\/|base\/|costs\/costs\.ts|memory\/memory\.ts|inference\/inference\.ts|providers\/(provider|registry)\.ts)/,
    packages: [],
  },
  {
    files: /^daemon\/memory\//,
    may: /^daemon\/(memory|base)\//,
    packages: ['node:', 'better-sqlite3', 'sqlite-vec', 'kysely'],
  },
  { files: /^daemon\/keys\//, may: /^daemon\/(keys|base)\//, packages: ['node:', '@napi-rs/keyring', 'zod'] },
  { files: /^daemon\/egress\//, may: /^daemon\/(egress|base)\//, packages: ['node:', 'undici'] },
  {
    files: /^daemon\/caller\//,
    may: /^(shared\/protocol\/|daemon\/(caller\/|base\/|sessions?\.ts))/,
    packages: ['node:'],
  },
  { files: /^daemon\/secrets\//, may: /^daemon\/(secrets\/|base\/|providers\/provider\.ts)/, packages: [] },
  { files: /^daemon\/ignore\//, may: /^daemon\/(ignore|base)\//, packages: ['node:'] },
  {
    files: /^daemon\/index\//,
    may: /^daemon\/(index\/|base\/|ignore\/ignore\.ts|secrets\/scanner\.ts)/,
    packages: ['node:', '@vscode/tree-sitter-wasm'],
  },
  {
    files: /^daemon\/context\//,
    may: /^daemon\/(context\/|base\/|ignore\/ignore\.ts|index\/(walk|indexed-root|code-index)\.ts|memory\/(memory|code\/types)\.ts|search\/search\.ts)/,
    packages: ['node:'],
  },
  { files: /^daemon\/providers\/local\.ts$/, may: /^daemon\/(providers|base|inference)\//, packages: ['node:'] },
  {
    files: /^daemon\/providers\/registry\.ts$/,
    may: /^daemon\/(providers\/|base\/|router\/router\.ts)/,
    packages: ['node:'],
  },
  {
    files: /^daemon\/providers\//,
    may: /^daemon\/(providers\/|base\/)/,
    packages: ['node:', 'openai', '@anthropic-ai/sdk', '@google/genai', 'ollama', 'zod'],
  },
  {
    files: /^daemon\/profiles\//,
    may: /^daemon\/(profiles\/|base\/|memory\/memory\.ts|router\/router\.ts)/,
    packages: ['node:', 'zod'],
  },
  {
    files: /^daemon\/router\//,
    may: /^daemon\/(router\/|base\/|providers\/provider\.ts)/,
    packages: ['node:', 'gpt-tokenizer'],
  },
  {
    files: /^daemon\/costs\//,
    may: /^(shared\/usd\.ts|daemon\/(costs\/|base\/|memory\/memory\.ts|providers\/provider\.ts|router\/(router|records)\.ts))/,
    packages: [],
  },
  {
    files: /^daemon\/memories\//,
    may: /^daemon\/(memories\/|base\/|memory\/memories\/types\.ts|search\/search\.ts|secrets\/scanner\.ts)/,
    packages: [],
  },
  {
    files: /^daemon\/search\//,
    may: /^daemon\/(search|base)\/|^daemon\/memory\/search\/types\.ts$/,
    packages: ['node:'],
  },
  { files: /^daemon\/cache\//, may: /^daemon\/(cache\/|base\/|providers\/provider\.ts)/, packages: ['node:'] },
  { files: /^daemon\/history\//, may: /^daemon\/(history|base)\//, packages: ['node:'] },
  {
    files: /^daemon\/resilience\/(fallback|hedge)\.ts$/,
    may: /^daemon\/(resilience\/|base\/|providers\/provider\.ts|router\/router\.ts)/,
    packages: [],
  },
  {
    files: /^daemon\/resilience\//,
    may: /^daemon\/(resilience\/|base\/|providers\/provider\.ts)/,
    packages: ['node:', 'cockatiel'],
  },
  {
    files: /^daemon\/chat\//,
    may: /^daemon\/(chat\/|base\/|router\/|costs\/|cache\/|memories\/(memories|section)\.ts|memory\/(memory|ids|chats\/earlier|memories\/types)\.ts|search\/search\.ts|profiles\/model\.ts|providers\/provider\.ts|resilience\/(fallback|hedge|single-flight)\.ts)/,
    packages: ['node:'],
  },
  {
    files: /^daemon\/pipeline\//,
    may: /^daemon\/(pipeline\/|base\/|router\/|memory\/memory\.ts|providers\/provider\.ts|resilience\/fallback\.ts|secrets\/stand-in\.ts)/,
    packages: ['node:', 'zod'],
  },
  {
    files: /^daemon\/code-actions\//,
    may: /^daemon\/(code-actions\/|pipeline\/|base\/|router\/|providers\/provider\.ts)/,
    packages: ['node:'],
  },
  // What a client runs, the command line and the extension alike: it has no part of the daemon.
  { files: /^daemon\/transfer\//, may: /^(shared|daemon\/transfer)\//, packages: ['node:'] },
  { files: /^daemon\/models\//, may: /^daemon\/(models|base|inference)\//, packages: ['node:'] },
  {
    files: /^daemon\/gateway\//,
    may: /^(daemon\/(gateway|base)\/|daemon\/session\.ts|shared\/)/,
    packages: ['node:', 'ws'],
  },
  {
    files: /^daemon\/handlers\//,
    may: /^(shared\/|daemon\/(handlers|base|wire)\/|daemon\/(handler|session|services)\.ts|daemon\/(caller\/(callers|log-lines)|chat\/turn|ignore\/ignore|code-actions\/(producers|perform)|pipeline\/(review|types|diff\/git)|router\/(router|create|records|availability)|memory\/(memory|chats\/elsewhere|search\/types|memories\/types)|costs\/costs|profiles\/(seats|admin|model)|transfer\/(document|markdown))\.ts)/,
    packages: ['node:', 'zod', ...jsonRpc],
  },
  {
    files: /^daemon\/cli\/serve\.ts$/,
    may: /^daemon\/(cli\/kit\/command\.ts|main\.ts|join\.ts|base\/)/,
    packages: ['node:'],
  },
  {
    files: /^daemon\/cli\/stdio\.ts$/,
    may: /^(shared\/|daemon\/(cli\/kit\/command\.ts|main\.ts|join\.ts|forward\.ts|base\/))/,
    packages: ['node:'],
  },
  {
    files: /^daemon\/cli\//,
    may: /^(shared\/|daemon\/(cli\/|join\.ts|base\/|wire\/|transfer\/))/,
    packages: ['node:', ...jsonRpc],
  },
  { files: /^daemon\/cli\.ts$/, may: /^daemon\/(cli|base)\//, packages: ['node:'] },
  { files: /^daemon\/switchyard\.ts$/, may: /^daemon\/cli\.ts$/, packages: [] },
  { files: /^daemon\/main\.ts$/, may: /^(daemon|shared)\//, packages: ['node:', 'ws'] },
  // The shell: server, session, forwarder and their kin. They know the wire and the handlers, and of the parts only their types.
  {
    files: /^daemon\/(server|connection)\.ts$/,
    may: /^(shared\/|daemon\/(base|wire|handlers)\/|daemon\/[a-z-]+\.ts$)/,
    packages: ['node:', 'zod', ...jsonRpc],
  },
  {
    files: /^daemon\/(services|doctor|doctor\/[a-z]+|finding-board)\.ts$/,
    may: /^(shared\/|daemon\/)/,
    packages: ['node:'],
  },
  {
    files: /^daemon\/[a-z-]+\.ts$/,
    may: /^(shared\/|daemon\/(base|wire)\/|daemon\/[a-z-]+\.ts$)/,
    packages: ['node:', ...jsonRpc],
  },
  { files: /^test\//, may: /^/, packages: ['*'] },
  { files: /^esbuild\.mjs$/, may: /^$/, packages: ['node:', 'esbuild'] },
];

/** Folders and files that may stand at the root; a new one is a decision, made here. */
export const rootEntries: ReadonlySet<string> = new Set([
  'extension',
  'daemon',
  'webview',
  'shared',
  'media',
  'test',
  '.ci',
  'package.json',
  'package-lock.json',
  'esbuild.mjs',
  '.vscodeignore',
  '.npmrc',
  '.gitignore',
  '.gitattributes',
  '.mocharc.json',
  '.git-blame-ignore-revs',
  'README.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'LICENSE',
  'tsconfig.json',
  'biome.json',
]);

/** Packages that one file alone may import, whatever the table says of its folder. */
export const soleImporters: Readonly<Record<string, RegExp>> = {
  'node-llama-cpp': /^daemon\/inference\//,
  'better-sqlite3': /^daemon\/memory\//,
  'sqlite-vec': /^daemon\/memory\//,
  '@napi-rs/keyring': /^daemon\/keys\//,
  cockatiel: /^daemon\/resilience\//,
  '@vscode/tree-sitter-wasm': /^daemon\/index\//,
  undici: /^daemon\/egress\//,
  '@vscode/webview-ui-toolkit': /^webview\/toolkit\.ts$/,
};

/** Calls that open outbound connections: only the egress module may make them, and the CLI's and daemon's own local socket. */
export const outbound = {
  pattern: /\b(globalThis\.fetch|https?\.request|https?\.get|tls\.connect|createConnection)\b|(?<![.\w])fetch\(/,
  allowed: /^(daemon\/(egress\/[a-z]+|join|listener)\.ts|test\/)/,
};
