// What the suites of views have in common: one browser and pictures; those of the chat view, a fresh scripted daemon for each test and
// the looks that each state is to be seen in.
import { after, before, beforeEach } from 'mocha';
import type { Browser } from 'playwright-core';
import { ScriptedDaemon } from '../../webview/scripted-daemon.ts';
import { launchBrowser } from './browser.ts';
import { Screenshots } from './screenshots.ts';
import { View, type ViewOptions } from './view.ts';

export type Look = Required<Pick<ViewOptions, 'theme' | 'width'>>;

export const everyLook: readonly Look[] = [420, 900].flatMap((width) =>
  (['dark', 'light'] as const).map((theme) => ({ theme, width })),
);

/** As in `narrow-dark`: the end of a picture's name. */
export function lookName({ theme, width }: Look): string {
  return `${width > 500 ? 'wide' : 'narrow'}-${theme}`;
}

/** Lives as long as the `describe` that it is made in. */
export class BrowserSuite {
  readonly screenshots = new Screenshots();
  #browser: Browser | undefined;

  constructor() {
    before(async () => {
      this.#browser = await launchBrowser();
    });
    after(async () => {
      await this.#browser?.close();
      console.log(`      pictures: ${this.screenshots.folder}`);
    });
  }

  async show(daemon: ScriptedDaemon, options: ViewOptions): Promise<View> {
    if (!this.#browser) throw new Error('The browser was not started.');
    return await View.open(this.#browser, daemon, options);
  }
}

/** Lives as long as the `describe` that it is made in. */
export class ViewSuite extends BrowserSuite {
  daemon = new ScriptedDaemon();
  readonly #always: ViewOptions;

  /** `prepare` fills the daemon of each test; `always` holds for every page that is opened. */
  constructor(prepare: (daemon: ScriptedDaemon) => void, always: ViewOptions = {}) {
    super();
    this.#always = always;
    beforeEach(() => {
      this.daemon = new ScriptedDaemon();
      prepare(this.daemon);
    });
  }

  open(options: ViewOptions = {}): Promise<View> {
    return this.show(this.daemon, { ...this.#always, ...options });
  }
}
