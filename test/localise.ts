// The manifest's texts in languages, as VS Code wants them: package.json stays in English, and the package names each text by a key. A
// translation is known by its English text, so that one whose text has changed counts as missing.

type Texts = Record<string, string>;

/** Fields that people read, and folders of fields that they don't. */
const shown = new Set([
  ...['title', 'shortTitle', 'displayName', 'description', 'markdownDescription', 'userDescription', 'contents'],
  ...['label', 'altText', 'enumDescriptions', 'markdownEnumDescriptions', 'enumItemLabels', 'deprecationMessage'],
]);
const unseen = new Set(['inputSchema']);
const parts = ['description', 'capabilities', 'contributes'];
const productName = 'Switchyard';

/** `visit(text, key)` returns what stands in the text's place. */
function mapTexts(manifest: object, visit: (text: string, key: string) => string): object {
  const map = (value: unknown, path: (string | number)[], isShown: boolean): unknown => {
    if (typeof value === 'string') return isShown && value !== productName ? visit(value, path.join('.')) : value;
    if (Array.isArray(value)) return value.map((item, index) => map(item, [...path, index], isShown));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => {
        const isText = shown.has(name) || (name === 'name' && path[1] === 'views');
        return [name, unseen.has(name) ? item : map(item, [...path, name], isText)];
      }),
    );
  };
  return Object.fromEntries(
    Object.entries(manifest).map(([name, value]) => [
      name,
      parts.includes(name) ? map(value, [name], shown.has(name)) : value,
    ]),
  );
}

/** The manifest with keys, and the texts of each key: in English, and by a translation as far as it goes. */
export function localise(manifest: object, translation: Texts): { keyed: object; english: Texts; translated: Texts } {
  const english: Texts = {};
  const keyed = mapTexts(manifest, (text, key) => {
    english[key] = text;
    return `%${key}%`;
  });
  const translated = Object.entries(english).filter(([, text]) => text in translation);
  return {
    keyed,
    english,
    translated: Object.fromEntries(translated.map(([key, text]) => [key, translation[text] ?? text])),
  };
}
