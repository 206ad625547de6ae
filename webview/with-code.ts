// A sentence of the daemon's whose commands stand in backticks, as a view shows it. Pure.
import { html, type TemplateResult } from 'lit';

/** What is in backticks is code; all else stays as it is. */
export function withCode(sentence: string): (string | TemplateResult)[] {
  return sentence.split(/`([^`]+)`/).map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part));
}
