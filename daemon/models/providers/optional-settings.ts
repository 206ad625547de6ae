// Settings that some models of a server accept and others refuse: sent first, left out when refused, with a warning to the user.
import { ProviderError } from './provider.ts';

/**
 * Asks with all settings; where the server refuses one of the optional ones by its name, asks again without it.
 * Each is left out at most once, so the number of requests is bounded. `optional` maps a setting to its warning.
 */
export async function askWithout<Settings extends object, Answer>(
  settings: Settings,
  optional: Partial<Record<keyof Settings & string, string>>,
  ask: (settings: Settings) => Promise<Answer>,
): Promise<{ answer: Answer; warnings: string[] }> {
  const current = { ...settings };
  const warnings = new Set<string>();
  for (;;) {
    try {
      return { answer: await ask(current), warnings: [...warnings] };
    } catch (error) {
      const refused = refusedSetting(
        error,
        Object.keys(optional).filter((name) => name in current),
      );
      if (!refused) throw error;
      delete current[refused as keyof Settings];
      warnings.add(optional[refused as keyof Settings & string] ?? '');
    }
  }
}

function refusedSetting(error: unknown, names: readonly string[]): string | undefined {
  if (!(error instanceof ProviderError) || error.code !== 'bad-request') return undefined;
  return names.find((name) => error.message.includes(name));
}

/** Warning for a schema that the server cannot enforce. */
export const schemaIsNotForced = 'This model cannot be held to a JSON schema: the answer may not be valid JSON.';
