// The pictures of chats' questions: read from what a client sent or from a file of the workspace, made ready for a model, and kept in memory
// for some minutes, so that a question can be asked again. Nothing of them is stored but facts and a thumbnail.
import { relative } from 'node:path';
import { LRUCache } from 'lru-cache';
import { maxPictureBytes, maxPicturesBytes } from '../../../shared/pictures.ts';
import { UserError } from '../../base/errors.ts';
import { isInside } from '../../base/paths.ts';
import { toPath } from '../../base/uri.ts';
import { readInside } from '../../code-index/walk.ts';
import type { Image } from '../../models/providers/provider.ts';
import type { PictureFacts, Pictures } from './pictures.ts';

/** A picture as a client attaches it: its bytes, a file of the workspace, or one that was sent some minutes ago. */
export interface GivenPicture {
  uri: string;
  /** In base64. */
  data?: string | undefined;
  picture?: Pick<PictureFacts, 'hash'> | undefined;
}

export interface TakenPicture {
  image: Image;
  facts: PictureFacts;
  /** A sentence for the user. */
  note?: string | undefined;
}

interface Owner {
  profile: string;
  /** The folders of the client, as URIs: of others no file is read. */
  roots: readonly string[];
  signal: AbortSignal;
}

export interface AttachedPicturesDeps {
  pictures: Pick<Pictures, 'prepare'>;
}

const keptMs = 10 * 60_000;
const maxKeptCharacters = 64 * 1024 * 1024;
const charactersPerByte = 4 / 3; // of base64

/** Lives as long as the daemon. */
export class AttachedPictures {
  readonly #pictures: AttachedPicturesDeps['pictures'];
  readonly #kept = new LRUCache<string, TakenPicture>({
    max: 1000,
    maxSize: maxKeptCharacters,
    sizeCalculation: ({ image }) => image.data.length,
    ttl: keptMs,
    ttlAutopurge: true, // else an old one would stay until something asks for it
  });

  constructor({ pictures }: AttachedPicturesDeps) {
    this.#pictures = pictures;
  }

  /** In their order. Throws what `Pictures.prepare` throws, and UserError `no-picture` and `picture-gone`. */
  async take(given: readonly GivenPicture[], owner: Owner): Promise<TakenPicture[]> {
    const bytes = given.reduce((sum, { data = '' }) => sum + data.length / charactersPerByte, 0);
    if (bytes > maxPicturesBytes)
      throw new UserError(
        'bad-picture',
        'The pictures are over 40 MB together. Attach fewer of them, or smaller ones.',
      );
    const taken: TakenPicture[] = [];
    for (const picture of given) taken.push(await this.#take(picture, owner));
    return taken;
  }

  /** One that was taken for this profile some minutes ago. */
  find(profile: string, hash: string): TakenPicture | undefined {
    return this.#kept.get(keyOf(profile, hash));
  }

  /** Forgets a profile's, when it is deleted. */
  forget(profile: string): void {
    for (const key of [...this.#kept.keys()]) if (key.startsWith(keyOf(profile, ''))) this.#kept.delete(key);
  }

  async #take({ uri, data, picture }: GivenPicture, { profile, roots, signal }: Owner): Promise<TakenPicture> {
    const name = nameOf(uri);
    if (data === undefined && picture) {
      const kept = this.find(profile, picture.hash);
      if (!kept) throw pictureGone(name);
      return { image: kept.image, facts: kept.facts };
    }
    const bytes = data === undefined ? await bytesOf(uri, roots) : bytesIn(data, name);
    const { image, facts, isAnimated } = await this.#pictures.prepare(bytes, { name, signal });
    this.#kept.set(keyOf(profile, facts.hash), { image, facts });
    return { image, facts, note: isAnimated ? `Models see only the first frame of ${name}.` : undefined };
  }
}

export function pictureGone(name: string): UserError {
  return new UserError(
    'picture-gone',
    `${name} isn't stored, so the model can't look at it again. Attach it again, and ask.`,
  );
}

function keyOf(profile: string, hash: string): string {
  return `${profile} ${hash}`;
}

/** Longer text is not even decoded: the sentence is the same as for the bytes. */
function bytesIn(data: string, name: string): Uint8Array {
  if (data.length <= (maxPictureBytes + 3) * charactersPerByte) return Buffer.from(data, 'base64');
  throw new UserError('bad-picture', `${name} is over 20 MB. Attach a smaller version.`);
}

/** A picture outside of the folders is for the client to read, as its user named it. */
async function bytesOf(uri: string, roots: readonly string[]): Promise<Uint8Array> {
  const path = /^file:/i.test(uri) ? toPath(uri) : undefined;
  const root = path && roots.flatMap((folder) => toPath(folder) ?? []).find((folder) => isInside(path, folder));
  const bytes = root && (await readInside(root, relative(root, path), maxPictureBytes).catch(() => undefined));
  if (bytes) return bytes;
  throw new UserError(
    'no-picture',
    `Couldn't read ${nameOf(uri)} as a file of up to 20 MB in the open folders. Attach the picture itself.`,
  );
}

function nameOf(uri: string): string {
  const end =
    uri
      .replace(/^dropped:/, '')
      .split('/')
      .at(-1) ?? uri;
  try {
    return decodeURIComponent(end) || 'The picture';
  } catch {
    return end;
  }
}
