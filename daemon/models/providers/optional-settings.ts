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

const maxModels = 500; // of one server; the one asked first is forgotten, and costs a request more when it is asked again

/** Which settings the models of one server have refused. Lives as long as its adapter: what is configured anew is asked anew. */
export class RefusedSettings {
  readonly #byModel = new Map<string, Set<string>>();

  /** Their names. `askWithout` changes them. */
  of(model: string): Set<string> {
    const names = this.#byModel.get(model) ?? new Set();
    this.#byModel.set(model, names);
    for (const oldest of [...this.#byModel.keys()].slice(0, -maxModels)) this.#byModel.delete(oldest);
    return names;
  }
}

/**
 * Asks with all settings but those that were refused before; where the server refuses one of the optional ones, asks again without it.
 * Each is changed at most once, so the number of requests is bounded. `optional` maps a setting to its warning, or to how it is known
 * and changed.
 */
export async function askWithout<Settings extends object, Answer>(
  settings: Settings,
  optional: OptionalSettings<Settings>,
  refused: Set<string>,
  ask: (settings: Settings) => Promise<Answer>,
): Promise<{ answer: Answer; warnings: string[] }> {
  let current = settings;
  const left = new Map(Object.entries(optional).map(([name, how]) => [name, settingOf<Settings>(name, how)]));
  const warnings = new Set<string>();
  const leaveOut = (change: SettingChange<Settings>): void => {
    left.delete(change.name);
    current = change.settings;
    if (change.warning) warnings.add(change.warning);
  };
  for (const name of refused) {
    const change = changeOf(name, current, left);
    if (change) leaveOut(change);
  }
  const lasting: string[] = [];
  for (;;) {
    try {
      const answer = await ask(current);
      for (const name of lasting) refused.add(name);
      return { answer, warnings: [...warnings] };
    } catch (error) {
      const change = changeAfter(error, current, left);
      if (!change) {
        if (isBadRequest(error)) refused.clear(); // the server may have changed
        throw error;
      }
      leaveOut(change);
      if (!isAboutValue(error)) lasting.push(change.name);
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

interface SettingChange<Settings> {
  name: string;
  settings: Settings;
  warning: string | undefined;
}

type SettingsLeft<Settings> = ReadonlyMap<string, OptionalSetting<Settings>>;

function changeAfter<Settings>(
  error: unknown,
  current: Settings,
  left: SettingsLeft<Settings>,
): SettingChange<Settings> | undefined {
  if (!isBadRequest(error)) return undefined;
  const refused = [...left].filter(([, { isRefused }]) => isRefused(error.message));
  return refused.map(([name]) => changeOf(name, current, left)).find((change) => change !== undefined);
}

function changeOf<Settings>(
  name: string,
  current: Settings,
  left: SettingsLeft<Settings>,
): SettingChange<Settings> | undefined {
  const setting = left.get(name);
  const settings = setting?.without(current);
  return settings && { name, settings, warning: setting?.warning };
}

function isBadRequest(error: unknown): error is ProviderError {
  return error instanceof ProviderError && error.code === 'bad-request';
}

/** Whether a refusal is about this value, such as one schema: another may be taken. */
function isAboutValue(error: unknown): boolean {
  return /invalid (json )?schema|out of range|must be|(less|greater|smaller|larger) than|too (large|small|high|low|many|deep)/i.test(
    String(error),
  );
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
