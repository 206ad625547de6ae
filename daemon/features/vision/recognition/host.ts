// Entry of the reader of pictures: a child process of lower priority that knows no network, since what it decodes is anybody's picture.
import { constants, setPriority } from 'node:os';
import { serveParent } from '../../../base/process/child-peer.ts';
import { Engine, type LanguageData } from './engine.ts';
import type { RecognitionProtocol } from './messages.ts';
import { readPicture } from './read-picture.ts';

try {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
} catch {
  // Not every system lets it; then it runs like any other process.
}

let started: { key: string; engine: Promise<Engine> } | undefined;

/** Loaded once, until other languages are asked for. */
function engineFor(languages: readonly LanguageData[]): Promise<Engine> {
  const key = languages.map(({ language, data }) => `${language} ${data.length}`).join();
  if (started?.key !== key) started = { key, engine: Engine.start(languages) };
  return started.engine;
}

serveParent<RecognitionProtocol>({
  answers: {
    read: async ({ picture, languages }) => readPicture(picture, await engineFor(languages)),
  },
});
