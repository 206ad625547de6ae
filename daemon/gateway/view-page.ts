// The page that shows the views in a browser: one HTML document under the strictest policy that lets the bundle run.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PageWords, wordsElement } from '../../shared/words/page-words.ts';

export type ViewName = 'chat' | 'history' | 'jobs';

/** `nonce` is fresh for each page: only our own script and styles carry it. Without `words` the page is in English. */
export function viewPage(nonce: string, view: ViewName, words?: PageWords): string {
  return `<!doctype html>
<html lang="${words?.language ?? 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Switchyard</title>
<link rel="icon" href="icon.svg" type="image/svg+xml">
${words ? wordsElement(words) : ''}
<style nonce="${nonce}">html,body{height:100%;margin:0}</style>
</head>
<body>
<sw-${view}></sw-${view}>
<script nonce="${nonce}" src="${view}.js"></script>
</body>
</html>
`;
}

/** The texts in the first of a browser's languages that there are texts in; none for English. `folder` has a bundle for each language. */
export async function wordsFor(acceptLanguage: string, folder: string): Promise<PageWords | undefined> {
  for (const language of languagesOf(acceptLanguage)) {
    if (language === 'en') return undefined;
    const bundle = await readFile(join(folder, `bundle.l10n.${language}.json`), 'utf8').catch(() => undefined);
    if (bundle !== undefined) return { language, texts: JSON.parse(bundle) };
  }
  return undefined;
}

/** `de`, `en` of `en;q=0.8, de-AT`: the dearest first. */
function languagesOf(acceptLanguage: string): string[] {
  const tags = acceptLanguage.split(',').flatMap((part) => {
    const [, language, weight = '1'] = /^\s*([a-z]{2,3})(?:-[a-z\d-]+)?\s*(?:;\s*q=([\d.]+))?\s*$/i.exec(part) ?? [];
    return language === undefined ? [] : [{ language: language.toLowerCase(), weight: Number(weight) }];
  });
  return tags.toSorted((one, other) => other.weight - one.weight).map(({ language }) => language);
}

/** The policy of the page, for the header: nothing from anywhere but our own origin, scripts by nonce, no frames around it. */
export function viewPolicy(nonce: string, origin: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "img-src 'self' data:",
    `connect-src ${origin} ${origin.replace(/^http/, 'ws')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
