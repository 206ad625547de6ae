// What the extension host loads: runs every case of the tables in turn and writes a line of JSON for each.
import { appendFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { cases, type Stage } from './cases.ts';
import { chatCases } from './chat-cases.ts';

const caseLimitMs = 120_000;

export const run = (): Promise<void> => runCases({ ...cases, ...chatCases });

export async function runCases(all: Record<string, (stage: Stage) => Promise<void>>): Promise<void> {
  const results = process.env['SWITCHYARD_TEST_RESULTS'] ?? '';
  let failed = 0;
  for (const [name, body] of Object.entries(all)) {
    const notes: string[] = [];
    const error = await attempt(body({ vscode, note: (text) => notes.push(text) }));
    if (error) failed++;
    appendFileSync(results, `${JSON.stringify({ name, notes, ...(error && { error }) })}\n`);
  }
  if (failed > 0) throw new Error(`${failed} cases failed`);
}

async function attempt(body: Promise<void>): Promise<string | undefined> {
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => late.resolve(`not done within ${caseLimitMs} ms`), caseLimitMs);
  const failure = body.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error)),
  );
  const outcome = await Promise.race([failure, late.promise]);
  clearTimeout(timer);
  return outcome;
}
