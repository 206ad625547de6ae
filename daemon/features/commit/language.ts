// The language of commit subjects, as far as it matters for writing another one: by script, and by small words where that is Latin. Pure.

export type SubjectLanguage = 'en' | 'de' | 'fr' | 'es' | 'ru' | 'zh' | 'ja' | 'ko';

const scripts: readonly [SubjectLanguage, RegExp][] = [
  ['ja', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['ko', /\p{Script=Hangul}/gu],
  ['zh', /\p{Script=Han}/gu],
  ['ru', /\p{Script=Cyrillic}/gu],
];

const smallWords: readonly [SubjectLanguage, RegExp][] = [
  ['en', /\b(?:the|and|for|with|to|of|from|when|is|are|add|fix|remove|update|use|make|in|on|a|an|no|not)\b/giu],
  [
    'de',
    /(?<!\p{L})(?:und|der|das|dem|den|für|mit|im|nicht|von|auf|bei|zu|ein|eine|wird|hinzu|behebe|ergänze)(?!\p{L})/giu,
  ],
  ['fr', /(?<!\p{L})(?:et|le|la|les|des|du|pour|avec|dans|une|sur|au|ajoute|corrige|supprime)(?!\p{L})/giu],
  ['es', /(?<!\p{L})(?:y|el|los|las|del|para|con|una|por|corrige|añade|elimina|agrega)(?!\p{L})/giu],
];

/** Of many subjects: that of most of them. English where nothing tells. */
export function languageOf(subjects: readonly string[]): SubjectLanguage {
  const counts = new Map<SubjectLanguage, number>();
  for (const subject of subjects) {
    const script = scriptOf(subject);
    if (script) counts.set(script, (counts.get(script) ?? 0) + 1);
  }
  for (const [language, count] of counts) if (count * 2 > subjects.length) return language;
  return latinLanguage(subjects.join('\n'), 2) ?? 'en';
}

/** Whether a subject is surely not in the language of the others. */
export function isForeign(subject: string, language: SubjectLanguage): boolean {
  const script = scriptOf(subject);
  if (scripts.some(([name]) => name === language))
    return script !== language && !(script === 'zh' && language === 'ja');
  if (script !== undefined) return true;
  const own = smallWords.find(([name]) => name === language)?.[1];
  const found = latinLanguage(subject, 2);
  return found !== undefined && found !== language && own !== undefined && !subject.match(own);
}

/** Undefined for Latin, or for no letters at all: names of code are Latin in every language. */
function scriptOf(text: string): SubjectLanguage | undefined {
  return scripts.find(([, letters]) => (text.match(letters)?.length ?? 0) >= 2)?.[0];
}

function latinLanguage(text: string, minWords: number): SubjectLanguage | undefined {
  const counted = smallWords.map(([language, words]) => ({ language, count: text.match(words)?.length ?? 0 }));
  const best = counted.reduce((a, b) => (b.count > a.count ? b : a));
  return best.count >= minWords ? best.language : undefined;
}
