// Pictures as the rest of the daemon sees them: bytes of anybody's go in, and what a model and a view may have comes out.
import type { Image } from '../../models/providers/provider.ts';

/** What is kept of a picture: never its bytes. */
export interface PictureFacts {
  /** SHA-256 of its bytes, in hex. */
  hash: string;
  mediaType: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  /** In pixels, as it is seen. */
  width: number;
  height: number;
  sizeBytes: number;
  /** A data URL of some 8 kB. */
  thumbnail: string;
}

export interface PreparedPicture {
  /** For a model: a PNG or JPEG without metadata, turned as it is seen, its longest edge at most 1,568 pixels. */
  image: Image;
  facts: PictureFacts;
  /** Whether it has several frames, of which the first is in `image`. */
  isAnimated: boolean;
}

/** A decoded picture, turned as it is seen, in its own size. */
export interface PictureGrid {
  width: number;
  height: number;
  /** Red, green, blue and opacity of each pixel, row by row from the top. */
  rgba: Uint8Array;
}

export interface PictureOptions {
  /** What a sentence calls the picture. */
  name: string;
  signal: AbortSignal;
}

/**
 * Lives as long as the daemon. Nothing is decoded before the header was found to be within the limits, and nothing in this process.
 * Both throw UserError `bad-picture` and `no-vision-part` (it is turned off, or doesn't start), CancelledError.
 */
export interface Pictures extends AsyncDisposable {
  prepare(bytes: Uint8Array, options: PictureOptions): Promise<PreparedPicture>;
  pixels(bytes: Uint8Array, options: PictureOptions): Promise<PictureGrid>;
}
