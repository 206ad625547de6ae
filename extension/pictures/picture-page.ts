// The page that shows a picture that was made, with what was asked, who made it, and what it cost. It loads nothing. Pure.
import { formatUsd } from '../../shared/usd.ts';

export interface ShownPicture {
  image: { mediaType: string; data: string };
  model: string;
  prompt: string;
  cost?: number | undefined;
}

export function picturePage({ image, model, prompt, cost }: ShownPicture, nonce: string): string {
  const price = cost === undefined ? 'Not priced' : formatUsd(cost);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'">
<style nonce="${nonce}">
body { padding: 1rem; font: var(--vscode-font-size) var(--vscode-font-family); color: var(--vscode-foreground); }
img { max-width: 100%; max-height: 65vh; }
p { max-width: 60rem; white-space: pre-wrap; }
.by { color: var(--vscode-descriptionForeground); }
button { padding: 4px 12px; border: 0; border-radius: 2px; color: var(--vscode-button-foreground); background: var(--vscode-button-background); font: inherit; cursor: pointer; }
button:hover { background: var(--vscode-button-hoverBackground); }
button:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
</style>
</head>
<body>
<img alt="${escaped(prompt)}" src="data:${escaped(image.mediaType)};base64,${escaped(image.data)}">
<p>${escaped(prompt)}</p>
<p class="by">${escaped(model)} · ${price}</p>
<button id="save">Save…</button>
<script nonce="${nonce}">
const host = acquireVsCodeApi();
document.getElementById('save').addEventListener('click', () => host.postMessage('save'));
</script>
</body>
</html>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
