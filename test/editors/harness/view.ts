// The chat view in a browser's page under its strict policy, with a scripted daemon: opened, used and closed by one test.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import type { HostActionKind } from '../../../shared/webview.ts';
import type { ScriptedDaemon } from '../../webview/scripted-daemon.ts';
import { ViewServer } from '../../webview/view-server.ts';
import { openPage } from './browser.ts';
import { ChatPage } from './chat-page.ts';

export interface ViewOptions {
  actions?: HostActionKind[];
  width?: number;
  theme?: 'dark' | 'light';
  view?: 'chat' | 'history';
  /** `vscode`: gestures go to the host, which notes them. */
  host?: 'vscode' | 'browser';
  /** Without it the page is in English. */
  language?: 'de';
}

const bundleFile = (language: string): URL => new URL(`../../../l10n/bundle.l10n.${language}.json`, import.meta.url);

/** Lives as long as one test. */
export class View implements AsyncDisposable {
  readonly page: Page;
  readonly server: ViewServer;
  readonly chat: ChatPage;
  readonly #complaints: string[] = [];

  private constructor(page: Page, server: ViewServer) {
    this.page = page;
    this.server = server;
    this.chat = new ChatPage(page);
    page.on('console', (line) => void (line.type() === 'error' && this.#complaints.push(line.text())));
    page.on('pageerror', (error) => void this.#complaints.push(String(error)));
  }

  static async open(
    browser: Browser,
    daemon: ScriptedDaemon,
    { actions = [], width = 420, theme = 'dark', view: which = 'chat', host = 'browser', language }: ViewOptions = {},
  ): Promise<View> {
    const words = language && { language, texts: JSON.parse(readFileSync(bundleFile(language), 'utf8')) };
    const server = await ViewServer.start(daemon, { actions, host, view: which, ...(words && { words }) });
    const page = await openPage(browser, {
      viewport: { width, height: 760 },
      colorScheme: theme,
      locale: language === undefined ? 'en-US' : `${language}-DE`,
    });
    const view = new View(page, server);
    if (host === 'vscode') await page.addInitScript(installVsCodeApi);
    await page.goto(server.origin);
    // Outside VS Code nothing provides its colours: the page's own stand in.
    if (host === 'vscode')
      await page.evaluate((dark) => {
        document.documentElement.dataset['host'] = 'browser';
        document.body.className = dark ? 'vscode-dark' : 'vscode-light';
      }, theme === 'dark');
    await (which === 'chat' ? page.getByRole('textbox').first() : page.getByRole('searchbox')).waitFor();
    await server.ready; // what a test has it say before that is lost
    return view;
  }

  /** Nothing but code scrolls sideways. */
  async fitsItsWidth(): Promise<boolean> {
    return await this.page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
    await this.server.close();
    assert.deepEqual(
      this.#complaints.filter((text) => !text.includes('WebSocket connection')),
      [],
      'no violation of the policy, no error in the page',
    );
  }
}

/** VS Code's API for views as a page finds it there; its messages go through the page's socket. Runs in the page. */
export function installVsCodeApi(): void {
  const state: { saved?: unknown } = {};
  const socket = new WebSocket(`ws://${location.host}/ws`);
  const opened = new Promise((resolve) => socket.addEventListener('open', resolve));
  socket.addEventListener('message', ({ data }) => window.postMessage(JSON.parse(data)));
  const api = {
    postMessage: (message: unknown) => void opened.then(() => socket.send(JSON.stringify(message))),
    getState: () => JSON.parse(sessionStorage.getItem('vscode-state') ?? 'null'),
    setState: (saved: unknown) => {
      state.saved = saved;
      sessionStorage.setItem('vscode-state', JSON.stringify(saved));
    },
  };
  Object.assign(window, { acquireVsCodeApi: () => api });
}
