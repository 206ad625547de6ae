// The history view over 100,000 messages: made through the real storage, shown by the real daemon's gateway in a real Chromium.
// How soon the first rows are there, how soon a key's hits are, what typing and scrolling block the page for, and what memory its
// renderer takes. No reference: the goals are what a person notices.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Browser, CDPSession, Page } from 'playwright-core';
import type { State } from '../../../webview/history/state/state.ts';
import { findBrowser, launchBrowser } from '../../editors/harness/browser.ts';
import { Home } from '../../process/home.ts';
import type { RoundOptions, Rounds } from '../kit/measure.ts';
import { known, type Result } from '../kit/report.ts';
import { chatCount, fillHistory, messagesPerChat } from './filled-history.ts';
import { type LongestTasks, longestTasks } from './tasks.ts';

const typed = ['total of a cart', 'w12 w340', 'lines reduce', 'w3 w7 total'];
const keyMs = 80; // between keys: a fast writer
const maxPages = 4000; // keys that turn a page, of which some wait for rows to come

/** What the page tells of itself, in milliseconds. */
interface PageTimes {
  firstRow: number | undefined;
  /** From a key to the frame that shows what its query found, of each key that was not followed by another before. */
  keys: number[];
}

export async function run({ rounds }: RoundOptions): Promise<Result> {
  if (!findBrowser()) return { rows: [], notes: ['Not measured: no Chromium is installed. Name one in CHROMIUM.'] };
  await using home = new Home();
  await fillHistory(home.paths.database);
  const browser = await launchBrowser();
  try {
    const opened: number[][] = [];
    for (let round = 0; round <= rounds; round++) {
      const page = await open(browser, home);
      const { firstRow } = await told(page);
      if (round > 0) opened.push([firstRow ?? Number.NaN]); // the first one starts the daemon
      await page.close();
    }
    const used = await use(browser, home);
    return {
      rows: [
        { what: 'first rows of 100,000 messages', unit: 'ms', rounds: opened, goal: { of: 'value', atMost: 300 } },
        {
          what: 'a key, to the rows that its query finds',
          unit: 'ms',
          rounds: used.keys,
          goal: { of: 'value', atMost: 100 },
        },
        {
          what: 'longest task while queries are typed',
          unit: 'ms',
          rounds: known(used.typing.wallMs),
          goal: { of: 'value', atMost: 50 },
        },
        {
          what: 'the same, of processor time',
          unit: 'ms',
          rounds: known(used.typing.processorMs),
          goal: { of: 'value', atMost: 50 },
        },
        {
          what: 'longest task while all of the list is scrolled',
          unit: 'ms',
          rounds: known(used.scrolling.wallMs),
          goal: { of: 'value', atMost: 50 },
        },
        {
          what: 'the same, of processor time',
          unit: 'ms',
          rounds: known(used.scrolling.processorMs),
          goal: { of: 'value', atMost: 50 },
        },
        { what: 'rows in the page', unit: '', rounds: known(used.rows), goal: { of: 'value', atMost: 200 } },
        { what: "renderer's own memory", unit: 'MB', rounds: known(used.memory), goal: { of: 'value', atMost: 150 } },
        { what: 'of it the JavaScript heap', unit: 'MB', rounds: known(used.heap) },
      ],
      notes: [
        `${chatCount} chats of ${messagesPerChat} messages, all of them indexed and with vectors. A task takes more of the clock than of the processor where the machine does something else.`,
      ],
    };
  } finally {
    await browser.close();
  }
}

/** A new page over a new ticket, once its first row is there. */
async function open(browser: Browser, home: Home): Promise<Page> {
  const { stdout } = await home.switchyard(['open', '--history', '--json']);
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.addInitScript(watchPage);
  await page.goto((JSON.parse(stdout) as { url: string }).url);
  await page.waitForFunction(() => (window as unknown as { told: PageTimes }).told.firstRow !== undefined);
  return page;
}

/** Runs in the page. */
function watchPage(): void {
  const told: PageTimes = { firstRow: undefined, keys: [] };
  Object.assign(window, { told });
  const view = () => document.querySelector('sw-history') as (Element & { state: State }) | null;
  const look = (): void => {
    const rows = view()?.shadowRoot?.querySelector('.list sw-rows')?.shadowRoot?.querySelector('.entry');
    if (rows) told.firstRow = performance.now();
    else requestAnimationFrame(look);
  };
  look();
  let key = 0;
  const lookForHits = (): void => {
    const [own, startedAt, before] = [++key, performance.now(), view()?.state.hits.items];
    const again = (): void => {
      if (own !== key) return;
      if (view()?.state.hits.items === before) requestAnimationFrame(again);
      else told.keys.push(performance.now() - startedAt);
    };
    again();
  };
  document.addEventListener('input', lookForHits, { capture: true });
}

async function use(
  browser: Browser,
  home: Home,
): Promise<{
  keys: Rounds;
  typing: LongestTasks;
  scrolling: LongestTasks;
  rows: number;
  memory: number;
  heap: number;
}> {
  const page = await open(browser, home);
  await page.evaluate(() => customElements.whenDefined('sw-patient-markdown').then(() => undefined)); // what opening began has ended
  const keys: number[][] = [];
  const typing = await longestTasks(browser, async () => {
    for (const query of typed) keys.push(await type(page, query));
  });
  await page.getByRole('searchbox').fill('');
  const scrolling = await longestTasks(browser, () => scroll(page));
  const rows = await page.locator('.row-box').count();
  return { keys, typing, scrolling, rows, ...(await memoryOf(browser, page)) };
}

/** To the end of the list, through the preview of what is chosen on the way. */
async function scroll(page: Page): Promise<void> {
  const list = page.getByRole('listbox', { name: 'Chats and reviews' });
  await list.focus();
  const isAtEnd = async (): Promise<boolean> =>
    (await page.locator('.unseen').innerText()).endsWith(`, ${chatCount} of ${chatCount}`);
  for (let step = 0; step < maxPages && !(await isAtEnd()); step++) await page.keyboard.press('PageDown');
  assert.ok(await isAtEnd(), 'the end of the list was reached');
  await page.locator('sw-patient-markdown .code').first().waitFor();
}

/** Types a query; resolves, once everything was found, with how long its keys took. */
async function type(page: Page, query: string): Promise<number[]> {
  const field = page.getByRole('searchbox');
  await field.fill('');
  await page.evaluate(() => void (window as unknown as { told: PageTimes }).told.keys.splice(0));
  await field.pressSequentially(query, { delay: keyMs });
  await page.waitForFunction(() => {
    const { hits } = (document.querySelector('sw-history') as Element & { state: State }).state;
    return hits.isLoaded && !hits.isLoading;
  });
  assert.ok(
    (await page.getByRole('option').and(page.locator('[aria-posinset]')).count()) > 0,
    `"${query}" found something`,
  );
  return (await told(page)).keys;
}

async function told(page: Page): Promise<PageTimes> {
  return await page.evaluate(() => (window as unknown as { told: PageTimes }).told);
}

/** In MB: what the renderer alone holds (not the program's code, which all processes of a browser share), and its heap after a collection. */
async function memoryOf(browser: Browser, page: Page): Promise<{ memory: number; heap: number }> {
  const session: CDPSession = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  const system = await browser.newBrowserCDPSession();
  const { processInfo } = await system.send('SystemInfo.getProcessInfo');
  const own = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => anonymousBytes(id));
  return { memory: Math.max(...own) / 1e6, heap: usedSize / 1e6 };
}

function anonymousBytes(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN;
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) * 1024;
}
