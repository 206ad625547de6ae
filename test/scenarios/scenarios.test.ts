// Scenarios as data: code, what a scripted model answers, and what a user must see. Each `*.json` here is one test.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, it } from 'mocha';
import type { Range } from '../../daemon/base/snippet.ts';
import { createAnalysers } from '../../daemon/features/pipeline/analysers/analysers.ts';
import type { SuppressedCounts } from '../../daemon/features/pipeline/finding-filter.ts';
import type { Finding } from '../../daemon/features/pipeline/types.ts';
import { benchWith, noAnalysers, ScriptedProvider, strictLog } from '../daemon/features/pipeline/parts.ts';

interface Scenario {
  promise: string;
  /** Files of the workspace by path, as lines. The repository's own tools are installed in it when analysers are on. */
  files: Record<string, string[]>;
  /** The one under review. */
  file: string;
  range?: Range;
  analysers: boolean;
  /** What the model answers, prompt by prompt: text, or an object written as JSON. No model at all when absent. */
  answers?: (string | object)[];
  /** What is to be seen: each finding has at least these fields, `line` counted from one; texts are parts of what is said. */
  expect: {
    findings: (Partial<Finding> & { line?: number })[];
    suppressed?: Partial<SuppressedCounts>;
    notes?: string[];
    summary?: string;
    prompts?: number;
  };
}

const here = dirname(fileURLToPath(import.meta.url));

describe('scenario: a review', () => {
  for (const name of readdirSync(here).filter((file) => file.endsWith('.json'))) {
    const scenario = JSON.parse(readFileSync(join(here, name), 'utf8')) as Scenario;
    it(scenario.promise, () => play(scenario));
  }
});

async function play(scenario: Scenario): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-scenario-'));
  try {
    const text = layOut(scenario, folder);
    const { answers } = scenario;
    const provider =
      answers &&
      new ScriptedProvider(...answers.map((answer) => [typeof answer === 'string' ? answer : JSON.stringify(answer)]));
    const bench = benchWith({
      analysers: scenario.analysers
        ? createAnalysers({ log: strictLog, cacheFolder: join(folder, '.caches') })
        : noAnalysers,
      ...(provider && { provider }),
    });
    const snippet = {
      uri: pathToFileURL(join(folder, scenario.file)).href,
      languageId: 'typescript',
      version: 1,
      text,
      ...(scenario.range && { range: scenario.range }),
    };
    const result = await bench.run(snippet, { root: folder });
    assert.deepEqual(new Set(bench.notified.findings), new Set(result.findings), 'what was streamed is what was found');
    compare(scenario, result, provider);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function layOut({ files, file, analysers }: Scenario, folder: string): string {
  for (const [path, lines] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), lines.join('\n'));
  }
  if (analysers) symlinkSync(join(here, '..', '..', 'node_modules'), join(folder, 'node_modules'), 'junction');
  return files[file]?.join('\n') ?? '';
}

function compare(
  { expect }: Scenario,
  result: { findings: Finding[]; suppressed: SuppressedCounts; notes: string[]; summary: string },
  provider: ScriptedProvider | undefined,
): void {
  const shown = result.findings.map((finding) => ({ ...finding, line: finding.range.start.line + 1 }));
  assert.equal(shown.length, expect.findings.length, JSON.stringify(shown, null, 2));
  for (const [i, wanted] of expect.findings.entries()) assert.deepEqual({ ...shown[i], ...wanted }, shown[i]);
  assert.deepEqual(result.suppressed, {
    unquoted: 0,
    dismissed: 0,
    duplicate: 0,
    overCap: 0,
    unsure: 0,
    ...expect.suppressed,
  });
  assert.equal(result.notes.length, expect.notes?.length ?? 0, result.notes.join('\n'));
  for (const [i, part] of (expect.notes ?? []).entries())
    assert.ok(result.notes[i]?.includes(part), `${result.notes[i]} says ${part}`);
  assert.ok(result.summary.includes(expect.summary ?? ''), result.summary);
  if (expect.prompts !== undefined) assert.equal(provider?.requests.length, expect.prompts);
}
