// Whether the agent may use its tools in a session's folder. The protocol knows no trust, so the user is asked as for a call.
import type { RequestPermissionOutcome } from '@agentclientprotocol/sdk';
import { TrustList, TrustSet } from '../../../shared/protocol/trust.ts';
import { shellWord } from '../../base/paths.ts';
import { toPath } from '../../base/uri.ts';
import type { Permission } from './client.ts';
import type { Call } from './history.ts';
import { isYes, ownQuestion } from './own-question.ts';

type Ask = (request: Permission) => Promise<RequestPermissionOutcome>;

/** Lives as long as a session: the user is asked once. */
export class FolderTrust {
  readonly #folder: string;
  readonly #call: Call;
  #isSettled = false;

  /** `folder` is a URI. */
  constructor(folder: string, call: Call) {
    this.#folder = folder;
    this.#call = call;
  }

  /** A sentence for the user where there are no tools. */
  async settle(ask: Ask): Promise<string | undefined> {
    if (this.#isSettled || this.#folder === '') return undefined;
    const { asked } = await this.#call(TrustList, { uri: this.#folder });
    if (!asked || asked.trusted) return undefined;
    this.#isSettled = true;
    const path = toPath(asked.root) ?? asked.root;
    if (asked.trusted === undefined && (await isTrusted(path, ask))) {
      await this.#call(TrustSet, { root: asked.root, trusted: true });
      return undefined;
    }
    return `You don't trust this folder, so only search works here. To trust it, run \`switchyard trust ${shellWord(path)}\`.`;
  }
}

async function isTrusted(path: string, ask: Ask): Promise<boolean> {
  const text = `Trust ${path}? The agent may then read it, and ask you before it changes or runs anything. Linters and their configuration in it can run any code.`;
  const yes = { kind: 'allow_always', name: 'Trust this folder' } as const;
  return isYes(await ask(ownQuestion({ id: 'trust', title: `Trust ${path}?`, text, yes })));
}
