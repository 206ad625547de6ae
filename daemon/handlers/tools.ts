// Wire <-> domain for the tools of other agents.
import { pathToFileURL } from 'node:url';
import { languageOf } from '../../shared/language.ts';
import type { ToolsCall, ToolsList } from '../../shared/protocol/tools.ts';
import type { ToolReview } from '../features/tools/tool.ts';
import type { Call, Handler } from './handler.ts';
import { type ReviewRequest, type ReviewServices, runReview } from './review.ts';

export const handleToolsList: Handler<typeof ToolsList, 'tools', 'none'> = (_params, { services }) => ({
  tools: [...services.tools.list],
});

export const handleToolsCall: Handler<typeof ToolsCall, 'tools' | ReviewServices> = async (
  { name, arguments: given },
  call,
) => {
  const { session, services, profile, signal, emit } = call;
  const report = (text: string): void => emit({ kind: 'progress', text });
  const text = await services.tools.call(name, given, {
    session,
    profile,
    policy: session.options.policy,
    signal,
    report,
    review: (subject) => runReview(requestOf(subject), reviewCall(call), report),
  });
  return { text };
};

/** What a review says while it runs is told as progress, and the rest is in its result. */
function reviewCall(call: Call<typeof ToolsCall, ReviewServices>) {
  return { ...call, emit() {} };
}

function requestOf(subject: ToolReview): ReviewRequest {
  if (!('change' in subject))
    return { snippet: { ...subject, languageId: languageOf(subject.uri, subject.text), version: null } };
  const { change, folder } = subject;
  const named = typeof change === 'string' ? { diff: change } : change;
  return { ...named, root: pathToFileURL(folder).href, isBelowRoot: true };
}
