// Egress as the tests make it, and what they read from it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../../daemon/base/errors.ts';
import { createEgress, type Egress, type EgressOptions } from '../../../daemon/egress/egress.ts';

export const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** The environment is empty unless given, whatever the machine that runs the tests has set. */
export function egressWith(options: Partial<EgressOptions> = {}): Egress {
  return createEgress({ localOnly: () => false, log: silent, env: {}, ...options });
}

/** What a call was refused with. */
export async function refusal(call: Promise<unknown>): Promise<UserError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof UserError, `a UserError was expected, not ${String(error)}`);
  return error;
}

/** Files that live as long as a test. */
export class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'switchyard-'));

  write(name: string, text: string): string {
    const file = join(this.path, name);
    writeFileSync(file, text);
    return file;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
