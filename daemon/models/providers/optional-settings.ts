// Settings that some models of a server accept and others refuse: sent first, left out or sent otherwise when refused, with a warning
// to the user where something is lost.
import { ProviderError } from './provider.ts';

/** A setting that is known by more than its name in the refusal, or has another way to be sent. */
export interface OptionalSetting<Settings> {
  /** Whether a refusal in these words is about it. */
  isRefused(words: string): boolean;
  /** Undefined where nothing can be changed. */
  without(settings: Settings): Settings | undefined;
  warning?: string;
}

export type OptionalSettings<Settings> = Readonly<Record<string, string | OptionalSetting<Settings>>>;

/**
 * Asks with all settings; where the server refuses one of the optional ones, asks again without it. Each is changed at most once, so
 * the number of requests is bounded. `optional` maps a setting to its warning, or to how it is known and changed.
 */
export async function askWithout<Settings extends object, Answer>(
  settings: Settings,
  optional: OptionalSettings<Settings>,
  ask: (settings: Settings) => Promise<Answer>,
): Promise<{ answer: Answer; warnings: string[] }> {
  let current = settings;
  const left = new Map(Object.entries(optional).map(([name, how]) => [name, settingOf<Settings>(name, how)]));
  const warnings = new Set<string>();
  for (;;) {
    try {
      return { answer: await ask(current), warnings: [...warnings] };
    } catch (error) {
      const change = changeAfter(error, current, left);
      if (!change) throw error;
      left.delete(change.name);
      current = change.settings;
      if (change.warning) warnings.add(change.warning);
    }
  }
}

function settingOf<Settings extends object>(
  name: string,
  how: string | OptionalSetting<Settings>,
): OptionalSetting<Settings> {
  if (typeof how !== 'string') return how;
  return {
    isRefused: (words) => words.includes(name),
    warning: how,
    without(settings) {
      if (!(name in settings)) return undefined;
      const { [name as keyof Settings]: _, ...others } = settings;
      return others as Settings;
    },
  };
}

function changeAfter<Settings>(
  error: unknown,
  current: Settings,
  left: ReadonlyMap<string, OptionalSetting<Settings>>,
): { name: string; settings: Settings; warning: string | undefined } | undefined {
  if (!(error instanceof ProviderError) || error.code !== 'bad-request') return undefined;
  for (const [name, { isRefused, without, warning }] of left) {
    const settings = isRefused(error.message) ? without(current) : undefined;
    if (settings) return { name, settings, warning };
  }
  return undefined;
}

/** Warning for a schema that the server cannot enforce. */
export const schemaIsNotForced = "This model doesn't support JSON schemas, so the answer may not be valid JSON.";

const systemRefusals = [
  /system[^.]{0,60}\b(not|n't) (supported|allowed|enabled|permitted|accepted|one of|valid)/i,
  /(not|n't) (support|allow|accept)[^.]{0,40}system/i,
  /(unknown|unexpected|invalid|unsupported)[^.]{0,30}(role|message)[^.]{0,20}system/i,
  /only user(, tool)? and assistant|roles must alternate|must start with a user|developer instruction is not enabled/i,
];

/** Whether a server says that it knows no system role. Templates that want roles to alternate mean it too: ours do. */
export function isSystemRefusal(words: string): boolean {
  return systemRefusals.some((pattern) => pattern.test(words));
}

/** Whether a refusal is about the name of a setting, and not about its value. */
export function isUnknownSetting(words: string, name: string): boolean {
  const namesIt = new RegExp(`(?<![\\w])${name}(?![\\w])`).test(words);
  return (
    namesIt &&
    /unsupported|not supported|unrecogni[sz]ed|unknown|unexpected|extra|not (permitted|allowed)|instead/i.test(words)
  );
}
