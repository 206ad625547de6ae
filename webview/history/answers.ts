// Loads the bundle that renders answers, once. Until it is there, and where it cannot be loaded, an answer is shown as plain text.

const file = 'history-answers.js';
const own = document.currentScript instanceof HTMLScriptElement ? document.currentScript : undefined;

let isLoading = false;

/** Beside this page's own script, and under its nonce. */
export function loadAnswers(): void {
  if (isLoading || !own) return;
  isLoading = true;
  const script = document.createElement('script');
  script.nonce = own.nonce;
  script.src = own.src.replace(/[^/]+\.js(?=$|\?)/, file);
  script.addEventListener('error', () => {
    isLoading = false; // the next answer tries again
    script.remove();
  });
  document.head.append(script);
}
