// Text in code that tells its reviewer what to say. A model may obey it, so neither its silence nor its word against a finding counts. Pure.

/** A line that reads like an instruction to whoever reviews the code. */
export interface InstructionLine {
  /** From 0. */
  line: number;
  text: string;
}

const machine =
  '(?:ai|llm|gpt|chatgpt|claude|copilot|gemini|(?:ai |llm |language |coding )(?:assistant|model|agent|bot)|assistant|(?:code |automated |ai |llm )*review(?:er|ing tool)|judge|refuter)s?';
const findings = '(?:finding|issue|problem|bug|defect|flaw|vulnerabilit(?:y|ie)|warning|error|concern)s?';
const verdict =
  "(?:(?:do not|don't|never|only|always|please|just|must|should|will|not)\\s+)*(?:report|flag|approve|ignore|disregard|skip|mark|rate|score|answer|respond|reply|return|output|say|treat|consider)\\b";

/** TABLE of what such text looks like, in lower case. */
const patterns: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget|override|bypass)\b.{0,20}\b(?:previous|prior|above|earlier|preceding|your|system)\b.{0,20}\b(?:instructions?|prompts?|rules?|directions?|guidelines?)\b/,
  // Spoken to: "AI reviewers: …", "if you are a language model, …", "reviewers must not …"
  new RegExp(
    `(?:^|[.!]\\s+|["'\`]|\\b(?:note|message|instructions?|hint|attention|dear|hey) (?:to|for)?\\s*(?:the |any |all |every )?)${machine}\\s*[:,!—-]\\s*(?:.{0,60}[.,;:]\\s*)?${verdict}`,
  ),
  new RegExp(`\\bif you(?:'re| are) an? ${machine}\\b`),
  new RegExp(
    `\\b${machine} (?:must|should|shall|may|can)(?: not|n't)?(?: safely)? (?:report|flag|approve|accept|ignore|disregard|skip|comment)\\b`,
  ),
  /\b(?:do not|don't|never|must not) (?:report|flag|list|raise|mention)\b.{0,20}\b(?:any )?(?:findings|issues|problems|bugs|defects|flaws|vulnerabilities|anything|this (?:file|function|code|line|change))\b/,
  new RegExp(
    `\\b(?:report|return|answer with|respond with|reply with|output|say there are)\\b.{0,12}\\b(?:no|zero|0|an empty list of|an empty array of) ${findings}\\b`,
  ),
  /["'`\\]+findings["'`\\]+\s*:\s*\[\s*\]/,
  /^(?:please )?(?:approve|lgtm)\b.{0,30}\b(?:without|this (?:change|code|file|commit|pr|pull request)|as is|unconditionally)\b/,
  /\b(?:this|the) (?:code|file|function|change|block|section) (?:is|was|has(?: already)? been) (?:already |fully |manually |security )*(?:reviewed|approved|audited|vetted)\b/,
  /<\|(?:im_start|im_end|system|assistant|user)[^>]{0,20}\|>|\[\/?inst\]|<<\/?sys>>/,
  /^(?:new|updated|real|actual) (?:system )?(?:instructions?|prompt)\s*:|\bsystem (?:override|instruction)\s*:|\byou are now an?\b/,
];

const maxLines = 20;
const maxLineChars = 1000;

/** The first of them. A sentence may go on in the next line. */
export function instructionsIn(text: string): InstructionLine[] {
  const found: InstructionLine[] = [];
  const lines = text.split('\n');
  const bare = lines.map(withoutMarks);
  for (const [line, own] of bare.entries()) {
    if (found.length >= maxLines) break;
    const isOwn = reads(own);
    const goesOn = !isOwn && own !== '' && !reads(bare[line + 1] ?? '') && reads(`${own} ${bare[line + 1] ?? ''}`);
    if (isOwn || goesOn) found.push({ line, text: (lines[line] ?? '').trim().slice(0, maxLineChars) });
  }
  return found;
}

function reads(line: string): boolean {
  return line !== '' && patterns.some((pattern) => pattern.test(line));
}

/** In lower case, without what marks a comment. */
function withoutMarks(line: string): string {
  const bare = line.slice(0, maxLineChars).replace(/^\s*(?:\/\/+|\/\*+|\*+\/?|#+!?|--+|;+|<!--|"""|''')?\s*/, '');
  return bare.replace(/\s+/g, ' ').trim().toLowerCase();
}
