// What the extension is promised to do inside a real extension host. Imported on both sides: the host runs the cases, and the
// test process takes their names; so `vscode` comes as an argument. They run in this order, on one workspace, in one window.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as VsCode from 'vscode';
import { filePath, flawedCodeIn, invented, overrun, surcharge } from '../harness/flawed-code.ts';
import { until } from '../harness/until.ts';

export interface Stage {
  vscode: typeof VsCode;
  /** Something for the reader of the test's output, such as a measured time. */
  note(text: string): void;
}

/** A fix that the suite's model writes to its end once the case has made the file in the workspace. */
export const slowFix = { problem: 'The voucher is added.', mark: '.typed' };

export const cases: Record<string, (stage: Stage) => Promise<void>> = {
  'activates in little time': async ({ vscode, note }) => {
    const extension = extensionIn(vscode);
    const wasActive = extension.isActive;
    const started = performance.now();
    await extension.activate();
    note(
      wasActive ? 'already active when the suite began' : `activate(): ${(performance.now() - started).toFixed(1)} ms`,
    );
    assert.ok(extension.isActive);
  },

  'has every command that its manifest offers': async ({ vscode }) => {
    const { contributes } = extensionIn(vscode).packageJSON as { contributes: { commands: { command: string }[] } };
    const known = new Set(await vscode.commands.getCommands(true));
    const missing = contributes.commands.map(({ command }) => command).filter((command) => !known.has(command));
    assert.deepEqual(missing, []);
    assert.ok(known.has('switchyard.reviewFile'));
  },

  "shows the findings of a file's review as diagnostics of source switchyard, each proven by the code": async ({
    vscode,
  }) => {
    const { uri } = await openFlawedFile(vscode);
    await vscode.commands.executeCommand('switchyard.reviewFile');
    const found = await diagnostics(vscode, uri, 2);
    assert.deepEqual(found.map(({ message }) => message).sort(), [overrun.message, surcharge.message].sort());
    assert.deepEqual(new Set(found.map(({ source }) => source)), new Set(['switchyard']));
    assert.ok(!found.some(({ message }) => message.includes(invented.message)));
    const { document } = await openFlawedFile(vscode);
    assert.deepEqual(found.map(({ range }) => document.getText(range)).sort(), [overrun.quote, surcharge.quote].sort());
  },

  'offers fixes in the light bulb without asking a model': async ({ vscode, note }) => {
    const { uri } = await openFlawedFile(vscode);
    const [first] = await diagnostics(vscode, uri, 2);
    const started = performance.now();
    const actions = await vscode.commands.executeCommand<VsCode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      uri,
      first?.range,
    );
    note(`code actions: ${(performance.now() - started).toFixed(1)} ms`);
    const ours = actions.filter(({ title }) => /switchyard/i.test(title)).map(({ title }) => title);
    assert.ok(
      ours.some((title) => /fix/i.test(title)),
      ours.join('\n') || 'no action of ours',
    );
    assert.ok(
      ours.some((title) => /explain/i.test(title)),
      ours.join('\n'),
    );
  },

  'reports no problem that another extension reports, and still offers to fix, explain, and dismiss it': async ({
    vscode,
  }) => {
    const { uri } = await openFlawedFile(vscode);
    const found = await diagnostics(vscode, uri, 2);
    const theirs = vscode.languages.createDiagnosticCollection('theirs');
    const messages = (source: string | undefined) =>
      vscode.languages
        .getDiagnostics(uri)
        .filter((diagnostic) => diagnostic.source === source)
        .map(({ message }) => message);
    try {
      for (const known of found) {
        theirs.set(uri, [new vscode.Diagnostic(known.range, known.message)]);
        const others = found.filter(({ message }) => message !== known.message).map(({ message }) => message);
        const isOnce = await eventually(vscode.languages.onDidChangeDiagnostics, () =>
          messages('switchyard').join() === others.join() ? true : undefined,
        );
        assert.ok(isOnce, messages('switchyard').join('\n'));
        assert.deepEqual(messages(undefined), [known.message]);
        const offered = (await actionsAt(vscode, uri, known.message)).filter(({ title }) =>
          title.includes(known.message.slice(0, 30)),
        );
        assert.deepEqual(
          offered.map(({ title }) => title.replace(/ .*/, '')).sort(),
          [known.message === overrun.message ? 'Apply' : 'Fix', 'Dismiss:', 'Explain'].sort(),
          offered.map(({ title }) => title).join('\n'),
        );
      }
    } finally {
      theirs.dispose();
    }
    await diagnostics(vscode, uri, 2);
  },

  'changes the file only after the preview is accepted': async ({ vscode }) => {
    const { document, uri, original } = await openFlawedFile(vscode);
    const fix = fixCommandIn(await actionsAt(vscode, uri, surcharge.message));
    const done = vscode.commands.executeCommand(fix.command, ...(fix.arguments ?? []));
    await previewShown(vscode);
    assert.equal(document.getText(), original);
    await applyUntil(vscode, done); // what the model still writes is shown already, and can't be applied
    assert.equal(document.getText(), original.replace(surcharge.quote, surcharge.fixed));
    await replaceAll(vscode, document, original);
    await document.save(); // the editor saves by itself after a while: the next case reads the file
  },

  'moves the preview with what is typed elsewhere, and refuses it when its own code has changed': async ({
    vscode,
  }) => {
    const { document, uri, original } = await openFlawedFile(vscode);
    await replaceAll(vscode, document, original);
    await vscode.commands.executeCommand('switchyard.reviewFile');
    await diagnostics(vscode, uri, 2);
    const actions = await actionsAt(vscode, uri, overrun.message);
    const finding = actions.find(({ command }) => command?.command === 'switchyard.dismiss')?.command?.arguments?.[0];
    assert.ok(finding);
    const moved = `// moved\n${original}`;
    for (const [typed, expected] of [
      [moved, moved.replace(overrun.quote, overrun.replacement)],
      [original.replace(overrun.quote, '1'), original.replace(overrun.quote, '1')],
    ] as const) {
      await replaceAll(vscode, document, original);
      const done = vscode.commands.executeCommand('switchyard.fix', finding); // no model writes it, so it's whole once it's shown
      await previewShown(vscode);
      await replaceAll(vscode, document, typed);
      await vscode.commands.executeCommand('switchyard.applyPreview');
      await done;
      assert.equal(document.getText(), expected);
    }
  },

  'leaves no preview of a fix that is refused, since the code changed while a model wrote it': async ({ vscode }) => {
    const { document, uri, original } = await openFlawedFile(vscode);
    await replaceAll(vscode, document, original);
    const at = document.positionAt(original.indexOf(surcharge.quote));
    const range = { start: { line: at.line, character: 0 }, end: { line: at.line + 1, character: 0 } };
    const asked = { kind: 'fix', uri: uri.toString(), range, diagnostic: slowFix.problem };
    const done = vscode.commands.executeCommand('switchyard.action', asked);
    await previewShown(vscode);
    const typed = original.replace(surcharge.quote, 'return total;');
    await replaceAll(vscode, document, typed);
    await vscode.workspace.fs.writeFile(vscode.Uri.joinPath(uri, '../..', slowFix.mark), new Uint8Array());
    await done;
    assert.equal(document.getText(), typed);
    assert.deepEqual(previews(vscode), []);
    await replaceAll(vscode, document, original);
    await document.save();
  },

  'loads no native module into the extension host': async ({ vscode, note }) => {
    if (process.platform !== 'linux') return note('only Linux tells what a process has loaded');
    const { extensionPath } = extensionIn(vscode);
    const mapped = readFileSync('/proc/self/maps', 'utf8')
      .split('\n')
      .filter((line) => line.includes(extensionPath) && /\.(node|so)\b/.test(line));
    assert.deepEqual(mapped, []);
  },

  "has its tools among those of VS Code's agents once VS Code has started the server": async ({ vscode }) => {
    await vscode.commands.executeCommand('workbench.mcp.startServer', 'switchyard.switchyard/Switchyard', {
      waitForLiveTools: true,
      autoTrustChanges: true,
    });
    const ours = vscode.lm.tools.map(({ name }) => name).filter((name) => name.startsWith('mcp_switchyard_'));
    assert.equal(ours.length, 5, ours.join());
    const { content } = await vscode.lm.invokeTool('mcp_switchyard_why_model', {
      input: { text: 'Explain this.' },
      toolInvocationToken: undefined,
    });
    assert.match(JSON.stringify(content), /lab\/\S+ would answer/);
  },
};

function extensionIn(vscode: typeof VsCode): VsCode.Extension<unknown> {
  const extension = vscode.extensions.getExtension('switchyard.switchyard');
  assert.ok(extension, 'the extension is not installed');
  return extension;
}

async function openFlawedFile(
  vscode: typeof VsCode,
): Promise<{ document: VsCode.TextDocument; uri: VsCode.Uri; original: string }> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder, 'no folder is open');
  const document = await vscode.workspace.openTextDocument(join(folder.uri.fsPath, filePath));
  await vscode.window.showTextDocument(document);
  return { document, uri: document.uri, original: flawedCodeIn(folder.uri.fsPath) };
}

/** Resolves when a document has exactly so many diagnostics of ours. */
async function diagnostics(vscode: typeof VsCode, uri: VsCode.Uri, count: number): Promise<VsCode.Diagnostic[]> {
  const ours = () => vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'switchyard');
  const seen = await eventually(vscode.languages.onDidChangeDiagnostics, () =>
    ours().length === count ? ours() : undefined,
  );
  assert.ok(
    seen,
    `${count} diagnostics expected; there are:\n${ours()
      .map(({ message }) => message)
      .join('\n')}`,
  );
  return seen;
}

function previews(vscode: typeof VsCode): VsCode.Tab[] {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.filter(({ input }) => input instanceof vscode.TabInputTextDiff);
}

/** Also one that a model still writes. */
async function previewShown(vscode: typeof VsCode): Promise<void> {
  const shown = await eventually(vscode.window.tabGroups.onDidChangeTabs, () => previews(vscode)[0]);
  assert.ok(shown, 'no preview was shown');
}

/** Nothing tells another extension when a preview is whole: Apply is pressed until it is. */
async function applyUntil(vscode: typeof VsCode, done: Thenable<unknown>): Promise<void> {
  let isDone = false;
  const ended = Promise.resolve(done).finally(() => {
    isDone = true;
  });
  await until('the end of the preview', async () => {
    await vscode.commands.executeCommand('switchyard.applyPreview');
    return isDone;
  });
  await ended;
}

async function actionsAt(vscode: typeof VsCode, uri: VsCode.Uri, message: string): Promise<VsCode.CodeAction[]> {
  const about = vscode.languages.getDiagnostics(uri).find((diagnostic) => diagnostic.message === message);
  assert.ok(about, `no diagnostic says ${message}`);
  return await vscode.commands.executeCommand<VsCode.CodeAction[]>(
    'vscode.executeCodeActionProvider',
    uri,
    about.range,
  );
}

function fixCommandIn(actions: VsCode.CodeAction[]): VsCode.Command {
  const action = actions.find(
    (candidate) => /fix/i.test(candidate.title) && candidate.command?.command.startsWith('switchyard.'),
  );
  assert.ok(
    action?.command,
    `no action with a command of ours among: ${actions.map((candidate) => candidate.title).join('; ')}`,
  );
  return action.command;
}

async function replaceAll(vscode: typeof VsCode, document: VsCode.TextDocument, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(
    document.uri,
    new vscode.Range(document.positionAt(0), document.positionAt(document.getText().length)),
    text,
  );
  assert.ok(await vscode.workspace.applyEdit(edit));
}

const maxWaitMs = 60_000;

/** The first value that `look` finds, now or after one of the events; undefined after the time limit. */
async function eventually<T>(event: VsCode.Event<unknown>, look: () => T | undefined): Promise<T | undefined> {
  const now = look();
  if (now !== undefined) return now;
  const { promise, resolve } = Promise.withResolvers<T | undefined>();
  const timer = setTimeout(() => resolve(undefined), maxWaitMs);
  const subscription = event(() => {
    const seen = look();
    if (seen !== undefined) resolve(seen);
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    subscription.dispose();
  }
}
