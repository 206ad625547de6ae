// Storage of jobs that forgets at the end of the test.
import { UserError } from '../../../../daemon/base/errors.ts';
import type { Jobs, StoredQuestion, WholeJob } from '../../../../daemon/storage/jobs.ts';

export class JobsInMemory implements Jobs {
  readonly jobs = new Map<string, WholeJob>();

  async add(job: { id: string; kind: string; title: string; request: unknown; document?: string }) {
    this.jobs.set(job.id, {
      ...job,
      state: 'queued',
      stages: 0,
      isResumable: true,
      createdAt: this.jobs.size,
      finished: [],
    });
  }
  async list() {
    return { items: [...this.jobs.values()].toReversed() };
  }
  async job(jobId: string) {
    const found = this.jobs.get(jobId);
    if (!found) throw new UserError('job-not-found', 'That job is no longer stored.');
    return structuredClone(found);
  }
  async unfinished() {
    return [...this.jobs.values()].filter(({ state }) => ['queued', 'running', 'waiting'].includes(state));
  }
  async waste() {
    return 0;
  }
  async begin(jobId: string) {
    const { failure, endedAt, question, ...job } = await this.job(jobId);
    this.jobs.set(jobId, { ...job, state: 'running' });
  }
  async wait(jobId: string, question: StoredQuestion) {
    this.jobs.set(jobId, { ...(await this.job(jobId)), state: 'waiting', question });
  }
  async finishStage(jobId: string, stage: WholeJob['finished'][number]) {
    const job = await this.job(jobId);
    this.jobs.set(jobId, { ...job, finished: [...job.finished, structuredClone(stage)], stages: job.stages + 1 });
  }
  async end(jobId: string, end: Pick<WholeJob, 'state' | 'result' | 'failure'>) {
    const { request, finished, question, ...job } = await this.job(jobId);
    const isDone = end.state === 'done';
    this.jobs.set(jobId, {
      ...job,
      request: isDone ? null : request,
      isResumable: !isDone,
      finished: isDone ? finished.map((stage) => ({ ...stage, outcome: undefined })) : finished,
      ...end,
      endedAt: 1,
    });
  }
  async remove(jobId: string) {
    await this.job(jobId);
    this.jobs.delete(jobId);
  }
  async purge(jobId: string, why: string) {
    const { question, result, ...job } = await this.job(jobId);
    const state = job.state === 'done' ? job.state : 'failed';
    this.jobs.set(jobId, { ...job, state, request: null, isResumable: false, finished: [], stages: 0, failure: why });
  }
}
