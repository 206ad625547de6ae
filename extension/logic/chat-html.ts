// The page of the chat view: one script, found by a nonce, and nothing from anywhere else. Pure.
import { type PageWords, wordsElement } from '../../shared/words/page-words.ts';

export interface ChatPage {
  scriptUri: string;
  /** Where the view's own images and fonts come from (`webview.cspSource`). */
  cspSource: string;
  /** New for each page and not to be guessed. */
  nonce: string;
  /** None is English. */
  words?: PageWords | undefined;
}

export function chatHtml({ scriptUri, cspSource, nonce, words }: ChatPage): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}' ${cspSource}`,
    `img-src ${cspSource}`,
    `font-src ${cspSource}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${attribute(words?.language ?? 'en')}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Switchyard</title>
${words ? wordsElement(words) : ''}
</head>
<body>
<script nonce="${attribute(nonce)}" src="${attribute(scriptUri)}"></script>
</body>
</html>`;
}

function attribute(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
