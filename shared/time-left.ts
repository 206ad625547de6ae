// How long something still takes, in words.
import { inEnglish, type Translate } from './words/translate.ts';

/** `about 40 s left`, `about 2 min left`, `about 3 h left`. */
export function timeLeft(seconds: number, say: Translate = inEnglish): string {
  if (seconds < 60) return say('about {0} s left', Math.max(1, Math.round(seconds)));
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? say('about {0} min left', minutes) : say('about {0} h left', Math.round(minutes / 60));
}
