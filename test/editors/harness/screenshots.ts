// Pictures of the real thing: for the README when asked for (SWITCHYARD_SCREENSHOTS=1), else thrown away with the temporary folder.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from 'playwright-core';

const pictures = resolve(dirname(fileURLToPath(import.meta.url)), '../../../media/screenshots');

export class Screenshots {
  readonly folder =
    process.env['SWITCHYARD_SCREENSHOTS'] === '1' ? pictures : mkdtempSync(join(tmpdir(), 'switchyard-screenshots-'));

  /** Writes `<name>.png`. */
  async take(of: Page | Locator, name: string): Promise<string> {
    mkdirSync(this.folder, { recursive: true });
    const path = join(this.folder, `${name}.png`);
    await of.screenshot({ path, animations: 'disabled' });
    return path;
  }
}
