// Finds what is worth remembering in a user's own message: a table of patterns, tried on each sentence. A model's
// words, attachments, code and quotations are never used. Pure.
import { sentencesOf } from './sentences.ts';

export interface Proposal {
  /** The fact, in the user's words. */
  text: string;
  /** Which pattern found it. */
  rule: string;
  /** Whether it is about the project rather than about the user. */
  isOfProject: boolean;
}

interface ProposalRule {
  name: string;
  /** Matches from the sentence's beginning. The group `fact` is proposed, or else the whole sentence. */
  pattern: RegExp;
  /** Matches sentences that look alike but are about the moment. */
  except?: RegExp;
}

const verbs =
  'use|write|add|prefer|put|run|format|name|include|answer|reply|respond|keep|make|return|call|import|log|commit|push|test|check|ask|explain|indent|wrap|document|mock|throw|handle|show|give|start|end|avoid|mention|suggest|create|define|declare|export|follow|sort|validate|escape|type|annotate|translate|quote|cite|generate|remove|change|edit|touch|break|speak|assume|target|support|deploy|work|code|comment|spell|abbreviate|nest|catch|inline';
const habits =
  'use|prefer|follow|write|format|deploy|target|support|name|indent|run|avoid|stick to|rely on|work|commit|test|log|document|review|code|host|build with|develop';
/** A statement about something in view holds for that alone. */
const aboutTheMoment =
  /\b(?:this|that|these|those)\s+(?:function|method|file|line|loop|class|test|case|snippet|code|block|variable|diff|change|commit|patch|pr|error|regex|query|one|example|type|component)\b|\b(?:above|below|attached|selected|the following)\b|\blines? \d|\bfor now\b|\bthis time\b|\bright now\b|\bcurrently\b|\bat the moment\b|\btoday\b|\bjust once\b/i;
/** A description of a problem is not a rule. */
const trouble =
  /\b(?:but|why|error|errors|fail|fails|failed|failing|broken|crash|crashes|crashing|exception|stuck|bug|wrong|slow|doesn't work|does not work|not working|isn't|hangs|warning)\b/i;
const pointing =
  /\b(?:use|prefer|follow|rely on|stick to)\s+(?:this|that|these|those|it|them|here|its|the\s+(?:same|following|first|second|last|result|value|variable|function|method|class|loop|index|parameter|return))\b/i;
const onceOnly = new RegExp(`${aboutTheMoment.source}|${trouble.source}|${pointing.source}`, 'i');

/** The most explicit first. */
const rules: readonly ProposalRule[] = [
  {
    name: 'remember',
    pattern:
      /^(?:always )?remember(?:\s+that\b|\s+this\b\s*[:,-]|\s*[:,-]|(?=\s+(?:we|our|my|i|i'm|the project)\b))\s*(?<fact>.+)/i,
  },
  {
    name: 'remember',
    pattern:
      /^(?:keep in mind|bear in mind|note for later|for (?:future|later) reference|for the future|don['’]?t forget|do not forget|never forget)(?:\s+that\b|\s*[:,-])\s*(?<fact>.+)/i,
  },
  {
    name: 'from now on',
    pattern: /^(?:from now on|going forward|from here on|henceforth|in future|in the future)[,:]?\s+(?<fact>.+)/i,
    except: aboutTheMoment,
  },
  {
    name: 'always or never',
    pattern: new RegExp(`^(?:you (?:should|must) )?(?<fact>(?:always|never) (?:${verbs})\\b.+)`, 'i'),
    except: onceOnly,
  },
  {
    name: 'habit',
    pattern: new RegExp(
      `^(?:i|we) (?:always|never|only|usually|generally|strictly) (?:${verbs}|stick to|rely on)\\b.+`,
      'i',
    ),
    except: onceOnly,
  },
  {
    name: 'rather',
    pattern:
      /^(?:do not|don['’]?t|dont) (?!remember|forget|know|mind|worry|you)[a-z]+ .+?[,;–-] ?(?:but |rather |instead )*(?:use|prefer|write|call|import|run|put)\b.+/i,
    except: onceOnly,
  },
  {
    name: 'we use',
    pattern: new RegExp(
      `^(?:(?:here|in (?:this|our) (?:project|repo|repository|codebase|team|company)|at work)[, ]+)?we (?:(?:do not|don['’]?t|all) )?(?:${habits})\\b.+`,
      'i',
    ),
    except: onceOnly,
  },
  {
    name: 'we use',
    pattern:
      /^(?:this|the) (?:project|repo|repository|codebase|app|team) (?:uses|targets|follows|supports|runs on|is written in|is deployed)\b.+/i,
    except: trouble,
  },
  {
    name: 'our … is',
    pattern:
      /^our [\w ./-]{2,40}? (?:is|are|lives? in|runs? on|uses?|has to be|have to be|must|should|follows?)\b (?!not\b|down|red|ok|fine|green|really|very|too|giving|throwing|taking|getting).+/i,
    except: onceOnly,
  },
  {
    name: 'I prefer',
    pattern:
      /^i(?:'d)? (?:prefer|like) (?:to have |when you |answers?|short|long|concise|brief|code|examples?|tabs|spaces|[\w-]+ (?:over|to|rather than) )(?!.*\blike (?:this|that)\b).+/i,
    except: onceOnly,
  },
  {
    name: 'my … is',
    pattern:
      /^my (?:name|os|operating system|editor|shell|native language|language|time ?zone|role|job|team|company|stack|machine|laptop|keyboard|locale|main language|preferred \w+) (?:is|are)\b (?!not\b).+/i,
    except: onceOnly,
  },
];

/** The user can forbid it for a whole message. */
const veto =
  /\b(?:do not|don['’]?t|dont|never|no need to|please stop) (?:remember|remembering|save|store|memori[sz]e|note|keep)\b(?! in mind)/i;
/** What sounds like a secret is never proposed, whether or not the secret scanner finds one. */
const secretive =
  /\b(?:pass(?:word|phrase|wd)|api[ -]?key|private key|secret|token|credentials?|pin(?: code)?|credit card|iban)\b/i;
const leadIn =
  /^(?:(?:please|pls|btw|by the way|fyi|also|and|ok|okay|so|well|hi|hey|thanks|note(?: that)?|just so you know|in general|as a rule|heads[- ]up)[,:!-]?\s+)+/i;
const minFactChars = 8; // characters
const maxSentenceChars = 300;

/** The fact to propose, if there is one: the most explicit, and of equals the first. */
export function proposalIn(message: string): Proposal | undefined {
  if (veto.test(message.slice(0, 10_000))) return undefined;
  let best: { rank: number; proposal: Proposal } | undefined;
  for (const { text, isQuestion } of sentencesOf(message)) {
    if (isQuestion || text.length > maxSentenceChars || secretive.test(text)) continue;
    const plain = text.replace(leadIn, '');
    const rank = rules.findIndex(({ pattern, except: but }) => pattern.test(plain) && !but?.test(plain));
    const rule = rules[rank];
    if (!rule || (best && best.rank <= rank)) continue;
    const fact = asFact(rule.pattern.exec(plain)?.groups?.['fact'] ?? plain);
    if (fact.length >= minFactChars)
      best = {
        rank,
        proposal: {
          text: fact,
          rule: rule.name,
          isOfProject: /\b(?:we|we're|our|us|(?:project|repo|repository|codebase))\b/i.test(fact),
        },
      };
  }
  return best?.proposal;
}

function asFact(text: string): string {
  const trimmed = text.trim().replace(/[\s.,;:!]+$/u, '');
  return trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
}

/** Equal for two facts that say the same in the same words. */
export function normalised(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[’`]/gu, "'")
    .replaceAll(/[^\p{L}\p{N}'+#]+/gu, ' ')
    .replaceAll(/\b(?:please|the|a|an|that)\b ?/g, '')
    .trim();
}

/** Whether a fact denies something. Two facts with close embeddings may still be opposites. */
export function denies(text: string): boolean {
  return /\b(?:no|not|never|without|avoid|don['’]?t|doesn['’]?t|isn['’]?t|aren['’]?t|won['’]?t|dont|instead of|rather than|nor|neither)\b/i.test(
    text,
  );
}
