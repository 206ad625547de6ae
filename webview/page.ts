// What every page of a view has: VS Code's own colours, also in a browser tab, where no editor provides them.
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
