// What every page of a view has: VS Code's own colours, also in a browser tab, where no editor provides them.
import { hiddenIn } from '../shared/hidden-characters.ts';
import type { Host } from './host.ts';
import pageStyles from './page.css';

/** Dark or light as the system is, or as the editor says. */
export function dressPage(host: 'vscode' | 'browser'): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(pageStyles);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  document.documentElement.lang ||= 'en';
  document.documentElement.dataset['host'] = host;
  if (host === 'vscode') return;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  // The toolkit reads the colours again when the body's class changes, as it does in VS Code.
  const apply = (): void => {
    document.body.className = dark.matches ? 'vscode-dark' : 'vscode-light';
  };
  dark.addEventListener('change', apply);
  apply();
}

/** While an input method composes a word, Enter chooses one of its list, and Escape closes that: no field is left by them. */
export function leaveKeysToInputMethods(): void {
  window.addEventListener('keydown', (event) => event.isComposing && event.stopImmediatePropagation(), {
    capture: true,
  });
}

/** What is selected and copied goes the way of the *Copy* button where it has characters that nobody sees: the host asks first. */
export function askBeforeCopying({ act }: Pick<Host, 'act'>): void {
  document.addEventListener('copy', (event) => {
    const [target] = event.composedPath();
    if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) return; // the user's own text
    const text = document.getSelection()?.toString() ?? '';
    if (hiddenIn(text).length === 0) return;
    event.preventDefault();
    void act({ kind: 'copy', text });
  });
}
