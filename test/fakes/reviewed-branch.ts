// A branch that a stranger reviews: its files as they came and as they are mended, and what a model says in each role of a review of it.
import type { RecordedRequest } from './provider-servers/scripted-server.ts';

export const branchFiles = {
  'average.js': {
    was: 'exports.average = (list) => list.reduce((a, b) => a + b, 0) / list.length;\n',
    mended: 'exports.average = (list) => (list.length === 0 ? 0 : list.reduce((a, b) => a + b, 0) / list.length);\n',
  },
  'last.js': {
    was: 'exports.last = (list) => list[list.length];\n',
    mended: 'exports.last = (list) => list[list.length - 1];\n',
  },
  'wait.js': { was: 'exports.wait = () => new Promise((done) => setTimeout(done, 1e10));\n' },
  'broken.js': { was: 'exports.broken = ;\n' },
} as const;

/** What the reviewer says where it sees the code. The second comes with its own fix. */
export const branchFlaws = {
  average: { quote: '/ list.length;', message: 'An empty list gives NaN, since it is divided by zero.' },
  last: {
    quote: 'list[list.length]',
    message: 'The index is past the end, so the result is always undefined.',
    replacement: 'list[list.length - 1]',
  },
  wait: { quote: 'setTimeout(done, 1e10)', message: 'The delay is more than 32 bits hold, so it ends at once.' },
} as const;

const flaws = Object.values(branchFlaws);

/** The system's and the user's words of a request. */
export function promptOf({ body }: RecordedRequest): [system: string, user: string] {
  const [system = '', user = ''] = (body as { messages: { content: string }[] }).messages.map(({ content }) => content);
  return [system, user];
}

/** Of a reviewer, of who checks its claims, and of the judge. Undefined for other roles. */
export function branchReviewReply(request: RecordedRequest): string | undefined {
  const [system, user] = promptOf(request);
  const named = flaws
    .filter(({ message }) => user.includes(message))
    .toSorted((a, b) => user.indexOf(a.message) - user.indexOf(b.message));
  const claims = named.map(({ quote }, index) => ({ quote, claim: index + 1 }));
  if (system.startsWith('You check claims')) {
    const verdicts = claims.map((claim) => ({ ...claim, reason: 'It is so.', verdict: 'stands' }));
    return JSON.stringify({ verdicts });
  }
  if (system.startsWith('You judge the claims')) {
    const findings = claims.map(({ claim }) => ({ claim, duplicateOf: null, score: 0.8 }));
    return JSON.stringify({ findings, conflicts: [], confidence: 0.8 });
  }
  if (!system.startsWith('You review code.')) return undefined;
  const found = flaws.filter(({ quote }) => user.includes(quote));
  const rest = { line: 1, severity: 'warning', category: 'bug', replacement: null, confidence: 0.9 };
  return JSON.stringify({ findings: found.map((flaw) => ({ ...rest, ...flaw })) });
}
