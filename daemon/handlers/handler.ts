// What answers a message: a function of its params and of the call, typed by the message's constant.
import type { AnyRequest, Params, Part, Result } from '../../shared/protocol/define.ts';
import type { Services } from '../services.ts';
import type { Session } from '../sessions/session.ts';

/** What a handler is given besides its params. Lives as long as one request. */
export interface Call<M extends AnyRequest> {
  readonly session: Session;
  readonly services: Services;
  readonly signal: AbortSignal;
  emit(part: Part<M>): void;
}
export type Handler<M extends AnyRequest> = (params: Params<M>, call: Call<M>) => Promise<Result<M>> | Result<M>;
