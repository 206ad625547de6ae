// Pictures of the real thing: for the README and the walkthrough when asked for (SWITCHYARD_SCREENSHOTS=1), else thrown away with the temporary folder.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Locator, Page, PageScreenshotOptions } from 'playwright-core';

const media = resolve(dirname(fileURLToPath(import.meta.url)), '../../../media');

export class Screenshots {
  readonly folder: string;

  /** `of`: whose they are, a folder of media. */
  constructor(of: 'screenshots' | 'walkthrough' = 'screenshots') {
    const isKept = process.env['SWITCHYARD_SCREENSHOTS'] === '1';
    this.folder = isKept ? join(media, of) : mkdtempSync(join(tmpdir(), `switchyard-${of}-`));
  }

  /** Writes `<name>.png`; of a page, only the part that is asked for. */
  async take(of: Page | Locator, name: string, clip?: PageScreenshotOptions['clip']): Promise<string> {
    mkdirSync(this.folder, { recursive: true });
    const path = join(this.folder, `${name}.png`);
    const options: PageScreenshotOptions = { path, animations: 'disabled', ...(clip && { clip }) };
    await of.screenshot(options);
    return path;
  }
}
