// Secrets that only their name gives away: `password=…`, `"apiKey": "…"`, `--token …`, `<secret>…`, and the password in a URL.
// Each function is called at the sign that separates name and value, and looks a bounded way to both sides.
import { isDummy, looksRandom } from './randomness.ts';
import type { Judgement } from './secret.ts';

const maxNameLength = 64;

const hint = /pass|pwd|secret|token|key|cred|auth|connection/i;
const secretName =
  /(?:^|-)(?:[a-z]{0,8}passw(?:or)?d|pass(?:phrase|code)?|pwd|secret|token|credential|auth|authorization|apikey|[a-z]\w*-key|[a-z]+(?:access|account|secret|signing)key|key-base|connection-string)s?\d?$/;
/** Names of things about secrets: where, how many, of what kind. */
const aboutSecrets =
  /(?:^|-)(?:public|next|page|cancel|cancell?ation|max|min|num|count|has|is|use|no|with|sort|primary|foreign|cache|map|partition|object|row|hot|short|lookup|group|idempotency|dict|json|react|host|storage-key|translation|i18n|query|route)(?:-\w+)?-?(?:token|key|pass|secret|password)?s?$/;
const passwordName = /(?:^|-)(?:[a-z]{0,8}passw(?:or)?d|pass(?:phrase)?|pwd)\d?$/;

/** The value that is assigned at a sign (`=`, `:` or `>`), if its name and its form say that it is a secret. */
export function assignedAt(text: string, sign: number): Judgement | undefined {
  const near = nameBefore(text, sign);
  const written = near.length === 5 && near.toLowerCase() === 'value' ? nameOfValue(text, sign) : near;
  if (text[sign] === '=' && cookieName.test(near) && cookieHeader.test(text.slice(Math.max(0, sign - 500), sign)))
    return cookieAfter(text, sign);
  if (!hint.test(written)) return undefined;
  const name = inWords(written);
  return secretName.test(name) && !aboutSecrets.test(name) ? valueAfter(text, sign + 1, name) : undefined;
}

const cookieName = /sess|sid|auth|remember|jwt|token|[cx]srf/i;
const cookieHeader = /cookie["']?[ \t]{0,2}[:=,][^\n]*$/i;
const cookieValue = /=([\w%.+/~-]{16,1024}=*)/y;

function cookieAfter(text: string, sign: number): Judgement | undefined {
  cookieValue.lastIndex = sign;
  const value = cookieValue.exec(text)?.[1];
  if (value === undefined) return undefined;
  const end = cookieValue.lastIndex;
  if (codePath.test(value) || !looksRandom(value) || isDummy(value)) return { end };
  return { end, secret: { kind: 'session cookie', start: end - value.length, end, confidence: 0.8 } };
}

const pairedName =
  /(?:^|[\s"'{(,])(?:key|name|id|Key|Name|KEY|NAME)["']?[ \t]{0,8}[:=][ \t]{0,8}["']?([\w.-]{3,64})["']?[,;]?\s{0,40}(?:-[ \t])?["']?value["'\s]*$/i;

/** The name that stands in a field before: `key="ApiKey" value=`, `name: API_KEY`, then `value:`. */
function nameOfValue(text: string, sign: number): string {
  return pairedName.exec(text.slice(Math.max(0, sign - 160), sign))?.[1]?.replaceAll('.', '-') ?? '';
}

/** `dbPassword`, `DB_PASSWORD` and `db-password` alike. */
function inWords(name: string): string {
  if (!/[A-Z_]/.test(name)) return name;
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])|_/g, '-').toLowerCase();
}

/** The name to the left, without quotes, brackets and a type: `"x"` in `["x"]:`, `x` in `x: string =`. */
function nameBefore(text: string, sign: number): string {
  const before = skipBack(text, sign - 1);
  const name = nameEndingAt(text, before);
  if (text[sign] === '=' && name !== '' && !/[-_]/.test(name)) {
    const colon = skipBack(text, before - name.length);
    if (text[colon] === ':' && text[colon - 1] !== ':') return nameEndingAt(text, skipBack(text, colon - 1)) || name;
  }
  return name;
}

/** Left over what may stand between a name and its sign. */
function skipBack(text: string, from: number): number {
  let at = from;
  for (let steps = 0; steps < 6 && isBetween(text.charCodeAt(at)); steps++) at--;
  return at;
}

/** Space, tab, quotes, `]`, `?`, `:` (of `:=`), backslash. */
function isBetween(code: number): boolean {
  return (
    code === 32 || code === 9 || code === 34 || code === 39 || code === 96 || code === 93 || code === 63 || code === 92
  );
}

function nameEndingAt(text: string, last: number): string {
  let first = last + 1;
  while (first > 0 && last - first < maxNameLength && isNamePart(text.charCodeAt(first - 1))) first--;
  return text.slice(first, last + 1);
}

function isNamePart(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 45
  );
}

const quoted =
  /[=>]?[ \t]*(?:\\?\r?\n[ \t]{1,64})?(?:Bearer |Basic |Token )?(?:[rbfuL@$]|\\)?(["'`])(?:Bearer |Basic |Token |token )?([^\s"'`\\]{6,512})(?:\\?\1)/y;
const bare = /[=>]?[ \t]*(?:Bearer |Basic |Token |token )?([^\s"'`\\,;&<>(){}[\]|]{8,512})/y;

/** A scalar of YAML over lines, or a value on the next line. */
const block = /[ \t]*(?:[|>][+-]?\d?)?[ \t]*\r?\n[ \t]{1,64}([^\s"'`\\,;&<>(){}[\]|:]{8,512})[ \t]*(?=\r?\n|$)/y;

function valueAfter(text: string, from: number, name: string): Judgement | undefined {
  block.lastIndex = from;
  const below = text[from - 1] === ':' ? block.exec(text) : null;
  if (below?.[1]) return judge(below[1], { name, end: from + below[0].trimEnd().length, isQuoted: false });
  quoted.lastIndex = from;
  const inQuotes = quoted.exec(text);
  const value = inQuotes?.[2];
  if (inQuotes && value !== undefined)
    return judge(value, { name, end: from + inQuotes[0].lastIndexOf(value) + value.length, isQuoted: true });
  bare.lastIndex = from;
  const unquoted = bare.exec(text)?.[1];
  if (unquoted === undefined) return undefined;
  const isCall = '([{'.includes(text[bare.lastIndex] ?? ' ');
  return isCall ? { end: bare.lastIndex } : judge(unquoted, { name, end: bare.lastIndex, isQuoted: false });
}

function judge(value: string, { name, end, isQuoted }: { name: string; end: number; isQuoted: boolean }): Judgement {
  const isPassword = passwordName.test(name);
  if (!(isPassword ? isPasswordLike(value, isQuoted) : isKeyLike(value, isQuoted)) || isDummy(value)) return { end };
  return {
    end,
    secret: { kind: isPassword ? 'password' : 'secret', start: end - value.length, end, confidence: 0.75 },
  };
}

const commonWords = /pass(?:word|wd)?|secret|qwerty|letmein|test|1234/i;
const codePath = /^[A-Za-z_$][\w$]*(?:(?:\.|\?\.|::|->)#?[A-Za-z_$][\w$]*)+[!;]?$/;

/** What people choose: letters and digits or signs together, and not merely a word about passwords. */
function isPasswordLike(value: string, isQuoted: boolean): boolean {
  if (codePath.test(value) || /^(?:https?|file):/.test(value)) return false;
  const digits = /\d/.test(value);
  const letters = /[A-Za-z]/.test(value);
  const signs = /[^\w.:/-]/.test(value);
  if (commonWords.test(value) && !(value.length >= 12 && looksRandom(value))) return false;
  return isQuoted ? letters && (digits || signs) : letters && digits && (signs || looksRandom(value));
}

function isKeyLike(value: string, isQuoted: boolean): boolean {
  const shortest = isQuoted ? 12 : 16;
  return (
    value.length >= shortest &&
    !codePath.test(value) &&
    /^[\w+/=.~:!@#$%^*?-]+$/.test(value) &&
    !/^(?:https?|file|data|urn|arn):/.test(value) &&
    looksRandom(value)
  );
}

const flag = /--?[\w-]{0,24}?(?:password|passwd|token|secret|api-?key)[ \t]+["']?([^\s"'`-][^\s"'`]{7,512})/y;

/** The value of a command line's flag: `--password …`. */
export function flagAt(text: string, dash: number): Judgement | undefined {
  flag.lastIndex = dash;
  const found = flag.exec(text);
  const value = found?.[1];
  if (value === undefined) return undefined;
  const end = flag.lastIndex;
  if (codePath.test(value) || !looksRandom(value) || isDummy(value)) return { end };
  return { end, secret: { kind: 'secret', start: end - value.length, end, confidence: 0.7 } };
}

const credentials = /:\/\/([^\s:/@"'`<>\\]{0,128}):([^\s/"'`<>\\]{3,512})@[A-Za-z0-9.[_-]/y;
const dullPasswords =
  /^(?:pass(?:word|wd)?\d*|pwd|pw|secret|user(?:name)?|test|foo|bar|baz|guest|admin|root|postgres|mysql|mongo|redis|rabbitmq|token|key|hunter2|x+|\*+|p|port|\d{2,5})$/i;

/** The password in `scheme://user:password@host`. */
export function urlPasswordAt(text: string, colon: number): Judgement | undefined {
  credentials.lastIndex = colon;
  const found = credentials.exec(text);
  const [, user = '', password = ''] = found ?? [];
  if (!found || password === user || dullPasswords.test(password) || isStandInPassword(password)) return undefined;
  const end = credentials.lastIndex - 2;
  return { end, secret: { kind: 'password in a URL', start: end - password.length, end, confidence: 0.9 } };
}

function isStandInPassword(password: string): boolean {
  return password.length >= 6 ? isDummy(password) : /[{}$<>%*]/.test(password);
}
