// The language of a document, as LSP's identifiers have it, where nobody says which: by its name, else by its first line.

/** The most common languages. */
const languages: Readonly<Record<string, string>> = {
  '.ts': 'typescript',
  '.mts': 'typescript',
  '.cts': 'typescript',
  '.tsx': 'typescriptreact',
  '.js': 'javascript',
  '.mjs': 'javascript',
  '.cjs': 'javascript',
  '.jsx': 'javascriptreact',
  '.py': 'python',
  '.go': 'go',
  '.rs': 'rust',
  '.java': 'java',
  '.kt': 'kotlin',
  '.cs': 'csharp',
  '.rb': 'ruby',
  '.php': 'php',
  '.c': 'c',
  '.h': 'c',
  '.cc': 'cpp',
  '.cpp': 'cpp',
  '.hpp': 'cpp',
  '.swift': 'swift',
  '.sh': 'shellscript',
  '.bash': 'shellscript',
  '.sql': 'sql',
  '.html': 'html',
  '.css': 'css',
  '.scss': 'scss',
  '.json': 'json',
  '.yaml': 'yaml',
  '.yml': 'yaml',
  '.toml': 'toml',
  '.md': 'markdown',
  '.lua': 'lua',
};

/** Programs that a script's first line may name. */
const interpreters: Readonly<Record<string, string>> = {
  sh: 'shellscript',
  bash: 'shellscript',
  dash: 'shellscript',
  ksh: 'shellscript',
  zsh: 'shellscript',
  python: 'python',
  node: 'javascript',
  deno: 'typescript',
  bun: 'typescript',
  ruby: 'ruby',
  php: 'php',
  lua: 'lua',
  perl: 'perl',
  fish: 'fish',
};

const shebang =
  /^\uFEFF?#![ \t]*(?:\S*\/)?(?:env[ \t]+(?:-\S+[ \t]+|\w+=\S*[ \t]+)*(?:\S*\/)?)?([a-z]+)[\d.]*(?:[ \t\r\n]|$)/;

/** By the ending of a path or URI, else by the program that the text says it is run with; `plaintext` where neither tells. */
export function languageOf(name: string, text: string): string {
  const byName = languages[/\.[^./\\]+$/.exec(name.replace(/[?#].*$/, ''))?.[0].toLowerCase() ?? ''];
  const program = shebang.exec(text.slice(0, 200))?.[1] ?? '';
  const byProgram = Object.hasOwn(interpreters, program) ? interpreters[program] : undefined;
  return byName ?? byProgram ?? 'plaintext';
}
