// <sw-math>: a formula. Its TeX stays its text, for whoever copies it, and is what is shown where it cannot be drawn.
import createDOMPurify from 'dompurify';
import { texToMathml } from '../../markdown/tex.ts';

const cleaning = {
  USE_PROFILES: { mathMl: true },
  FORBID_ATTR: ['class', 'href', 'id', 'style', 'xlink:href'],
  RETURN_DOM_FRAGMENT: true as const,
};
const purifier = createDOMPurify(window);

class MathView extends HTMLElement {
  connectedCallback(): void {
    if (this.shadowRoot) return;
    const mathml = texToMathml(this.textContent ?? '', this.classList.contains('display'));
    if (mathml === undefined) return;
    this.attachShadow({ mode: 'open' }).append(purifier.sanitize(mathml, cleaning));
  }
}

customElements.define('sw-math', MathView);
