// Wire <-> domain for writing code with a review.
import type { CodeWrite } from '../../shared/protocol/code.ts';
import type { Snippet } from '../base/snippet.ts';
import { type WriteRequest, type WriteResult, writeKind } from '../features/pipeline/write/write.ts';
import type { Handler } from './handler.ts';
import { jobCaller } from './job-caller.ts';
import { toStage } from './jobs.ts';
import { currentEdit } from './workspace-edit.ts';

export const handleCodeWrite: Handler<typeof CodeWrite, 'jobs' | 'trust' | 'sessionProfiles'> = async (
  params,
  call,
) => {
  const { session, services, profile, emit, cancel } = call;
  const { instruction, textDocument, range, tests = [], testsAllowed = false } = params;
  const snippet = textDocument ? session.snippet(textDocument, range) : nowhere;
  const modelOf = await services.sessionProfiles.modelRule(session, profile);
  const request: WriteRequest = { instruction, snippet, tests, testsAllowed, ...modelOf({ message: params.model }) };
  const progress = session.workDone(params.workDoneToken, 'Writing code', cancel);
  try {
    const caller = jobCaller(call, {
      onText: (text) => emit({ kind: 'text', text }),
      onStage(detail) {
        emit({ kind: 'stage', detail });
        progress.report(detail);
      },
    });
    const job = { kind: writeKind, title: instruction, request, document: snippet.uri };
    const { id, result } = await services.jobs.run(profile, job, caller);
    const { code, edit, judge, probability, label, notes, decision } = result as WriteResult; // the kind's own
    const { finished } = await services.jobs.job(profile, id, caller.context);
    const applied = edit && textDocument && currentEdit(session, snippet, [edit]);
    return {
      runId: id,
      code,
      ...(applied && { edit: applied, version: applied.documentChanges[0]?.textDocument.version ?? null }),
      judge: {
        verdict: judge.verdict,
        confidence: probability ?? null,
        calibrated: probability !== undefined,
        conflicts: judge.conflicts,
        ...(judge.parseError !== undefined && { parseError: judge.parseError }),
      },
      stages: finished.map(toStage),
      ...(label !== undefined && { label }),
      notes,
      decision,
    };
  } finally {
    progress.end('');
  }
};

/** Code that belongs to no file. */
const nowhere: Snippet = { uri: 'untitled:code', languageId: 'plaintext', version: null, text: '' };
