// What the daemon and the child that decodes pictures say to each other.
import type { PictureGrid, PreparedPicture } from './pictures.ts';

/** The picture's header was found to be within the limits. */
interface DecodeRequest {
  bytes: Uint8Array;
  /** What a sentence calls it. */
  name: string;
}

export type PictureProtocol = {
  requests: {
    prepare: { params: DecodeRequest; part: never; result: PreparedPicture };
    pixels: { params: DecodeRequest; part: never; result: PictureGrid };
  };
  toChild: never;
  /** It has loaded all that it needs: what fails from now on is a picture. */
  fromChild: { kind: 'ready' };
};
