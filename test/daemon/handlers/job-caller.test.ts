// What an editor is asked about a job: in its own way where the question says all, else only told where to decide.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { jobCaller } from '../../../daemon/handlers/job-caller.ts';
import type { JobQuestion } from '../../../daemon/storage/jobs.ts';

const answers = [
  { id: 'once', label: 'Allow once' },
  { id: 'deny', label: 'Deny' },
];

/** What an editor is sent for a question, and what it comes to where its user presses the first button. */
async function askedFor(question: JobQuestion) {
  const sent: [string, { message: string; actions?: { title: string }[] }][] = [];
  const peer = {
    notify: (method: string, params: (typeof sent)[number][1]) => void sent.push([method, params]),
    ask: async (method: string, params: (typeof sent)[number][1]) => {
      sent.push([method, params]);
      return params.actions?.[0];
    },
  };
  const call = { session: { isEditor: true, peer, options: {} }, services: {}, signal: AbortSignal.any([]) };
  const answer = await jobCaller(call as never).ask?.(question);
  return { answer, sent };
}

describe('the user of an editor', () => {
  it('answers a question that says all in the editor itself', async () => {
    const { answer, sent } = await askedFor({ text: 'Run `npm test`?', answers });
    assert.equal(answer, 'once');
    assert.deepEqual(sent[0]?.[1].message, 'Switchyard: Run `npm test`?');
  });

  it('is only told of one whose text does not show what would be done', async () => {
    const { answer, sent } = await askedFor({ text: 'Change a.ts?', answers, mark: 'f00' });
    assert.equal(answer, undefined);
    assert.deepEqual(
      sent.map(([method]) => method),
      ['window/showMessage'],
    );
    assert.match(
      sent[0]?.[1].message ?? '',
      /^Switchyard: Change a\.ts\? To see exactly what it would do, and decide, /,
    );
  });
});
