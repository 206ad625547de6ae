// A picture as a server sent it: only bytes that begin as a picture does are one, whatever the server calls them.
import { type MadePicture, ProviderError } from '../provider.ts';

/** How long a server may send nothing while it draws. */
export const pictureSilenceMs = 5 * 60_000;

const beginnings: readonly { mediaType: MadePicture['mediaType']; pattern: RegExp }[] = [
  { mediaType: 'image/png', pattern: /^\x89PNG\r\n\x1a\n/ },
  { mediaType: 'image/jpeg', pattern: /^\xff\xd8\xff/ },
  { mediaType: 'image/webp', pattern: /^RIFF.{4}WEBP/s },
];

const maxReason = 200; // characters

/** Throws ProviderError `refused` where there is none; `said` is what the server gave as its reason. */
export function madePicture(data: string | undefined, said?: string): MadePicture {
  if (data === undefined) {
    const reason = said ? ` It said: ${said.slice(0, maxReason)}` : '';
    throw new ProviderError(
      'refused',
      `The model sent no picture.${reason} Change the prompt, or choose another model.`,
    );
  }
  const begin = Buffer.from(data.slice(0, 64), 'base64').toString('latin1');
  const found = beginnings.find(({ pattern }) => pattern.test(begin));
  if (!found)
    throw new ProviderError('unavailable', "The model sent something that isn't a picture. Choose another model.");
  return { mediaType: found.mediaType, data };
}
