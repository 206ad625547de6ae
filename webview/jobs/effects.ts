// Carries out what the update of the page of jobs asks for, and reports back in messages.
import type { Host } from '../host.ts';
import { RequestError, type Rpc } from '../rpc.ts';
import { t } from '../words.ts';
import type { JobsEffect, JobsMessage } from './state.ts';

/** Lives as long as the page. */
export interface JobsEffectDeps {
  readonly host: Host;
  readonly rpc: Rpc;
  /** Counts the lists that were asked for: an earlier answer that comes late is dropped. */
  loads: number;
  dispatch(message: JobsMessage): void;
}

/** Failures become messages; this never throws. */
export function perform(effect: JobsEffect, on: JobsEffectDeps): void {
  run(effect, on).catch((error: unknown) => {
    if (error instanceof RequestError && (error.code === 'disconnected' || error.code === 'cancelled')) return;
    on.dispatch({ type: 'failed', message: error instanceof Error ? error.message : t('Something went wrong.') });
  });
}

async function run(effect: JobsEffect, on: JobsEffectDeps): Promise<void> {
  const { host, rpc, dispatch } = on;
  switch (effect.kind) {
    case 'load': {
      const load = ++on.loads;
      const { jobs, next } = await rpc.call('JobsList', { limit: effect.limit });
      if (load === on.loads) dispatch({ type: 'jobs-loaded', jobs, hasMore: next !== undefined });
      return;
    }
    case 'show':
      return dispatch({ type: 'job-loaded', job: (await rpc.call('JobsGet', { jobId: effect.jobId })).job });
    case 'cancel':
      return void (await rpc.call('JobsCancel', { jobId: effect.jobId }));
    case 'resume':
      return void (await rpc.call('JobsResume', { jobId: effect.jobId }));
    case 'answer':
      return void (await rpc.call('JobsAnswer', { jobId: effect.jobId, answer: effect.answer }));
    case 'copy':
      return host.act({ kind: 'copy', text: effect.text });
  }
}
