// Numbers and names in words for the user. Pure.
import { formatBytes } from '../shared/bytes.ts';
import type { Attachment, Usage } from '../shared/protocol/chat.ts';
import { formatTokens } from '../shared/tokens.ts';
import { formatUsd } from '../shared/usd.ts';
import { inLocale, locale, t } from './words.ts';

export function formatSeconds(durationMs: number): string {
  const seconds = durationMs / 1000;
  if (seconds < 0.1) return inLocale('< 0.1 s');
  if (seconds < 10) return inLocale(`${seconds.toFixed(1)} s`);
  return seconds < 90
    ? t('{0} s', Math.round(seconds))
    : t('{0} min {1} s', Math.floor(seconds / 60), Math.round(seconds % 60));
}

export function shownBytes(bytes: number): string {
  return inLocale(formatBytes(bytes));
}

export function shownTokens(count: number): string {
  return inLocale(formatTokens(count));
}

export function shownUsd(usd: number): string {
  return inLocale(formatUsd(usd));
}

/** Tokens that went in (cached ones too) and came out (reasoning too). */
export function formatUsage({ input, cacheRead, cacheWrite, output, reasoning }: Usage): string {
  return t('{0} in / {1} out', shownTokens(input + cacheRead + cacheWrite), shownTokens(output + reasoning));
}

const dayFormat = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' }); // one object for lists of thousands

/** `just now`, `5 min ago`, `3 h ago`, then the date. */
export function formatAge(thenMs: number, nowMs: number): string {
  const minutes = Math.floor((nowMs - thenMs) / 60_000);
  if (minutes < 1) return t('just now');
  if (minutes < 60) return t('{0} min ago', minutes);
  if (minutes < 24 * 60) return t('{0} h ago', Math.floor(minutes / 60));
  return dayFormat.format(thenMs);
}

/** The provider and the model's own name: `provider/model` at its first slash. */
export function splitModelId(id: string): { provider: string; name: string } {
  const slash = id.indexOf('/');
  return slash < 0 ? { provider: '', name: id } : { provider: id.slice(0, slash), name: id.slice(slash + 1) };
}

/** What is in no file, by its kind. */
const kindNames: Partial<Record<Attachment['kind'], string>> = {
  problems: t('Problems'),
  diff: t('Changes'),
  terminal: t('Terminal'),
};

/** `daemon.ts:3-9`, lines counted from one. */
export function attachmentLabel({ kind, uri, range }: Attachment): string {
  return kindNames[kind] ?? withLines(nameOf(uri.replace(/^(untitled|dropped):/, '')), range);
}

/** The same with the whole path. */
export function attachmentTitle({ kind, uri, range }: Attachment): string {
  return (
    kindNames[kind] ?? withLines(decodeURIComponentSafely(uri.replace(/^(file:\/\/|untitled:|dropped:)/, '')), range)
  );
}

function nameOf(uri: string): string {
  return decodeURIComponentSafely(uri.split('/').at(-1) ?? uri);
}

function withLines(name: string, range: Attachment['range']): string {
  if (!range) return name;
  const [first, last] = [range.start.line + 1, range.end.line + 1];
  return first === last ? `${name}:${first}` : `${name}:${first}-${last}`;
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
