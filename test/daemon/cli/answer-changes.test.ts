// What an answer changes, as the command line writes it.
import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { UserError } from '../../../daemon/base/errors.ts';
import { applyChanges } from '../../../daemon/cli/kit/answer-changes.ts';
import type { DaemonClient } from '../../../daemon/cli/kit/client.ts';
import { type ChangedFile, ChatChanges } from '../../../shared/protocol/chat.ts';

const answer = { chatId: 'c', messageId: 'm' };

describe('changes of an answer in a terminal', () => {
  let folder = '';
  let outcomes: object[];
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'switchyard-apply-')));
    outcomes = [];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function clientOf(files: ChangedFile[]): Pick<DaemonClient, 'call'> {
    const call = async (message: unknown, params: object): Promise<unknown> => {
      if (message === ChatChanges) return { files, refused: [], decisionId: 'd' };
      outcomes.push(params);
      return {};
    };
    return { call } as Pick<DaemonClient, 'call'>;
  }

  function change(path: string, [oldText, newText]: [string, string], { isNew = false } = {}): ChangedFile {
    const range = { start: { line: 0, character: 0 }, end: { line: oldText === '' ? 0 : 1, character: 0 } };
    const uri = pathToFileURL(join(folder, path)).href;
    return { uri, path, isNew, version: null, hunks: [{ range, oldText, newText }] };
  }

  /** What the folder has once the user has said yes. */
  async function written(files: ChangedFile[], says = 'y', meanwhile = (): void => {}): Promise<void> {
    await quietly(clientOf(files), async () => {
      meanwhile();
      return says;
    });
  }

  async function quietly(client: Pick<DaemonClient, 'call'>, ask: (() => Promise<string>) | undefined): Promise<void> {
    const { stdout, stderr } = process;
    const writes = [stdout.write, stderr.write] as const;
    stdout.write = stderr.write = () => true;
    try {
      await applyChanges(client, answer, ask);
    } finally {
      [stdout.write, stderr.write] = writes;
    }
  }

  const read = (path: string): string => readFileSync(join(folder, path), 'utf8');

  const kept: [string, string, string][] = [
    ['its line ends', 'a();\r\nb();\r\n', 'c();\r\nb();\r\n'],
    ['the mark of its byte order', '\uFEFFa();\nb();\n', '\uFEFFc();\nb();\n'],
    ['its open end', 'a();\nb();', 'c();\nb();'],
  ];
  for (const [what, before, after] of kept)
    it(`leave a file ${what}`, async () => {
      writeFileSync(join(folder, 'a.ts'), before);
      const eol = before.includes('\r\n') ? '\r\n' : '\n';
      await written([change('a.ts', [`a();${eol}`, `c();${eol}`])]);
      assert.equal(read('a.ts'), after);
      assert.deepEqual(outcomes, [{ decisionId: 'd', keptEdit: true }]);
    });

  it('replace a file in one step, with its permissions, and leave nothing beside it', async function () {
    if (process.platform === 'win32') this.skip(); // neither has meaning there
    writeFileSync(join(folder, 'a.sh'), 'a();\n', { mode: 0o750 });
    await using opened = await open(join(folder, 'a.sh'));
    await written([change('a.sh', ['a();\n', 'c();\n'])]);
    assert.equal(await opened.readFile('utf8'), 'a();\n', 'who had it open reads on in the old one');
    assert.equal(read('a.sh'), 'c();\n');
    assert.equal(statSync(join(folder, 'a.sh')).mode & 0o777, 0o750);
    assert.deepEqual(readdirSync(folder), ['a.sh']);
  });

  it('make new files, with their folders', async () => {
    await written([change('new/deep/a.ts', ['', 'a();\n'], { isNew: true })]);
    assert.equal(read('new/deep/a.ts'), 'a();\n');
  });

  it('are not written where the user says no, or nobody can be asked', async () => {
    writeFileSync(join(folder, 'a.ts'), 'a();\n');
    await written([change('a.ts', ['a();\n', 'c();\n'])], 'n');
    assert.equal(read('a.ts'), 'a();\n');
    assert.deepEqual(outcomes, [{ decisionId: 'd', keptEdit: false }]);
    await quietly(clientOf([change('a.ts', ['a();\n', 'c();\n'])]), undefined);
    assert.equal(read('a.ts'), 'a();\n');
  });

  it('are all left out where one file has changed meanwhile, or is not UTF-8', async () => {
    for (const bytes of [Buffer.from('z();\n'), Buffer.from([0x61, 0x28, 0x29, 0x3b, 0x0a, 0xff])]) {
      writeFileSync(join(folder, 'a.ts'), 'a();\n');
      writeFileSync(join(folder, 'b.ts'), bytes);
      const both = [change('a.ts', ['a();\n', 'c();\n']), change('b.ts', ['a();\n', 'c();\n'])];
      await assert.rejects(written(both), (error) => error instanceof UserError && error.code === 'document-moved');
      assert.equal(read('a.ts'), 'a();\n');
    }
  });

  const planted: [string, ChangedFile['isNew'], (outside: string) => void][] = [
    ['a file', false, (outside) => symlinkSync(join(outside, 'x.ts'), join(folder, 'src', 'a.ts'))],
    ['a folder', false, (outside) => symlinkSync(outside, join(folder, 'src'))],
    ['a new file', true, (outside) => symlinkSync(join(outside, 'y.ts'), join(folder, 'src', 'a.ts'))],
    ['the folder of a new file', true, (outside) => symlinkSync(outside, join(folder, 'src'))],
  ];
  for (const [what, isNew, plant] of planted)
    it(`follow no link that was put in place of ${what} meanwhile`, async function () {
      if (process.platform === 'win32') this.skip(); // links need a right there
      const outside = realpathSync(mkdtempSync(join(tmpdir(), 'switchyard-outside-')));
      try {
        for (const name of ['x.ts', 'a.ts']) if (!isNew) writeFileSync(join(outside, name), 'a();\n');
        mkdirSync(join(folder, 'src'));
        const files = [change('src/a.ts', [isNew ? '' : 'a();\n', 'c();\n'], { isNew })];
        await assert.rejects(
          written(files, 'y', () => {
            if (what.includes('folder')) rmSync(join(folder, 'src'), { recursive: true });
            plant(outside);
          }),
        );
        for (const name of ['x.ts', 'a.ts'])
          if (!isNew) assert.equal(readFileSync(join(outside, name), 'utf8'), 'a();\n');
        assert.throws(() => readFileSync(join(outside, 'y.ts')));
        if (isNew) assert.throws(() => readFileSync(join(outside, 'a.ts')));
      } finally {
        rmSync(outside, { recursive: true });
      }
    });
});
