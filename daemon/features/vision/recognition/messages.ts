// What the daemon and its reader of pictures say to each other.
import type { PictureGrid } from '../pictures.ts';
import type { LanguageData } from './engine.ts';

/** In pixels of the picture. */
interface LineBox {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface RecognizedLine {
  /** With its indentation; empty for an empty line between others. */
  text: string;
  /** 0 to 1. */
  confidence: number;
  box: LineBox;
}

interface RecognitionRequest {
  picture: PictureGrid;
  languages: readonly LanguageData[];
}

/** By the shape of `ChildProtocol`. */
export type RecognitionProtocol = {
  requests: {
    read: { params: RecognitionRequest; part: never; result: RecognizedLine[] };
  };
  toChild: never;
  fromChild: never;
};
