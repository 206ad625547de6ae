// What the suites of the packaged extension in VS Code have in common: a user, a scripted model, code-server on the sample workspace,
// and a page with its workbench.
import { after, afterEach, before } from 'mocha';
import type { Browser, FrameLocator, Locator, Page } from 'playwright-core';
import type { ScriptedServer } from '../../../fakes/provider-servers/scripted-server.ts';
import { launchBrowser, openPage } from '../browser.ts';
import { type Answer, configFor, fileName, startModel } from '../flawed-code.ts';
import { Home } from '../home.ts';
import { Screenshots } from '../screenshots.ts';
import { until } from '../until.ts';
import { CodeServer } from './code-server.ts';
import { Workbench } from './workbench.ts';

export const wide = { width: 1280, height: 800 };

export interface VsCodeOptions {
  /** Makes the workspace ready before the editor starts, and says what the model answers there. */
  prepare(workspace: string): Answer[];
  /** Beside the scripted model's. */
  config?(own: Record<string, unknown>): Record<string, unknown>;
  settings?: Record<string, unknown>;
  permissions?: string[];
}

/** Lives as long as the `describe` that it is made in. */
export class VsCodeSuite {
  readonly screenshots = new Screenshots();
  readonly #held = Promise.withResolvers<void>();
  #parts:
    | { home: Home; model: ScriptedServer; editor: CodeServer; browser: Browser; page: Page; workbench: Workbench }
    | undefined;
  #ends: (() => unknown)[] = [];

  constructor(options: VsCodeOptions) {
    const suite = this;
    before(() => this.#start(options));
    afterEach(async function () {
      if (this.currentTest?.state === 'failed') await suite.screenshots.take(suite.page, 'failed');
    });
    after(async () => {
      this.#held.resolve();
      console.log(`      pictures: ${this.screenshots.folder}`);
      await this.#end();
    });
  }

  async #start({ prepare, config = (own) => own, settings = {}, permissions = [] }: VsCodeOptions): Promise<void> {
    const home = new Home();
    const workspace = home.workspace();
    const endless: Answer = {
      when: 'Never finish',
      reply: { text: 'It goes on and on and on', hold: { after: 4, until: this.#held.promise } },
    };
    const model = await startModel([endless, ...prepare(workspace)]);
    this.#ends.push(
      () => model.close(),
      () => home.end(),
    );
    home.configure(config(configFor(model)));
    const editor = await CodeServer.start({ home, workspace, settings });
    this.#ends.push(() => editor[Symbol.asyncDispose]());
    const browser = await launchBrowser();
    this.#ends.push(() => browser.close());
    const page = await openPage(browser, { viewport: wide, permissions });
    const workbench = new Workbench(page);
    this.#parts = { home, model, editor, browser, page, workbench };
    try {
      await workbench.open(editor.url);
      await workbench.openFile(fileName);
    } catch (error) {
      await this.screenshots.take(page, 'not-started');
      throw error;
    }
  }

  /** All of it, also where the end of one part fails: what stays would be in the way of the next suites. */
  async #end(): Promise<void> {
    const failures: unknown[] = [];
    for (const end of this.#ends.toReversed()) {
      try {
        await end();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  get home(): Home {
    return this.#started().home;
  }
  get model(): ScriptedServer {
    return this.#started().model;
  }
  get editor(): CodeServer {
    return this.#started().editor;
  }
  get page(): Page {
    return this.#started().page;
  }
  get workbench(): Workbench {
    return this.#started().workbench;
  }
  /** What a view shows, where there is one. */
  get view(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }

  /** A row of VS Code's quick pick. */
  option(name: string | RegExp): Locator {
    return this.page.locator('.quick-input-widget').getByRole('option', { name }).first();
  }

  /** A row of a tree. */
  row(name: string | RegExp): Locator {
    return this.page.getByRole('treeitem', { name }).first();
  }

  /** Opens a row, until it shows this one below it: VS Code forgets that it was opened where the tree is just being filled anew. */
  async expand(row: Locator, below: Locator): Promise<void> {
    await until('what is below the row', async () => {
      if ((await row.getAttribute('aria-expanded')) === 'false') await row.click();
      return await below.isVisible();
    });
  }

  /** Presses a button of a row, which it has while the mouse is over it: the rows may move meanwhile. */
  async press(row: Locator, button: string): Promise<void> {
    const pressed = row.getByRole('button', { name: button, exact: true });
    await until(`${button} in the row`, async () => {
      await row.hover();
      return await pressed.isVisible();
    });
    await pressed.click();
  }

  /** Types into the input box with this title, once it is there: a list that was just left looks the same. */
  async enter(title: string, text: string): Promise<void> {
    await this.page.locator('.quick-input-title').getByText(title).waitFor();
    await this.page.locator('.quick-input-widget input').fill(text);
    await this.page.keyboard.press('Enter');
  }

  #started() {
    if (!this.#parts) throw new Error('VS Code was not started.');
    return this.#parts;
  }
}
