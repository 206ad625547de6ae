// What the editor itself is told to show: messages, lists, prompts, lines of the log. Texts of models, files and servers go into them,
// so that hidden characters and links are taken out at the one place where all of them pass.
import { withoutHidden } from '../../shared/hidden-characters.ts';

/** The same object, whose methods are given their texts translated and cleaned. Whatever a list or a button had is answered as it was. */
export function cleanShown<T extends object>(shown: T, translate = (text: string): string => text): T {
  return new Proxy({} as T, {
    get(_, name) {
      const value: unknown = Reflect.get(shown, name);
      if (typeof value !== 'function') return value;
      return (...texts: unknown[]): unknown => {
        const originals = new Map<unknown, unknown>();
        const answer: unknown = Reflect.apply(
          value,
          shown,
          texts.map((text) => cleanTexts(text, originals, translate)),
        );
        return isThenable(answer) ? answer.then((given) => originalsOf(given, originals)) : answer;
      };
    },
  });
}

/** Fields that are shown. Others are what the program knows a thing by. */
const shownFields: ReadonlySet<string> = new Set([
  'label',
  'description',
  'detail',
  'title',
  'placeHolder',
  'prompt',
  'message',
]);

/** Of rows and of the status bar; the words after it are translated. */
const iconBefore = /^(\$\([\w~-]+\) )(.+)$/s;

/** A text, or the texts of what is shown in a list, without hidden characters and links. `originals` learns what a copy is of. */
export function cleanTexts<T>(
  value: T,
  originals = new Map<unknown, unknown>(),
  translate = (text: string): string => text,
): T {
  const say = (text: string): string => {
    const [, icon = '', words = text] = iconBefore.exec(text) ?? [];
    return cleanText(icon + translate(words));
  };
  const clean = (one: unknown): unknown => {
    if (typeof one === 'string') {
      const said = say(one);
      originals.set(said, one);
      return said;
    }
    if (Array.isArray(one)) return one.map(clean);
    if (isThenable(one)) return one.then(clean);
    if (typeof one !== 'object' || one === null || Object.getPrototypeOf(one) !== Object.prototype) return one;
    const copy = Object.fromEntries(
      Object.entries(one).map(([name, field]: [string, unknown]) => [
        name,
        typeof field === 'string' && shownFields.has(name) ? say(field) : field,
      ]),
    );
    originals.set(copy, one);
    return copy;
  };
  return clean(value) as T;
}

/** VS Code makes links of `[text](command:id)` in messages and prompts, and a click on one runs the command. No text of ours has one. */
function cleanText(text: string): string {
  return withoutHidden(text).replace(/\]\((?=(?:https?|command|file):)/gi, '] (');
}

function originalsOf(given: unknown, originals: ReadonlyMap<unknown, unknown>): unknown {
  return Array.isArray(given) ? given.map((one) => originals.get(one) ?? one) : (originals.get(given) ?? given);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
