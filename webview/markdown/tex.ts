// TeX to MathML, by KaTeX. MathML is drawn by the browser itself: no font, no style sheet and no address is needed. Pure.
import katex from 'katex';

const maxTexChars = 5000;
const maxMacroSteps = 200; // a macro that calls itself would run for ever

/** A `<math>` element as HTML, or nothing where it is no TeX: then the TeX itself is shown. It holds no style and no link. */
export function texToMathml(tex: string, isDisplay: boolean): string | undefined {
  if (tex.length > maxTexChars) return undefined;
  try {
    const html = katex.renderToString(tex, {
      output: 'mathml',
      displayMode: isDisplay,
      throwOnError: true,
      trust: false,
      strict: 'ignore',
      maxExpand: maxMacroSteps,
      maxSize: 10,
    });
    const math = /<math[\s\S]*<\/math>/.exec(html)?.[0];
    // The page's policy forbids inline styles. A value holds no quotation mark, since KaTeX escapes it, in texts as well.
    return math?.replace(/<annotation[^>]*>[^<]*<\/annotation>/g, '').replace(/ style="[^"]*"/g, '');
  } catch {
    return undefined;
  }
}
