// Which pictures go along with a question: its own, or those of an earlier one that it asks to look at again. They are in memory for some
// minutes at most, and never stored. Pure.
import type { Image } from '../../models/providers/provider.ts';
import type { RecalledMessage } from '../../storage/messages.ts';
import { pictureGone, type TakenPicture } from '../vision/attached.ts';
import type { ChatShapes } from './chat.ts';
import { nameOf, type PromptAttachment } from './prompt.ts';

interface TurnPictures {
  images: Image[];
  /** What the question says of pictures that it has again. */
  line?: string;
  /** What the user is told where a picture can't be looked at again. */
  notes: string[];
}

type FindPicture = (hash: string) => Pick<TakenPicture, 'image'> | undefined;

/** `messages` end with the question, or with its answer. Throws UserError `picture-gone` where one of the question's own is gone. */
export function picturesFor(messages: readonly RecalledMessage<ChatShapes>[], find: FindPicture): TurnPictures {
  const question = messages.findLast(({ role }) => role === 'user');
  const own = picturesIn(question);
  if (own.length > 0) return { images: own.map((picture) => foundOrThrow(picture, find)), notes: [] };
  const earlier = asksToLookAgain(question?.text ?? '')
    ? picturesIn(messages.findLast((message) => message !== question && picturesIn(message).length > 0))
    : [];
  if (earlier.length === 0) return { images: [], notes: [] };
  const found = earlier.flatMap(({ hash }) => find(hash)?.image ?? []);
  if (found.length < earlier.length) return { images: [], notes: earlier.map(({ name }) => pictureGone(name).message) };
  return { images: found, line: `Attached again: ${earlier.map(({ name }) => name).join(', ')}`, notes: [] };
}

interface NamedPicture {
  name: string;
  hash: string;
}

function picturesIn(message: { attachments?: PromptAttachment[] } | undefined): NamedPicture[] {
  return (message?.attachments ?? []).flatMap(({ uri, picture }) =>
    picture ? [{ name: nameOf(uri), hash: picture.hash }] : [],
  );
}

function foundOrThrow({ name, hash }: NamedPicture, find: FindPicture): Image {
  const found = find(hash);
  if (!found) throw pictureGone(name);
  return found.image;
}

const looking =
  /\b(?:look|zoom|check)\b[^.!?\n]{0,40}\b(?:again|closer|once more|image|picture|screenshot|photo|diagram)\b/i;
const maxRead = 2000; // characters

function asksToLookAgain(text: string): boolean {
  return looking.test(text.slice(0, maxRead));
}
