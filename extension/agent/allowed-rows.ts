// The rows of what the user has always allowed the agent, by folder. Pure.
import type { Result } from '../../shared/protocol/define.ts';
import type { TrustAllowed } from '../../shared/protocol/trust.ts';
import { inEnglish, type Translate } from '../logic/translate.ts';
import { withoutIcons } from '../logic/without-icons.ts';
import { ageWords } from '../review/revision-items.ts';

export type AllowedThing = Result<typeof TrustAllowed>['allowed'][number];

export interface AllowedRow {
  label: string;
  description: string;
  detail: string;
  thing: AllowedThing;
}

export interface AllowedFolder {
  /** As a URI. */
  root: string;
  rows: AllowedRow[];
}

const icons: Readonly<Record<string, string>> = { edit: 'edit', run: 'terminal', web: 'globe', mcp: 'plug' };

/** The folder with the newest first, and in it the newest first. */
export function allowedByFolder(
  allowed: readonly AllowedThing[],
  { now, t = inEnglish }: { now: number; t?: Translate },
): AllowedFolder[] {
  const folders = new Map<string, AllowedRow[]>();
  for (const thing of allowed) {
    const rows = folders.get(thing.root) ?? [];
    folders.set(thing.root, rows);
    rows.push(rowOf(thing, ageWords(thing.allowedAt, now, t)));
  }
  return [...folders].map(([root, rows]) => ({ root, rows }));
}

/** What was asked is a question and what goes with it: `Run npm test? The network is off.` */
function rowOf(thing: AllowedThing, age: string): AllowedRow {
  const text = withoutIcons(thing.text);
  const [, question = text, rest = ''] = /^(.*?)\?(?: (.*))?$/s.exec(text) ?? [];
  return { label: `$(${icons[thing.kind] ?? 'check'}) ${question}`, description: age, detail: rest, thing };
}
