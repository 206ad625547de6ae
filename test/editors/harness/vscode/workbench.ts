// VS Code's workbench in a page: what a user does there with keyboard and mouse.
import type { Locator, Page } from 'playwright-core';
import { ChatPage } from '../chat-page.ts';

const quickInputMs = 10_000;
const quickInputAttempts = 6;

/** Lives as long as its page. */
export class Workbench {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Opens the editor and waits until the extension has reached its daemon. */
  async open(url: string): Promise<void> {
    await this.page.goto(url);
    await this.#ready();
  }

  /** As a user does it: the browser's own way would not wait until the editor has stored its state. */
  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent('load');
    await this.run('Developer: Reload Window');
    await loaded;
    await this.#ready();
  }

  /** With the mouse: a view that was just opened may take the focus from the palette. */
  async closeTab(name: string): Promise<void> {
    const tab = this.page.locator(`.tab[aria-label^="${name}"]`);
    await tab.click({ button: 'middle' });
    await tab.waitFor({ state: 'detached' });
  }

  /** Runs a command by its title from the palette. */
  async run(title: string): Promise<void> {
    await this.#choose('F1', `>${title}`, title);
  }

  async openFile(name: string): Promise<void> {
    await this.#choose('Control+P', name, name);
    await this.page.locator(`.tab.active[aria-label^="${name}"]`).waitFor();
    await this.page.locator('.editor-group-container.active .monaco-editor.focused').first().waitFor(); // what is pressed next is for it
  }

  /** A view that takes the focus closes what was just opened, and a list that is only now shown replaces it: then it's opened again. */
  async #choose(key: string, text: string, row: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input[type="text"]');
    for (let attempt = 1; ; attempt++) {
      await this.page.keyboard.press(key);
      try {
        await input.fill(text, { timeout: quickInputMs });
        await this.#focusedRow(row).waitFor({ timeout: quickInputMs });
        break;
      } catch (error) {
        if (attempt === quickInputAttempts) throw error;
      }
    }
    await input.press('Enter');
  }

  /** Selects the whole text of the editor that has the focus. */
  async selectAll(): Promise<void> {
    await this.page.keyboard.press('Control+A');
    await this.page
      .locator('[id="status.editor.selection"]')
      .getByText(/\(\d+ selected\)/)
      .waitFor();
  }

  /** Brings the chat view to the front. */
  async openChat(): Promise<ChatPage> {
    await this.run('Switchyard: Open Chat');
    const chat = this.chat;
    await chat.composer.waitFor();
    return chat;
  }

  get chat(): ChatPage {
    return new ChatPage(this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame'));
  }

  /** Presses a button of a notification. */
  async answerNotification(button: string): Promise<void> {
    await this.page.locator('.notifications-toasts').getByRole('button', { name: button, exact: true }).click();
  }

  /** The row that Enter would choose: while a list is still being filtered, the one that is looked for may be there without it. */
  #focusedRow(name: string): Locator {
    return this.page
      .locator('.quick-input-widget .monaco-list-row.focused')
      .and(this.page.getByRole('option', { name: new RegExp(`^${name}`) }));
  }

  async #ready(): Promise<void> {
    await this.page.locator('.monaco-workbench').waitFor();
    await this.page
      .locator('#switchyard\\.switchyard\\.switchyard\\.status, [id*="switchyard.status"]')
      .waitFor({ timeout: 90_000 });
  }
}
