// Numbers in a range, and the formats of strings, as sets of texts. Pure.
import { both, multipleOf, not, type TextSet } from './automaton.ts';
import { patternSet } from './pattern.ts';

const day = '((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])|(0[469]|11)-(0[1-9]|[12]\\d|30)|02-(0[1-9]|1\\d|2[0-8]))';
const date = `\\d{4}-${day}`;
const clock = '([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?';
const time = `${clock}(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)`;
const octet = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const label = '[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?';
const host = `${label}(\\.${label}){0,6}`;
const path = "(/[A-Za-z0-9._~!$&'()*+,;=:@-]*)*";
const query = "(\\?[A-Za-z0-9._~!$&'()*+,;=:@/?-]*)?(#[A-Za-z0-9._~!$&'()*+,;=:@/?-]*)?";
const names = '[a-zA-Z0-9]+([.-][a-zA-Z0-9]+)*';
const uri = `[a-z][a-z0-9+.-]+://${names}(:[1-9]\\d{0,3})?${path}${query}`;

/** Each allows what every reader of the format accepts, and leaves out rare spellings. February has 28 days. */
const formats: Readonly<Record<string, string>> = {
  date,
  time,
  'date-time': `${date}T${time}`,
  duration:
    'P(\\d{1,9}W|\\d{1,9}Y(\\d{1,9}M(\\d{1,9}D)?)?|\\d{1,9}M(\\d{1,9}D)?|\\d{1,9}D)|PT(\\d{1,9}H(\\d{1,9}M(\\d{1,9}S)?)?|\\d{1,9}M(\\d{1,9}S)?|\\d{1,9}S)',
  uuid: '[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}',
  email: `[A-Za-z0-9_+-]+(\\.[A-Za-z0-9_+-]+)*@${names}\\.[a-zA-Z]{2,12}`,
  hostname: host,
  ipv4: `(${octet}\\.){3}${octet}`,
  ipv6: '([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}',
  uri,
  'uri-reference': `${uri}|${path}${query}`,
  'json-pointer': '(/([^~/]|~[01])*)*',
};
const formatAliases: Readonly<Record<string, string>> = {
  'idn-email': 'email',
  'idn-hostname': 'hostname',
  iri: 'uri',
  'iri-reference': 'uri-reference',
  url: 'uri',
};

/** Undefined for a format that is not known. */
export function formatSet(format: string): TextSet | undefined {
  const pattern = formats[formatAliases[format] ?? format];
  return pattern === undefined ? undefined : patternSet(`^(?:${pattern})$`);
}

export interface NumberBounds {
  isInteger: boolean;
  min?: number | undefined;
  max?: number | undefined;
  exclusiveMin?: number | undefined;
  exclusiveMax?: number | undefined;
  multipleOf?: number | undefined;
  excluded: readonly number[];
}

/** Larger numbers lose digits when they are read. */
const maxDigits = 15;
const maxFractionDigits = 10;

/** How numbers within the bounds are written, without exponents. Throws for bounds that no decimal says exactly. */
export function numberSet(bounds: NumberBounds): TextSet {
  const limits = [
    ...(bounds.min === undefined ? [] : [atLeast(bounds.min, false)]),
    ...(bounds.exclusiveMin === undefined ? [] : [atLeast(bounds.exclusiveMin, true)]),
    ...(bounds.max === undefined ? [] : [atMost(bounds.max, false)]),
    ...(bounds.exclusiveMax === undefined ? [] : [atMost(bounds.exclusiveMax, true)]),
  ].map((pattern) => patternSet(`^(?:${pattern})$`));
  const others = bounds.excluded.map((value) => not(patternSet(`^(?:${exactly(value)})$`)));
  return both(...syntaxOf(bounds), ...limits, ...others);
}

function syntaxOf({ isInteger, min = 0, max = 0, multipleOf: step }: NumberBounds): TextSet[] {
  const parts: Decimal = step === undefined ? ['', ''] : decimal(step);
  const integers = Math.max(maxDigits, ...[min, max].map((bound) => decimal(bound)[0].length));
  const whole = `(0|[1-9]\\d{0,${integers - 1}})`;
  const fraction = step === undefined ? `(\\.\\d{1,${maxFractionDigits}})?` : `\\.\\d{${parts[1].length}}`;
  const hasFraction = !isInteger && (step === undefined || parts[1] !== '');
  const syntax = patternSet(hasFraction ? `^-?${whole}${fraction}$` : `^(0|-?[1-9]\\d{0,${integers - 1}})$`);
  if (step === undefined) return [syntax];
  // an integer that is a multiple of 1.5 is one of 3
  const scaled = Number(parts.join(''));
  const scale = isInteger ? 10 ** parts[1].length : 1;
  return [syntax, multipleOf(scaled / greatestCommonDivisor(scaled, scale))];
}

export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

type Decimal = [integer: string, fraction: string];

/** Of the magnitude. */
function decimal(value: number): Decimal {
  const magnitude = Math.abs(value);
  if (Number.isInteger(magnitude)) return [BigInt(magnitude).toString(), ''];
  const text = String(magnitude).includes('e') ? magnitude.toFixed(maxFractionDigits) : String(magnitude);
  if (Number(text) !== magnitude) throw new Error(`${value} has too many digits`);
  const [integer = '0', fraction = ''] = text.split('.');
  if (fraction.length > maxFractionDigits) throw new Error(`${value} has too many digits`);
  return [integer, fraction.replace(/0+$/, '')];
}

const anyMagnitude = '\\d+(\\.\\d+)?';

function atLeast(bound: number, isExclusive: boolean): string {
  if (bound > 0) return magnitudeAtLeast(decimal(bound), isExclusive);
  if (bound < 0) return `${anyMagnitude}|-(${magnitudeAtMost(decimal(bound), isExclusive)})`;
  return isExclusive ? magnitudeAtLeast(['0', ''], true) : anyMagnitude;
}

function atMost(bound: number, isExclusive: boolean): string {
  if (bound < 0) return `-(${magnitudeAtLeast(decimal(bound), isExclusive)})`;
  if (bound > 0) return `-${anyMagnitude}|${magnitudeAtMost(decimal(bound), isExclusive)}`;
  return isExclusive ? `-(${magnitudeAtLeast(['0', ''], true)})` : `-${anyMagnitude}|0(\\.0+)?`;
}

function exactly(value: number): string {
  const [integer, fraction] = decimal(value);
  const sign = value === 0 ? '-?' : value < 0 ? '-' : '';
  return `${sign}${integer}${fraction === '' ? '(\\.0+)?' : `\\.${fraction}0*`}`;
}

function magnitudeAtLeast([integer, fraction]: Decimal, isExclusive: boolean): string {
  const larger = `${integersFrom(BigInt(integer) + 1n)}(\\.\\d+)?`;
  const steeper = [...fraction].flatMap((digit, i) =>
    digit === '9' ? [] : [`${fraction.slice(0, i)}[${Number(digit) + 1}-9]\\d*`],
  );
  const same = fraction + (isExclusive ? '\\d*[1-9]\\d*' : '\\d*');
  const orWhole = fraction === '' && !isExclusive ? '?' : '';
  const fractions = [...steeper, fraction === '' && !isExclusive ? '\\d+' : same];
  return `${larger}|${integer}(\\.(${fractions.join('|')}))${orWhole}`;
}

function magnitudeAtMost([integer, fraction]: Decimal, isExclusive: boolean): string {
  const smaller = integer === '0' ? [] : [`${integersBetween('0', (BigInt(integer) - 1n).toString())}(\\.\\d+)?`];
  if (fraction === '') return [...smaller, ...(isExclusive ? [] : [`${integer}(\\.0+)?`])].join('|') || '[]';
  const flatter = [...fraction].flatMap((digit, i) => [
    ...(digit === '0' ? [] : [`${fraction.slice(0, i)}[0-${Number(digit) - 1}]\\d*`]),
    ...(i > 0 ? [fraction.slice(0, i)] : []),
  ]);
  const fractions = [...flatter, ...(isExclusive ? [] : [`${fraction}0*`])];
  return [...smaller, `${integer}(\\.(${fractions.join('|')}))?`].join('|');
}

function integersFrom(least: bigint): string {
  const first = least.toString();
  return `(${integersBetween(first, '9'.repeat(first.length))}|[1-9]\\d{${first.length},})`;
}

/** Both inclusive and not negative. */
function integersBetween(first: string, last: string): string {
  const groups = [];
  for (let length = first.length; length <= last.length; length++) {
    const from = length === first.length ? first : `1${'0'.repeat(length - 1)}`;
    groups.push(digitsBetween(from, length === last.length ? last : '9'.repeat(length)));
  }
  return `(${groups.join('|')})`;
}

/** Both of the same length. */
function digitsBetween(first: string, last: string): string {
  if (first === '') return '';
  if (/^0+$/.test(first) && /^9+$/.test(last)) return `\\d{${first.length}}`;
  const [a, b] = [Number(first[0]), Number(last[0])];
  const [afterFirst, afterLast] = [first.slice(1), last.slice(1)];
  if (a === b) return `${a}${digitsBetween(afterFirst, afterLast)}`;
  const all = afterFirst.length === 0 ? '' : `\\d{${afterFirst.length}}`;
  return `(${[
    `${a}${digitsBetween(afterFirst, '9'.repeat(afterFirst.length))}`,
    ...(b - a > 1 ? [`[${a + 1}-${b - 1}]${all}`] : []),
    `${b}${digitsBetween('0'.repeat(afterLast.length), afterLast)}`,
  ].join('|')})`;
}
