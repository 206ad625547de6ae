// What the elements of all views share: their style sheets, and how a field is read.
import { type CSSResult, unsafeCSS } from 'lit';
import baseStyles from './base.css';

/** The shared rules and the element's own, adopted as style sheets. */
export function styles(own = ''): CSSResult[] {
  return [unsafeCSS(baseStyles), unsafeCSS(own)];
}

/** The value of a toolkit or native field that an event came from. */
export function fieldValue(event: Event): string {
  const { target } = event;
  return target !== null && 'value' in target ? String(target.value) : '';
}
