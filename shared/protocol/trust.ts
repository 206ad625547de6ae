// Messages about trust: in which folders the tools and the configuration of a project may be used.
import * as z from 'zod';
import { request } from './define.ts';

/** What the user said of a folder; it holds for everything below it that nothing nearer is said of. */
const TrustedFolder = z.object({ root: z.string(), trusted: z.boolean() });

export const TrustSet = request(
  'switchyard/trust/set',
  "Trusts a folder, or doesn't, for every client; kept outside of the folder.",
  {
    params: z.object({ root: z.string(), trusted: z.boolean() }),
    result: z.object({ folder: TrustedFolder }),
  },
);

export const TrustList = request('switchyard/trust/list', 'Lists the folders that the user trusts or does not trust.', {
  params: z.object({
    /** A file or folder, to learn which folder to trust for its sake. */ uri: z.string().optional(),
  }),
  result: z.object({
    folders: z.array(TrustedFolder),
    /** Absent without `uri`; its `trusted` is absent where nobody has said anything. */
    asked: TrustedFolder.partial({ trusted: true }).optional(),
  }),
});

export const TrustAllowed = request(
  'switchyard/trust/allowed',
  'Lists what the user has always allowed the agent in this profile, the newest first.',
  {
    params: z.object({}),
    result: z.object({
      allowed: z.array(
        z.object({
          /** Of exactly what would happen, in this folder. */
          id: z.string(),
          root: z.string(),
          /** Of the call: `edit`, `run`, … */
          kind: z.string(),
          /** What was asked; of a program also which scripts it is bound to. */
          text: z.string(),
          /** Milliseconds since the epoch. */
          allowedAt: z.number(),
        }),
      ),
    }),
  },
);

export const TrustForget = request(
  'switchyard/trust/forget',
  'Takes back what the user has always allowed the agent in this profile: one thing in a folder, or all in it and below it.',
  {
    params: z.object({
      root: z.string(),
      /** Of what was listed; all where left out. */
      id: z.string().max(200).optional(),
    }),
    result: z.object({}),
  },
);
