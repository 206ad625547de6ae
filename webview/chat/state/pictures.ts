// Pictures of a question that is being written: taken, refused for their number or size, removed. Pure; a part of the update.
import { maxPicturesBytes } from '../../../shared/pictures.ts';
import { t } from '../../words.ts';
import type { Of, Transition } from './messages.ts';
import type { Draft, State } from './state.ts';
import type { DraftPicture } from './transcript.ts';

const maxPictures = 10;

/** As many as one question may have, each with a name of its own; and a sentence for the others. */
export function withPictures(draft: Draft, added: readonly DraftPicture[]): { draft: Draft; refusals: string[] } {
  let pictures: readonly DraftPicture[] = draft.pictures ?? [];
  const refusals: string[] = [];
  for (const picture of added) {
    // A file that is attached again is as it is now.
    const others = pictures.filter(({ uri }) => uri !== picture.uri || uri.startsWith('dropped:'));
    const sizeBytes = others.reduce((sum, { blob }) => sum + blob.size, picture.blob.size);
    if (others.length >= maxPictures)
      refusals.push(t("{0} wasn't attached. A question can have up to {1} pictures.", picture.name, maxPictures));
    else if (sizeBytes > maxPicturesBytes)
      refusals.push(t("{0} wasn't attached. The pictures of a question can have up to 40 MB together.", picture.name));
    else pictures = [...others, withOwnName(picture, others)];
  }
  return { draft: pictures.length > 0 ? { ...draft, pictures } : draft, refusals };
}

/** What is pasted is always called `image.png`. */
function withOwnName(picture: DraftPicture, others: readonly DraftPicture[]): DraftPicture {
  if (!others.some(({ uri }) => uri === picture.uri)) return picture;
  const dot = picture.name.lastIndexOf('.');
  const [stem, ending] = dot > 0 ? [picture.name.slice(0, dot), picture.name.slice(dot)] : [picture.name, ''];
  for (let number = 2; ; number++) {
    const name = `${stem}-${number}${ending}`;
    const uri = `dropped:${encodeURIComponent(name)}`;
    if (!others.some((other) => other.uri === uri)) return { ...picture, name, uri };
  }
}

/** The button that was pressed goes, so the keyboard is taken to the composer. */
export function removePicture(state: State, { index }: Of<'picture-removed'>): Transition {
  const pictures = state.draft.pictures?.toSpliced(index, 1) ?? [];
  const { pictures: _before, ...draft } = state.draft;
  return [{ ...state, draft: pictures.length > 0 ? { ...draft, pictures } : draft }, [{ kind: 'focus-composer' }]];
}

export function forgetLostPictures(state: State): Transition {
  const { lostPictures: _told, ...draft } = state.draft;
  return [{ ...state, draft }, [{ kind: 'focus-composer' }]];
}
