// Screenshots of code as editors show it, rendered by a browser: code of this project and of its evaluation, in the colors of VS Code's
// own themes, light and dark, in three sizes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import hljs from 'highlight.js';
import type { Page } from 'playwright-core';
import { root } from '../../architecture/sources.ts';

export interface Screenshot {
  name: string;
  theme: keyof typeof themes;
  fontSize: number;
  /** What is written in it. */
  text: string;
  png: Buffer;
}

const sources: readonly { file: string; language: string; from: number }[] = [
  { file: 'daemon/base/listeners.ts', language: 'typescript', from: 1 },
  { file: 'daemon/base/fair-queue.ts', language: 'typescript', from: 60 },
  { file: 'daemon/handlers/gpu.ts', language: 'typescript', from: 8 },
  { file: 'daemon/base/config/config.ts', language: 'typescript', from: 205 },
  { file: 'shared/protocol/define.ts', language: 'typescript', from: 1 },
  { file: 'webview/base.css', language: 'css', from: 1 },
  { file: 'package.json', language: 'json', from: 36 },
  { file: 'esbuild.mjs', language: 'javascript', from: 50 },
  { file: 'media/sample/src/stock.js', language: 'javascript', from: 1 },
  { file: 'media/sample/src/report.py', language: 'python', from: 1 },
  { file: 'media/eval/review/python.txt', language: 'python', from: 120 },
  { file: 'media/eval/review/go.txt', language: 'go', from: 60 },
  { file: 'media/eval/review/go.txt', language: 'go', from: 200 },
  { file: 'media/eval/review/rust.txt', language: 'rust', from: 20 },
  { file: 'media/eval/review/rust.txt', language: 'rust', from: 140 },
  { file: 'media/eval/review/shell.txt', language: 'bash', from: 1 },
  { file: 'media/eval/review/shell.txt', language: 'bash', from: 120 },
  { file: 'media/eval/review/typescript.txt', language: 'typescript', from: 150 },
  { file: 'test/editors/clients/neovim.lua', language: 'lua', from: 10 },
  { file: 'test/daemon/storage/sqlite/safety/peers/faults.c', language: 'c', from: 20 },
];
const lines = 26;
const maxColumns = 110;
const fontSizes = [12, 14, 18] as const; // CSS pixels

const themes = {
  light: {
    back: '#ffffff',
    text: '#000000',
    keyword: '#0000ff',
    string: '#a31515',
    comment: '#008000',
    number: '#098658',
    type: '#267f99',
    name: '#795e26',
  },
  dark: {
    back: '#1f1f1f',
    text: '#cccccc',
    keyword: '#569cd6',
    string: '#ce9178',
    comment: '#6a9955',
    number: '#b5cea8',
    type: '#4ec9b0',
    name: '#dcdcaa',
  },
} as const;

/** Twenty pieces of code, light and dark. */
export async function* screenshots(page: Page): AsyncGenerator<Screenshot> {
  for (const [index, source] of sources.entries())
    for (const theme of ['light', 'dark'] as const) {
      const fontSize = fontSizes[(index + (theme === 'dark' ? 1 : 0)) % fontSizes.length] ?? 14;
      const text = codeOf(source);
      yield {
        name: `${source.file}:${source.from}`,
        theme,
        fontSize,
        text,
        png: await rendered(page, text, { language: source.language, theme, fontSize }),
      };
    }
}

function codeOf({ file, from }: { file: string; from: number }): string {
  const all = readFileSync(join(root, file), 'utf8').replaceAll('\t', '    ').split('\n');
  const shown = all.slice(from - 1, from - 1 + lines).map((line) => line.slice(0, maxColumns).trimEnd());
  const written = shown.filter((line) => line !== '');
  const margin = Math.min(...written.map((line) => line.length - line.trimStart().length));
  return shown
    .map((line) => line.slice(margin))
    .join('\n')
    .replace(/^\n+|\n+$/g, '');
}

interface Look {
  language: string;
  theme: keyof typeof themes;
  fontSize: number;
  fontFamily?: string;
}

async function rendered(
  page: Page,
  text: string,
  { language, theme, fontSize, fontFamily = 'monospace' }: Look,
): Promise<Buffer> {
  const { back, text: color, keyword, string, comment, number, type, name } = themes[theme];
  const { value } = hljs.highlight(text, { language });
  await page.setContent(`<style>
    body { margin: 0; background: ${back}; }
    pre { display: inline-block; margin: 0; padding: 10px 16px; color: ${color}; font: ${fontSize}px/1.36 ${fontFamily}; }
    .hljs-keyword, .hljs-literal, .hljs-tag { color: ${keyword}; }
    .hljs-string, .hljs-regexp { color: ${string}; }
    .hljs-comment { color: ${comment}; }
    .hljs-number { color: ${number}; }
    .hljs-type, .hljs-built_in, .hljs-attr { color: ${type}; }
    .hljs-title { color: ${name}; }
  </style><pre>${value}</pre>`);
  return page.locator('pre').screenshot();
}
