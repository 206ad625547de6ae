// The view's icons, as SVG templates in the text's colour. 16 by 16.
import { html, type SVGTemplateResult, svg, type TemplateResult } from 'lit';

const icon = (shape: SVGTemplateResult): TemplateResult =>
  html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.3" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${shape}</svg>`;

export const icons = {
  add: icon(svg`<path d="M8 3v10M3 8h10"/>`),
  attach: icon(
    svg`<path d="M13 7.5 8 12.4a3 3 0 0 1-4.3-4.2l5.2-5a2 2 0 0 1 2.8 2.9l-5.1 4.8a1 1 0 0 1-1.4-1.400L9.5 5.3"/>`,
  ),
  check: icon(svg`<path d="m3 8.5 3.3 3.300L13 4.8"/>`),
  chevron: icon(svg`<path d="m4 6 4 4 4-4"/>`),
  close: icon(svg`<path d="m4 4 8 8M12 4l-8 8"/>`),
  code: icon(svg`<path d="M5.5 4.500 2 8l3.5 3.500M10.500 4.500 14 8l-3.500 3.500"/>`),
  copy: icon(svg`<rect x="5.5" y="5.5" width="7.5" height="7.5" rx="1"/><path d="M10.5 3H4a1 1 0 0 0-1 1v6.5"/>`),
  diff: icon(svg`<path d="M8 2.500v6M5 5.500h6M5 12h6"/>`),
  edit: icon(svg`<path d="m3 13 .6-2.600L10.7 3.300l2 2L5.6 12.4 3 13Z"/>`),
  error: icon(svg`<circle cx="8" cy="8" r="5.5"/><path d="M8 5v3.500M8 11v.1"/>`),
  file: icon(svg`<path d="M4 2.500h5l3 3v8H4zM9 2.500v3h3"/>`),
  folder: icon(svg`<path d="M2 4h4l1.500 1.500H14V13H2z"/>`),
  fork: icon(
    svg`<circle cx="4.5" cy="3.5" r="1.5"/><circle cx="11.5" cy="3.5" r="1.5"/><circle cx="8" cy="12.5" r="1.5"/><path d="M4.500 5v1.500q0 1.500 1.500 1.500h4q1.500 0 1.500-1.500V5M8 8v3"/>`,
  ),
  history: icon(svg`<path d="M3 8a5 5 0 1 0 1.6-3.700M3 3.500v2.300h2.300M8 5.300V8l1.8 1.2"/>`),
  left: icon(svg`<path d="m10 4-4 4 4 4"/>`),
  picture: icon(
    svg`<rect x="2.5" y="3" width="11" height="10" rx="1"/><circle cx="5.8" cy="6.2" r="1"/><path d="m3 11.500 3-2.500 2 1.500 2.500-2.800L13.300 10"/>`,
  ),
  pin: icon(svg`<path d="M6 2.500h4M7 2.500v4L4.500 9h7L9 6.500v-4M8 9v4.500"/>`),
  problems: icon(svg`<path d="M8 3 2.500 13h11zM8 7v2.500M8 11.300v.1"/>`),
  profile: icon(svg`<circle cx="8" cy="5.500" r="2.500"/><path d="M3 13.500c.5-3 2.500-4 5-4s4.500 1 5 4"/>`),
  memory: icon(svg`<path d="M4.500 2.500h7v11L8 10.800l-3.500 2.700z"/>`),
  question: icon(
    svg`<circle cx="8" cy="8" r="5.5"/><path d="M6.300 6.500a1.700 1.700 0 1 1 2.600 1.500c-.6.3-.9.6-.9 1.200M8 11.200v.1"/>`,
  ),
  retry: icon(svg`<path d="M13 8a5 5 0 1 1-1.6-3.700M13 3.500v2.300h-2.3"/>`),
  right: icon(svg`<path d="m6 4 4 4-4 4"/>`),
  save: icon(svg`<path d="M8 3v7M5 7.5 8 10.500l3-3M3 13h10"/>`),
  selection: icon(svg`<path d="M3 4h10M3 8h6M3 12h8"/>`),
  send: icon(svg`<path d="M8 13V3.500M4 7.300l4-4 4 4"/>`),
  stop: icon(svg`<rect x="4.5" y="4.5" width="7" height="7" rx="1" fill="currentColor"/>`),
  switchyard: icon(svg`<path d="M4 14V2M4 11.500c0-4 7-3 7-7.500V2M11 14V9.5"/>`),
  symbol: icon(svg`<path d="m8 2 5 3v6l-5 3-5-3V5zM3 5l5 3 5-3M8 8v6"/>`),
  terminal: icon(svg`<path d="m3 5 3 3-3 3M8 12h5"/>`),
  thumbsDown: icon(
    svg`<path d="M5 3v6.500M5 9.5 7.6 14c1 0 1.500-.7 1.400-1.600L8.700 10h3.400a1.300 1.300 0 0 0 1.300-1.500l-.8-4.400A1.300 1.300 0 0 0 11.300 3H2.500v6.500H5"/>`,
  ),
  thumbsUp: icon(
    svg`<path d="M5 13V6.500M5 6.5 7.6 2c1 0 1.500.7 1.400 1.600L8.700 6h3.400a1.300 1.300 0 0 1 1.300 1.500l-.8 4.400a1.300 1.300 0 0 1-1.300 1.100H2.500V6.500H5"/>`,
  ),
  trash: icon(svg`<path d="M3 4.500h10M6.5 4.500V3h3v1.500M4.5 4.5 5 13h6l.5-8.500M6.8 7v3.500M9.2 7v3.5"/>`),
};
