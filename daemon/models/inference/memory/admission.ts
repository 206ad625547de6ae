// Whether a model gets the memory it needs, and which others give theirs up for it. Pure: sizes come from the file's header, corrected by
// what loads really took, and what is free comes from the caller.
//
// The rule. A model takes as many slots as fit beside the others. For its first whole slot, idle models make room: none of a higher role
// than its own, the lowest role first, then the one that was not used for the longest time, and no more of them than it takes. Where even
// that isn't enough its context is shortened, and a model that fits in no way is refused. One that is at work is never unloaded.

/** What a model is used for, the highest first. One that is used for several things counts as the highest of them. */
const roles = ['chat', 'vision', 'completion', 'rerank', 'embedding'] as const;
export type LocalRole = (typeof roles)[number];

/** One way to have a model in memory. */
export interface LoadSize {
  readonly slots: number;
  /** Of each slot. */
  readonly contextTokens: number;
  /** All that has to be added for it. */
  readonly bytes: number;
}

/** A model in memory. */
export interface Resident {
  readonly path: string;
  readonly role: LocalRole;
  readonly bytes: number;
  readonly isBusy: boolean;
  readonly lastUsedMs: number;
}

export interface LoadRequest {
  role: LocalRole;
  /** Whole ones, the largest first, and then shorter ones. */
  sizes: readonly LoadSize[];
}

export type Admission =
  | { size: LoadSize; unload: string[] }
  /** Why there is no room for even the smallest size: `kept` are models that don't make room for it. */
  | { size: undefined; neededBytes: number; freeBytes: number; kept: Resident[] };

export function higherRole(a: LocalRole, b: LocalRole): LocalRole {
  return rankOf(a) <= rankOf(b) ? a : b;
}

/** `residents` are all models in memory but the one that is asked for. */
export function admit({ role, sizes }: LoadRequest, residents: readonly Resident[], freeBytes: number): Admission {
  const [largest] = sizes;
  if (!largest) throw new Error('a model has no size');
  const idle = residents
    .filter((resident) => !resident.isBusy && rankOf(resident.role) >= rankOf(role))
    .toSorted((a, b) => rankOf(b.role) - rankOf(a.role) || a.lastUsedMs - b.lastUsedMs);
  const whole = sizes.filter(({ contextTokens }) => contextTokens === largest.contextTokens);
  const shorter = sizes.filter(({ contextTokens }) => contextTokens < largest.contextTokens);
  const leastWhole = whole.at(-1) ?? largest;
  for (const [size, group] of [[leastWhole, whole] as const, ...shorter.map((each) => [each, [each]] as const)]) {
    const unload = fewest(idle, size.bytes - freeBytes);
    if (!unload) continue;
    const room = freeBytes + sum(unload);
    const best = group.find(({ bytes }) => bytes <= room) ?? size;
    return { size: best, unload: unload.map(({ path }) => path) };
  }
  const neededBytes = Math.min(...sizes.map(({ bytes }) => bytes));
  return { size: undefined, neededBytes, freeBytes, kept: residents.filter((resident) => !idle.includes(resident)) };
}

/** The first of them that give so much, without those that the others make needless. Undefined where all together give less. */
function fewest(idle: readonly Resident[], bytes: number): Resident[] | undefined {
  const chosen: Resident[] = [];
  for (const resident of idle) if (sum(chosen) < bytes) chosen.push(resident);
  if (sum(chosen) < bytes) return undefined;
  for (const resident of [...chosen].reverse())
    if (sum(chosen) - resident.bytes >= bytes) chosen.splice(chosen.indexOf(resident), 1);
  return chosen;
}

function rankOf(role: LocalRole): number {
  return roles.indexOf(role);
}

function sum(residents: readonly Resident[]): number {
  return residents.reduce((total, { bytes }) => total + bytes, 0);
}
