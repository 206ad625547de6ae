// From a file's name to LSP's language identifier, for the languages that a reviewer meets most.
import { extname } from 'node:path';

const languages: Readonly<Record<string, string>> = {
  '.ts': 'typescript', '.mts': 'typescript', '.cts': 'typescript', '.tsx': 'typescriptreact',
  '.js': 'javascript', '.mjs': 'javascript', '.cjs': 'javascript', '.jsx': 'javascriptreact',
  '.py': 'python', '.go': 'go', '.rs': 'rust', '.java': 'java', '.kt': 'kotlin', '.cs': 'csharp', '.rb': 'ruby', '.php': 'php',
  '.c': 'c', '.h': 'c', '.cc': 'cpp', '.cpp': 'cpp', '.hpp': 'cpp', '.swift': 'swift', '.sh': 'shellscript', '.bash': 'shellscript',
  '.sql': 'sql', '.html': 'html', '.css': 'css', '.scss': 'scss', '.json': 'json', '.yaml': 'yaml', '.yml': 'yaml', '.toml': 'toml', '.md': 'markdown', '.lua': 'lua',
};

export function languageOf(path: string): string {
  return languages[extname(path).toLowerCase()] ?? 'plaintext';
}
