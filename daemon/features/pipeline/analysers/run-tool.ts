// Runs one program to its end: no shell, no window, bounded time and output, and nothing of it left when cancelled.
import { type ChildProcess, spawn } from 'node:child_process';
import { childEnvironment } from '../../../base/child-environment.ts';
import { CancelledError, throwIfCancelled } from '../../../base/errors.ts';
import { endGroup, ownGroup } from '../../../base/process/process-group.ts';
import { spawnedCommand } from '../../../base/process/windows-command.ts';

export interface ToolRun {
  file: string;
  arguments: readonly string[];
  folder: string;
  /** The program's standard input; empty when absent. */
  input?: string;
  timeoutMs: number;
  /** Variables beside the user's own; one that is undefined is taken away. */
  environment?: Readonly<Record<string, string | undefined>>;
}

export interface ToolOutput {
  stdout: string;
  stderr: string;
  exitCode: number | null;
  /** Why it was killed, if it was. */
  ended?: 'timeout' | 'output-too-large';
}

const maxOutputBytes = 16 * 1024 * 1024;

/**
 * Throws CancelledError once the program and its children are gone, UserErrors `unsafe-argument` and `unsafe-folder`, and the system's own error when it cannot
 * start.
 */
export async function runTool(run: ToolRun, signal: AbortSignal): Promise<ToolOutput> {
  throwIfCancelled(signal);
  const command = spawnedCommand(run.file, run.arguments, { cwd: run.folder });
  const child = spawn(command.file, command.args, {
    cwd: run.folder,
    windowsVerbatimArguments: command.isVerbatim,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...ownGroup, // so that its children can be ended with it
    env: { ...toolEnvironment(), NO_COLOR: '1', FORCE_COLOR: '0', ...run.environment },
  });
  let ended: ToolOutput['ended'];
  const end = (reason: ToolOutput['ended']) => {
    ended ??= reason;
    endGroup(child);
  };
  const cancel = () => endGroup(child);
  const timer = setTimeout(() => end('timeout'), run.timeoutMs);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    child.stdin.on('error', () => {}); // a program may end without reading all of its input
    child.stdin.end(run.input ?? '');
    const output = collect(child, () => end('output-too-large'));
    const exitCode = await exited(child);
    throwIfCancelled(signal);
    return { ...output(), exitCode, ...(ended && { ended }) };
  } catch (error) {
    throw signal.aborted ? new CancelledError() : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
  }
}

/** The user's environment without variables by which a tool would write files of its own. */
function toolEnvironment(): NodeJS.ProcessEnv {
  const { RUFF_OUTPUT_FILE, NODE_V8_COVERAGE, NODE_COMPILE_CACHE, ...rest } = childEnvironment(process.env);
  return rest;
}

function collect(child: ChildProcess, onTooLarge: () => void): () => { stdout: string; stderr: string } {
  const chunks: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] };
  let sizeBytes = 0;
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes > maxOutputBytes) onTooLarge();
      else chunks[name].push(chunk);
    });
  }
  return () => ({
    stdout: Buffer.concat(chunks.stdout).toString('utf8'),
    stderr: Buffer.concat(chunks.stderr).toString('utf8'),
  });
}

/** Resolves when the program has ended and its output is complete. Children that it left behind are killed. */
function exited(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
    child.once('exit', () => {
      endGroup(child); // left-behind children would hold the pipes open
      setTimeout(closePipes, orphansHoldMs, child).unref();
    });
  });
}

/** Nobody finds the children of a program that has ended on Windows, or those that left its group, and the pipes stay open while one of them lives. */
const orphansHoldMs = 1000;

function closePipes({ stdout, stderr }: ChildProcess): void {
  stdout?.destroy();
  stderr?.destroy();
}
