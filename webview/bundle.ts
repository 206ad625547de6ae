// Loads a further bundle of this page, once: what most pages do not need at first. Until it is there, and where it cannot be loaded,
// what it would render is shown as plain text.

const own = document.currentScript instanceof HTMLScriptElement ? document.currentScript : undefined;
const loading = new Set<string>();

/** `file` lies beside this page's own script, and is loaded under its nonce. */
export function loadBundle(file: 'history-answers.js' | 'math.js'): void {
  if (loading.has(file) || !own) return;
  loading.add(file);
  const script = document.createElement('script');
  script.nonce = own.nonce;
  script.src = own.src.replace(/[^/]+\.js(?=$|\?)/, file);
  script.addEventListener('error', () => {
    loading.delete(file); // the next answer tries again
    script.remove();
  });
  document.head.append(script);
}
