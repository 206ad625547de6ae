// A picture that was pasted, dropped, chosen or handed over by the editor: its header is read here, and what the daemon would refuse is
// refused before anything of it is decoded or sent.
import { maxPictureBytes, pictureRefusal, readPictureHeader } from '../../../shared/pictures.ts';
import { t } from '../../words.ts';
import type { DraftPicture } from '../state/transcript.ts';

/** Undefined where it is no picture, neither by its bytes nor by what its sender says. */
export async function readPicture(
  file: Blob,
  { name, uri }: { name: string; uri: string },
): Promise<{ picture: DraftPicture } | { refusal: string } | undefined> {
  const isSaidToBe = file.type.startsWith('image/') && file.type !== 'image/svg+xml'; // that one is text
  if (file.size > maxPictureBytes)
    return isSaidToBe ? { refusal: pictureRefusal(new Uint8Array(), name, file.size, t) ?? '' } : undefined;
  const bytes = new Uint8Array(await file.arrayBuffer());
  const header = readPictureHeader(bytes);
  if (!header && !isSaidToBe) return undefined;
  const refusal = pictureRefusal(bytes, name, bytes.length, t);
  if (refusal !== undefined || !header) return { refusal: refusal ?? '' };
  const { mediaType, width, height, orientation } = header;
  const isTurned = orientation >= 5;
  return {
    picture: {
      uri,
      name,
      mediaType,
      width: isTurned ? height : width,
      height: isTurned ? width : height,
      blob: new Blob([bytes], { type: mediaType }), // a copy: the file may change or go
    },
  };
}
