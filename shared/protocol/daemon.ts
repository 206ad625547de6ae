// Messages about the daemon itself, and what both ends say when a connection begins.
import * as z from 'zod';
import { request } from './define.ts';

export const DaemonStatus = request('switchyard/daemon/status', 'What the daemon is doing now.', {
  params: z.object({}),
  result: z.object({
    version: z.string(),
    pid: z.number().int(),
    uptimeMs: z.number(),
    clients: z.array(z.object({ id: z.number().int(), name: z.string(), connectedAt: z.number() })),
    models: z.array(z.object({ id: z.string(), loaded: z.boolean(), bytes: z.number().optional() })),
    /** Requests being answered now, by method. */
    running: z.array(z.string()),
    natives: z.array(z.object({ name: z.string(), ok: z.boolean(), why: z.string().optional() })),
    /** What the user should know of the stored data, such as what became of a damaged database. */
    notices: z.array(z.string()).optional(),
    dataDir: z.string(),
    configFile: z.string(),
    logFile: z.string(),
    memoryBytes: z.number(),
  }),
});

export const Check = z.object({ name: z.string(), ok: z.boolean(), detail: z.string(), fix: z.string().optional() });

export const DaemonDoctor = request('switchyard/daemon/doctor', 'Checks everything that can be wrong, each with what to do about it.', {
  params: z.object({}),
  result: z.object({ checks: z.array(Check) }),
});
export const DaemonShutdown = request('switchyard/daemon/shutdown', 'Ends the daemon; without force only when no other client is at work.', {
  params: z.object({ force: z.boolean().optional() }),
  result: z.object({}),
});
export const GatewayOpen = request('switchyard/gateway/open', 'Serves the views to a browser on loopback and returns a URL that works once.', {
  params: z.object({}),
  result: z.object({ url: z.string() }),
});

/** `initializationOptions.switchyard` of a client. */
export const ClientOptions = z.object({
  /** The id or name of the profile that the session begins in. */
  profile: z.string().optional(),
  /** The model for chats that name none, `provider/model`. */
  model: z.string().optional(),
  localOnly: z.boolean().optional(),
  workspaceTrusted: z.boolean().optional(),
  proxy: z.string().optional(),
  /** Sends the daemon's log to this client as `window/logMessage`. */
  log: z.boolean().optional(),
  /** The client implements `switchyard.fix` and its kin itself, so the daemon does not offer to execute them. */
  ownCommands: z.boolean().optional(),
});

export type Check = z.infer<typeof Check>;
export type ClientOptions = z.infer<typeof ClientOptions>;
