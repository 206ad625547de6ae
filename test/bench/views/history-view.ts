// The history view over 100,000 messages: made through the real storage, shown by the real daemon's gateway in a real Chromium.
// How soon the first rows are there, what typing and scrolling block the page for, and what memory its renderer takes. No reference:
// the goals are what a person notices.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { openMemory } from '../../../daemon/memory/client.ts';
import { type TestMemory, withDefault } from '../../daemon/memory/storage.ts';
import { findBrowser, launchBrowser } from '../../editors/harness/browser.ts';
import { Home } from '../../process/home.ts';
import type { RoundOptions } from '../kit/measure.ts';
import { known, type Result } from '../kit/report.ts';

const chatCount = 2000;
const messagesPerChat = 50;
const writtenChats = 50; // the others are their forks: as many rows, made in a tenth of the time
const typed = 'total of a cart';
const log = { debug() {}, info() {}, warn() {}, error() {} };
const workerPath = new URL('../../../dist/daemon/memory-worker.js', import.meta.url);

/** What the page tells of itself, in milliseconds. */
interface Told {
  firstRow: number | undefined;
  longTasks: number[];
}

export async function run({ rounds }: RoundOptions): Promise<Result> {
  if (!findBrowser()) return { rows: [], notes: ['Not measured: no Chromium is installed. Name one in CHROMIUM.'] };
  await using home = new Home();
  await fill(home.paths.database);
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
        { what: 'longest task while a query is typed', unit: 'ms', rounds: known(used.typing), goal: { of: 'value', atMost: 50 } },
        { what: 'longest task while all of the list is scrolled', unit: 'ms', rounds: known(used.scrolling), goal: { of: 'value', atMost: 50 } },
        { what: 'rows in the page', unit: '', rounds: known(used.rows), goal: { of: 'value', atMost: 200 } },
        { what: "renderer's own memory", unit: 'MB', rounds: known(used.memory), goal: { of: 'value', atMost: 150 } },
        { what: 'of it the JavaScript heap', unit: 'MB', rounds: known(used.heap) },
      ],
      notes: [`${chatCount} chats of ${messagesPerChat} messages. Tasks shorter than 50 ms are not told by browsers and count as 0.`, ...used.notes],
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
  await page.waitForFunction(() => (window as unknown as { told: Told }).told.firstRow !== undefined);
  return page;
}

/** Runs in the page. */
function watchPage(): void {
  const told: Told = { firstRow: undefined, longTasks: [] };
  Object.assign(window, { told });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) told.longTasks.push(entry.duration);
  }).observe({ type: 'longtask', buffered: true });
  const look = (): void => {
    const rows = document.querySelector('sw-history')?.shadowRoot?.querySelector('.list sw-rows')?.shadowRoot?.querySelector('.entry');
    if (rows) told.firstRow = performance.now();
    else requestAnimationFrame(look);
  };
  look();
}

async function use(browser: Browser, home: Home) {
  const page = await open(browser, home);
  const notes: string[] = [];
  await page.waitForTimeout(500); // what opening began has ended
  await forget(page);
  await page.getByRole('searchbox').pressSequentially(typed, { delay: 60 });
  await page.waitForTimeout(1000);
  const typing = longest(await told(page));
  if ((await page.getByRole('option').and(page.locator('[aria-posinset]')).count()) === 0) notes.push('The search found nothing: typing was measured without hits.');
  await page.getByRole('searchbox').fill('');
  await forget(page);
  const list = page.getByRole('listbox', { name: 'Chats and reviews' });
  await list.focus();
  for (let step = 0; step < 400; step++) {
    await page.keyboard.press('PageDown');
  }
  const last = await page.locator('.unseen').innerText();
  const [, at, of] = /(\d+) of (\d+)$/.exec(last) ?? [];
  assert.deepEqual([at, of], [String(chatCount), String(chatCount)], `the end of the list was reached: ${last}`);
  const scrolling = longest(await told(page));
  const rows = await page.locator('.row-box').count();
  return { typing, scrolling, rows, notes, ...(await memoryOf(browser, page)) };
}

async function told(page: Page): Promise<Told> {
  return await page.evaluate(() => (window as unknown as { told: Told }).told);
}

async function forget(page: Page): Promise<void> {
  await page.evaluate(() => void (window as unknown as { told: Told }).told.longTasks.splice(0));
}

function longest({ longTasks }: Told): number {
  return Math.max(0, ...longTasks);
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

export async function fill(database: string): Promise<void> {
  await using memory: TestMemory = withDefault(openMemory({ database, workerPath, log }));
  const { conversations } = memory;
  const written = await Promise.all(Array.from({ length: writtenChats }, (_, chat) => fillChat(memory, chat)));
  const forks = Array.from({ length: chatCount - writtenChats }, (_, fork) => fork);
  await Promise.all(
    forks.map(async (fork) => {
      const { id } = await conversations.forkChat(written[fork % writtenChats] ?? '');
      await conversations.updateChat(id, { title: `Fork ${fork} about the retry policy` });
    }),
  );
}

async function fillChat({ conversations }: TestMemory, chat: number): Promise<string> {
  const { id } = await conversations.createChat({ title: `Chat ${chat} about ${chat % 7 === 0 ? 'the total of a cart' : 'the retry policy'}` });
  for (let turn = 0; turn < messagesPerChat / 2; turn++) {
    await conversations.addUserMessage(id, { text: `How do I compute the total of a cart with ${turn} lines in chat ${chat}? ${'Some more words of a question. '.repeat(turn % 5)}` });
    const answer = await conversations.startAnswer(id, {});
    await conversations.appendAnswer(answer.id, { text: `Sum them:\n\n\`\`\`ts\nconst total = lines.reduce((sum, line) => sum + line, ${turn});\n\`\`\`\n\n${'And an explanation of it. '.repeat(turn % 9)}` });
    await conversations.finishAnswer(answer.id, { status: 'complete' });
  }
  return id;
}
