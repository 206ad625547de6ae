// How a message is written down: one constant that both ends import. Knows nothing of transports or of any feature.
import type * as z from 'zod';

/**
 * A request from a client to the daemon. Parts, if any, stream as `$/progress` before the one result.
 * The schemas validate at the border, so that inside it the types can be trusted.
 */
export interface Request<Params extends z.ZodType, Result extends z.ZodType, Part extends z.ZodType = z.ZodNever> {
  readonly method: string;
  /** One sentence for the generated table in ARCHITECTURE.md. */
  readonly summary: string;
  readonly params: Params;
  readonly result: Result;
  readonly part?: Part;
}

export type AnyRequest = Request<z.ZodType, z.ZodType, z.ZodType>;
/** What a caller may leave out (defaults) is optional here. */
export type ParamsInput<M extends AnyRequest> = z.input<M['params']>;
export type Params<M extends AnyRequest> = z.infer<M['params']>;
export type Result<M extends AnyRequest> = z.infer<M['result']>;
export type Part<M extends AnyRequest> = z.infer<NonNullable<M['part']>>;

export function request<P extends z.ZodType, R extends z.ZodType, Q extends z.ZodType = z.ZodNever>(
  method: Request<P, R, Q>['method'],
  summary: string,
  schemas: { params: P; result: R; part?: Q },
): Request<P, R, Q> {
  return { method, summary, ...schemas };
}
