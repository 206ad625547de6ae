// VS Code's workbench in a page: what a user does there with keyboard and mouse.
import type { Locator, Page } from 'playwright-core';
import { ChatPage } from '../chat-page.ts';
import { until } from '../until.ts';

/** A list that was opened has what it will have by then: commands that are known only later come with the next one. */
const quickInputMs = 10_000;
/** VS Code takes a notification away after 10 seconds, and keeps it in its list: one that isn't shown by now is looked for there. */
const toastMs = 20_000;

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
    await Promise.all([this.page.waitForEvent('load'), this.run('Developer: Reload Window')]);
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
    await this.#choose('F1', `>${title}`, new RegExp(`^${title}(?:…|[.]{3}| [(].+[)])?(?:,|$)`)); // then its keys
  }

  /** What is pressed next is for this file: its tab is there before its text has replaced another one's in the same editor. */
  async openFile(name: string): Promise<void> {
    await this.#openTab(name);
    const editors = this.page.locator('.editor-group-container.active .monaco-editor.focused');
    await editors.and(this.page.locator(`[data-uri$="/${name}"]`)).waitFor();
  }

  /** With the cursor in one of its code cells, counted from 0. */
  async openNotebook(name: string, cell: number): Promise<Locator> {
    await this.#openTab(name);
    const editor = this.page.locator('.notebookOverlay .code-cell-row').nth(cell).locator('.monaco-editor').first();
    await editor.locator('.view-lines').click();
    await editor.and(this.page.locator('.focused')).waitFor();
    return editor;
  }

  async #openTab(name: string): Promise<void> {
    await this.#choose('Control+P', name, new RegExp(`^${name}(?:[, ]|$)`)); // then its folder
    await this.page.locator(`.tab.active[aria-label^="${name}"]`).waitFor();
  }

  async closeEditors(): Promise<void> {
    await this.run('View: Close All Editors');
    await until('no tab', async () => (await this.page.locator('.tab').count()) === 0);
  }

  /** A view that takes the focus closes what was just opened, and a list that is only now shown replaces it: then it's opened again. */
  async #choose(key: string, text: string, row: RegExp): Promise<void> {
    const input = this.page.locator('.quick-input-widget input[type="text"]');
    const offered = this.#focusedRow(row);
    const isReplaced = async () => !(await input.isVisible()) || (await input.inputValue()) !== text;
    const isOffered = async () => {
      await input.fill(text, { timeout: quickInputMs });
      await until('the row, or another list', async () => (await offered.isVisible()) || isReplaced(), quickInputMs);
      return await offered.isVisible();
    };
    await until(`${row} in the list of ${key}`, async () => {
      if (await input.isVisible()) await input.press('Escape'); // where it's open, its key goes through its rows
      await this.page.keyboard.press(key);
      return await isOffered().catch(() => false);
    });
    await input.press('Enter');
    await offered.waitFor({ state: 'hidden' });
  }

  /** Leaves the list or input box with this title, once it's there: a key that came too early would leave it open over what follows. */
  async leave(title: string): Promise<void> {
    const shown = this.page.locator('.quick-input-title').getByText(title);
    await shown.waitFor();
    await this.page.keyboard.press('Escape');
    await shown.waitFor({ state: 'hidden' });
  }

  /** Chooses from the context menu of something; `look` is called before. */
  async chooseFor(of: Locator, command: string, look?: () => Promise<unknown>): Promise<void> {
    await of.click({ button: 'right' });
    const item = this.page.getByRole('menuitem', { name: command, exact: true });
    await item.hover();
    await this.page.locator('.monaco-menu .action-item.focused').filter({ has: item }).waitFor();
    await look?.();
    await this.page.keyboard.press('Enter'); // a menu that was just opened takes no clicks
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

  /** Presses a button of a notification, in VS Code's list of them where it was shown too long ago. */
  async answerNotification(button: string): Promise<void> {
    const buttonIn = (list: string): Locator =>
      this.page.locator(list).getByRole('button', { name: button, exact: true });
    const shown = buttonIn('.notifications-toasts');
    const isShown = await shown.waitFor({ timeout: toastMs }).then(
      () => true,
      () => false,
    );
    if (isShown) return await shown.click();
    await this.run('Notifications: Show Notifications');
    await buttonIn('.notifications-center').click();
    await this.#closeNotifications();
  }

  /** What is told next is shown by itself only where they aren't listed. The list of the last one closes itself. */
  async #closeNotifications(): Promise<void> {
    const list = this.page.locator('.notifications-center');
    await until('no list of notifications', async () => {
      if (!(await list.isVisible())) return true;
      await list
        .getByRole('button', { name: /^Hide Notifications/ })
        .click({ timeout: 1000 })
        .catch(() => {});
      return false;
    });
  }

  /** The row that Enter would choose: while a list is still being filtered, the one that is looked for may be there without it. */
  #focusedRow(name: RegExp): Locator {
    return this.page
      .locator('.quick-input-widget .monaco-list-row.focused')
      .and(this.page.getByRole('option', { name }));
  }

  async #ready(): Promise<void> {
    await this.page.locator('.monaco-workbench').waitFor();
    await this.page.locator('#switchyard\\.switchyard\\.switchyard\\.status, [id*="switchyard.status"]').waitFor();
  }
}
