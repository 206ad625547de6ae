// What answers a message: a function of its params and of the call. Its type names the message and all that it uses.
import type { AnyRequest, Params, Part, Result } from '../../shared/protocol/define.ts';
import type { DaemonShapes, Services } from '../services.ts';
import type { Session } from '../sessions/session.ts';
import type { ProfileStorage } from '../storage/storage.ts';

/** How a message needs the profile of its session: `own` fails without one, `own-or-none` goes on where storage fails, `none` looks none up. */
export type ProfileNeed = 'own' | 'own-or-none' | 'none';

interface ProfileOfCall {
  own: {
    /** The id of the session's profile. */
    readonly profile: string;
    /** What that profile has stored. */
    readonly storage: ProfileStorage<DaemonShapes>;
  };
  'own-or-none': {
    /** The id of the session's profile, or one under which nothing is stored or found. */
    readonly profile: string;
  };
  none: object;
}

/** A request before its row is known. Lives as long as the request. */
export interface IncomingRequest<M extends AnyRequest> {
  readonly session: Session;
  readonly services: Services;
  readonly signal: AbortSignal;
  emit(part: Part<M>): void;
}

/** Lives as long as the request. */
interface Cancellable {
  /** Ends the request as its client could. */
  cancel(): void;
}

/** What a handler is given besides its params: of the services only those that it names. */
export type Call<M extends AnyRequest, Uses extends keyof Services = never, Need extends ProfileNeed = 'own'> = Omit<
  IncomingRequest<M>,
  'services'
> & { readonly services: Pick<Services, Uses> } & Cancellable &
  ProfileOfCall[Need];

export type Handler<M extends AnyRequest, Uses extends keyof Services = never, Need extends ProfileNeed = 'own'> = (
  params: Params<M>,
  call: Call<M, Uses, Need>,
) => Promise<Result<M>> | Result<M>;
