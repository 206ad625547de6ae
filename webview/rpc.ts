// Requests to the daemon, typed by the protocol's own constants. Only their types are imported: the schemas, and zod with them,
// stay out of the page. A test compares the names below with the constants.

import type { ParamsInput, Part, Result } from '../shared/protocol/define.ts';
import type * as protocol from '../shared/protocol/index.ts';
import type { FromHost, ToHost } from '../shared/webview.ts';
import { t } from './words.ts';

/** The messages that a view may send, by the name of their constant. */
export const methods = {
  ChatSend: 'switchyard/chat/send',
  ChatStop: 'switchyard/chat/stop',
  ChatCreate: 'switchyard/chat/create',
  ChatRename: 'switchyard/chat/rename',
  ChatDelete: 'switchyard/chat/delete',
  ChatFork: 'switchyard/chat/fork',
  ChatList: 'switchyard/chat/list',
  ChatMessages: 'switchyard/chat/messages',
  ChatBranch: 'switchyard/chat/branch',
  ChatPin: 'switchyard/chat/pin',
  ChatExport: 'switchyard/chat/export',
  ChatDeleted: 'switchyard/chat/deleted',
  ChatRestore: 'switchyard/chat/restore',
  ChatPurge: 'switchyard/chat/purge',
  ChatTree: 'switchyard/chat/tree',
  ChatImport: 'switchyard/chat/import',
  ReviewList: 'switchyard/review/list',
  ReviewFindings: 'switchyard/review/findings',
  JobsList: 'switchyard/jobs/list',
  JobsGet: 'switchyard/jobs/get',
  JobsCancel: 'switchyard/jobs/cancel',
  JobsResume: 'switchyard/jobs/resume',
  JobsAnswer: 'switchyard/jobs/answer',
  AgentModes: 'switchyard/agent/modes',
  AgentRun: 'switchyard/agent/run',
  AgentApprove: 'switchyard/agent/approve',
  AgentCall: 'switchyard/agent/call',
  AgentChanges: 'switchyard/agent/changes',
  AgentKeep: 'switchyard/agent/keep',
  AgentUndo: 'switchyard/agent/undo',
  AgentPrompts: 'switchyard/agent/prompts',
  ProjectList: 'switchyard/project/list',
  Search: 'switchyard/search',
  ContextSuggest: 'switchyard/context/suggest',
  ProfileList: 'switchyard/profile/list',
  ModelsList: 'switchyard/models/list',
  ModelsSetup: 'switchyard/models/setup',
  ModelsPull: 'switchyard/models/pull',
  ModelsWaiting: 'switchyard/models/waiting',
  ModelsPrefer: 'switchyard/models/prefer',
  ModelsStop: 'switchyard/models/stop',
  DaemonStatus: 'switchyard/daemon/status',
  RouterDecision: 'switchyard/router/decision',
  RouterOutcome: 'switchyard/router/outcome',
  MemoriesList: 'switchyard/memories/list',
  MemoriesAdd: 'switchyard/memories/add',
  MemoriesUpdate: 'switchyard/memories/update',
  MemoriesDelete: 'switchyard/memories/delete',
  MemoriesAccept: 'switchyard/memories/accept',
  MemoriesDismiss: 'switchyard/memories/dismiss',
} as const;

export type MessageName = keyof typeof methods;
type MessageOf<Name extends MessageName> = (typeof protocol)[Name];

/** A failure as the host reports it: its sentence is shown as written. */
export interface Failure {
  message: string;
  code: string;
  retryable: boolean;
}

export class RequestError extends Error implements Failure {
  readonly code: string;
  readonly retryable: boolean;
  constructor({ message, code, retryable }: Failure) {
    super(message);
    this.code = code;
    this.retryable = retryable;
  }
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: RequestError): void;
  onPart: ((part: unknown) => void) | undefined;
}

/** Lives as long as the page. Every request ends exactly once: with a response, an error, or the loss of the connection. */
export class Rpc {
  readonly #post: (message: ToHost) => boolean;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  /** `post` says whether the message could be sent. */
  constructor(post: (message: ToHost) => boolean) {
    this.#post = post;
  }

  call<Name extends MessageName>(
    name: Name,
    params: ParamsInput<MessageOf<Name>>,
    options: { onPart?(part: Part<MessageOf<Name>>): void; signal?: AbortSignal } = {},
  ): Promise<Result<MessageOf<Name>>> {
    const { onPart, signal } = options;
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, {
        resolve: resolve as (result: unknown) => void,
        reject,
        onPart: onPart as ((part: unknown) => void) | undefined,
      });
      if (!this.#post({ type: 'request', id, method: methods[name], params })) this.#fail(id, disconnected);
      signal?.addEventListener('abort', () => this.#pending.has(id) && this.#post({ type: 'cancel', id }), {
        once: true,
      });
    });
  }

  /** Takes what belongs to a request; says whether the message was one of those. */
  receive(message: FromHost): boolean {
    switch (message.type) {
      case 'part':
        this.#pending.get(message.id)?.onPart?.(message.part);
        return true;
      case 'response':
        this.#pending.get(message.id)?.resolve(message.result);
        this.#pending.delete(message.id);
        return true;
      case 'error':
        this.#fail(message.id, message);
        return true;
      default:
        return false;
    }
  }

  /** The connection to the host is gone, and with it every request under way. */
  failAll(): void {
    for (const id of [...this.#pending.keys()]) this.#fail(id, disconnected);
  }

  #fail(id: number, failure: Failure): void {
    this.#pending.get(id)?.reject(new RequestError(failure));
    this.#pending.delete(id);
  }
}

const disconnected: Failure = {
  message: t("Lost the connection to Switchyard. Try again once it's back."),
  code: 'disconnected',
  retryable: true,
};
