// A model's claim about the code: read field by field from its JSON, made safe, then placed where its quote is found.

import { cleanCode, cleanMessage } from '../../base/clean-text.ts';
import { findQuote } from './evidence.ts';
import type { ReviewTarget } from './target.ts';
import type { Claim, Draft } from './types.ts';
import { confidenceFrom, severityFrom } from './verdict/claim-words.ts';

const maxQuoteChars = 2000; // evidence is a few lines; a copied file proves nothing
const maxMessageChars = 600;
const maxReplacementChars = 10_000;

/** Undefined when nothing usable is claimed. A field of a wrong type or an unknown value gets its default. */
export function claimFrom(raw: Record<string, unknown>): Claim | undefined {
  const { line, quote, message, severity, category, confidence, replacement } = raw;
  if (typeof quote !== 'string' || quote.length > maxQuoteChars || typeof message !== 'string') return undefined;
  const cleaned = cleanMessage(message, maxMessageChars);
  if (cleaned === '') return undefined;
  return {
    line: lineFrom(line),
    quote,
    message: cleaned,
    severity: severityFrom(severity),
    category: categoryFrom(category),
    confidence: confidenceFrom(confidence),
    ...(typeof replacement === 'string' &&
      replacement.length <= maxReplacementChars && { replacement: cleanCode(replacement) }),
  };
}

/** The claim at the range of its quote, its replacement as the model wrote it. Undefined when the quote is not in the reviewed lines. */
export function draftFromClaim(claim: Claim, target: ReviewTarget, source: string): Draft | undefined {
  const range = findQuote(target, claim.quote, claim.line);
  if (!range) return undefined;
  const { severity, category, message, confidence, replacement } = claim;
  return { range, severity, category, message, source, confidence, ...(replacement !== undefined && { replacement }) };
}

/** Zero-based. Models write the number as a text, too. */
function lineFrom(value: unknown): number {
  const number = typeof value === 'string' ? Number.parseInt(value.replace(/^\D+/, ''), 10) : value;
  return typeof number === 'number' && number >= 1 ? Math.floor(number) - 1 : 0;
}

function categoryFrom(value: unknown): string {
  const words = typeof value === 'string' ? value.toLowerCase().match(/[a-z]+/g) : null;
  return words?.join('-').slice(0, 40) ?? 'general';
}
