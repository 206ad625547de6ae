// What the editor's buffers hold that isn't saved. The daemon asks for one file at a time, only for those that models may see, in folders that are trusted.
import { readFile } from 'node:fs/promises';
import type { SentAttachment } from '../../../shared/protocol/chat.ts';
import { plainText } from '../../base/clean-text.ts';
import { toPath } from '../../base/uri.ts';
import type { SessionClient } from './client.ts';

/** How the daemon is told; undefined where the client says nothing of its buffers. */
export function unsavedReader(
  client: Pick<SessionClient, 'abilities' | 'readFile'>,
): ((uri: string) => Promise<string | undefined>) | undefined {
  if (!client.abilities.readsFiles) return undefined;
  return async (uri) => {
    const path = toPath(uri);
    if (path === undefined) return undefined;
    const shown = await client.readFile(path);
    const saved = await readFile(path, 'utf8').catch(() => undefined);
    return saved !== undefined && plain(shown) === plain(saved) ? undefined : shown;
  };
}

/** Editors have the end of a file in their own way. */
function plain(text: string): string {
  return plainText(text).replace(/\n+$/, '');
}

const maxLinkedChars = 1_000_000; // as many as an attachment may have

/** Linked files with their texts, as the user sees them, for a model that has no tools to read them. What isn't text stays a name. */
export async function linkedFiles(
  links: readonly string[],
  client: Pick<SessionClient, 'abilities' | 'readFile'>,
): Promise<SentAttachment[]> {
  const files = links.map(async (uri): Promise<SentAttachment[]> => {
    const path = toPath(uri);
    if (path === undefined) return [];
    const shown = client.abilities.readsFiles ? await client.readFile(path).catch(() => undefined) : undefined;
    const text = shown ?? (await readFile(path, 'utf8').catch(() => undefined));
    const isText = text !== undefined && text.length <= maxLinkedChars && !text.includes('\0');
    return isText ? [{ kind: 'file', uri, text }] : [];
  });
  return (await Promise.all(files)).flat();
}
