// Whether and how code is completed, by config.json and by what a client sets for itself. Pure.
import type { CompletionConfig } from '../../base/config/completion.ts';
import { notebookOf } from '../../base/uri.ts';

/** What a client sets for itself; what it leaves out holds as config.json has it. */
export interface CompletionOptions {
  enabled?: boolean | undefined;
  model?: string | undefined;
  multiline?: CompletionConfig['multiline'] | undefined;
  onBattery?: boolean | undefined;
  languages?: Record<string, boolean> | undefined;
  /** By a document's URI, of a notebook's cells without the part that tells them apart. */
  files?: Record<string, boolean> | undefined;
}

export interface CompletionSettings {
  enabled: boolean;
  /** `provider/model`. */
  model: string | undefined;
  multiline: CompletionConfig['multiline'];
  onBattery: boolean;
  /** Why nothing is suggested in a document, as a sentence. A file's own switch goes before its language's, and that before the one for all. */
  whyOff(uri: string, languageId: string): string | undefined;
}

/** Models that complete code were trained on code: in prose they distract, as most editors' own completion holds too. */
const proseLanguages: ReadonlySet<string> = new Set(['markdown', 'plaintext']);

export const onBatterySentence =
  'Code completion is off on battery power. Plug in the power adapter, or turn on "completion.onBattery" in the settings.';
export const offSentence = 'Code completion is turned off. Turn it on in the settings.';

export function effectiveSettings(config: CompletionConfig, own: CompletionOptions = {}): CompletionSettings {
  const enabled = own.enabled ?? config.enabled;
  return {
    enabled,
    model: own.model ?? config.model,
    multiline: own.multiline ?? config.multiline,
    onBattery: own.onBattery ?? config.onBattery,
    whyOff(uri, languageId) {
      const ofFile = own.files?.[notebookOf(uri) ?? uri];
      const ofLanguage = own.languages?.[languageId] ?? config.languages[languageId];
      const isProse = proseLanguages.has(languageId);
      if (ofFile ?? ofLanguage ?? (enabled && !isProse)) return undefined;
      if (ofFile === false) return 'Code completion is turned off for this file.';
      if (ofLanguage === false) return `Code completion is turned off for ${languageId}. Turn it on in the settings.`;
      return enabled ? `Code completion is off for ${languageId} by default. Turn it on in the settings.` : offSentence;
    },
  };
}
