// Lends the toolkit the page's nonce while it loads: it tries a style element once, which the policy would refuse and report.
// Must be imported before the toolkit; `returnNonce` after it.

const meta = document.createElement('meta');
meta.setAttribute('property', 'csp-nonce');
meta.content = document.currentScript?.nonce ?? '';
document.head.append(meta);

/** From here on the nonce is hidden again, as browsers hide it. */
export function returnNonce(): void {
  meta.remove();
}
