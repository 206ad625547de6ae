// A file named on the command line, in the form of an editor's document.
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errnoCode, UserError } from '../../base/errors.ts';

export interface NamedFile {
  uri: string;
  /** LSP's language identifier. */
  languageId: string;
  text: string;
}

/** Throws UserError when the file cannot be read. */
export async function readNamedFile(name: string): Promise<NamedFile> {
  const path = resolve(name);
  try {
    return { uri: pathToFileURL(path).href, languageId: languageOf(path), text: await readFile(path, 'utf8') };
  } catch (error) {
    const reason =
      { ENOENT: 'it does not exist', EISDIR: 'it is a folder', EACCES: 'its permissions forbid it' }[
        errnoCode(error) ?? ''
      ] ?? String(error);
    throw new UserError('unreadable-file', `Cannot read ${path}: ${reason}.`);
  }
}

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

function languageOf(path: string): string {
  return languages[extname(path).toLowerCase()] ?? 'plaintext';
}
