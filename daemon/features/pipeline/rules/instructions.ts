// Text in reviewed code that speaks to a reviewer instead of describing the code. It is data; the user and the judge are told of it. Pure.
import { cleanMessage } from '../../../base/clean-text.ts';

export interface InstructionLikeText {
  /** Zero-based. */
  line: number;
  /** The line, cut and safe to show. */
  text: string;
}

/** TABLE of what such text says. Each needs more than a word that code and its comments use among themselves. */
const patterns: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget|override)\s+(?:all\s+|any\s+|the\s+|your\s+|my\s+)*(?:previous|prior|above|earlier|preceding|other|system)\s+(?:instructions?|prompts?|rules|directions|context|messages?)/i,
  /\b(?:ignore|disregard|forget)\s+(?:all\s+)?(?:your|the)\s+(?:instructions|rules|guidelines|system prompt)/i,
  /\b(?:ai|llm|gpt|claude|copilot|assistant|automated|the|dear|code)?[ -]?(?:reviewers?|review bots?|review models?|language models?|ai agents?|assistants?)\s*[:,!]\s*(?:please\s+)?(?:approve|ignore|skip|do not|don't|never|report|say|answer|respond|return|output|mark|treat|trust|accept)/i,
  /\b(?:do not|don't|never)\s+(?:report|flag|mention|comment on|raise|point out|list)\s+(?:any|anything|issues?|problems?|bugs?|findings?|errors?|vulnerabilit|this (?:file|function|code|line))/i,
  /\b(?:approve|accept|pass)\s+(?:this|the)\s+(?:change|code|file|pull request|pr|diff|commit|review)\b/i,
  /\b(?:this|the)\s+(?:code|file|function|change|diff)\s+(?:has been|is|was)\s+(?:already\s+)?(?:reviewed|audited|verified|approved)\b.*\b(?:no|skip|safe|ignore|need not|don't)/i,
  /\b(?:return|output|answer with|respond with|reply with|report)\s+(?:only\s+)?(?:an?\s+)?(?:empty (?:list|array|findings)|no (?:findings|issues|problems|bugs)|"?findings"?\s*:\s*\[\s*\]|lgtm)/i,
  /\{\s*"findings"\s*:\s*\[\s*\]\s*\}/,
  /\b(?:you are|act as|pretend to be)\s+(?:now\s+)?(?:an?|the)\s+(?:\w+\s+){0,3}(?:ai|assistant|language model|reviewer|llm|chatbot)\b/i,
  /\b(?:mark|rate|score|classify|treat)\s+(?:this|the|it|all)\s+(?:\w+\s+){0,3}as\s+(?:safe|approved|correct|clean|secure|bug-?free|false positives?)/i,
  /<\|(?:im_start|im_end|system|user|assistant|endoftext)\|>|\[\/?INST\]|<<\/?SYS>>|<\/?(?:system|instructions?)>/i,
  /^\W*(?:system|assistant)\s*:\s+\S+.*\b(?:instructions?|approve|review|findings|you)\b/i,
];

const maxLines = 50_000; // some 0.2 s
const maxLineChars = 2000; // a longer one is generated code
const maxShownChars = 160;

/** One entry a line. */
export function instructionsIn(text: string): InstructionLikeText[] {
  const lines = text.split(/\r\n|\n|\r/, maxLines);
  return lines.flatMap((content, line) => {
    const read = content
      .slice(0, maxLineChars)
      .normalize('NFKC')
      .replaceAll(/\p{Cf}/gu, '');
    if (!patterns.some((pattern) => pattern.test(read))) return [];
    return [{ line, text: cleanMessage(read, maxShownChars) }];
  });
}
