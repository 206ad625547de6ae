// How each method of the daemon's table is asked for what belongs to another profile. A method that is not here fails the test
// that no profile sees another's: whoever adds one states here how foreign ids are made for it.

/** Ids of what another profile has, or ids that nothing has. */
export interface ForeignIds {
  chatId: string;
  /** A user's message of that chat, and the answer to it. */
  questionId: string;
  answerId: string;
  /** Of the model that gave the answer. */
  decisionId: string;
  findingId: string;
  /** Of the review that found it. */
  runId: string;
  jobId: string;
  projectId: string;
  memoryId: string;
  profileId: string;
}

/** What the session that asks has itself. */
export interface OwnThings {
  chatId: string;
  profileId: string;
  /** A document that both profiles have open, with the same text. */
  uri: string;
  /** A folder as a URI. */
  folder: string;
}

/** How one method is asked. */
export interface Probe {
  /** Params with foreign ids. Each must end as it does with ids that nothing has. */
  foreign?: (ids: ForeignIds, own: OwnThings) => object[];
  /** Params without: each must end as it did before the other profile had anything. */
  plain?: (own: OwnThings) => object[];
  /** Why the end of `plain` differs from one time to the next, where it does; it is still searched for what is another's. Asked after the steady ones. */
  varies?: string;
  /** Why params that name a profile may do so: profiles themselves are no secret between each other. */
  sharesProfiles?: string;
  /** Changes the daemon for all: asked after everything else. */
  last?: true;
}

const range = { start: { line: 1, character: 0 }, end: { line: 1, character: 8 } };
const send = { text: 'x' };

/** A chat that says it was made as another one. */
function chatFrom(source: string, id: string): object {
  return {
    title: 'x',
    createdAt: 1,
    updatedAt: 1,
    origin: { source, id },
    messages: [{ id: 'm', role: 'user', text: 'x', status: 'complete', createdAt: 1 }],
  };
}

export const probes: Readonly<Record<string, Probe>> = {
  initialize: { plain: () => [{ capabilities: {} }] },
  shutdown: {}, // it takes nothing, tells nothing, and its connection is asked nothing more
  'textDocument/diagnostic': { plain: ({ uri }) => [{ textDocument: { uri } }] },
  'textDocument/codeAction': { plain: ({ uri }) => [{ textDocument: { uri }, range, context: { diagnostics: [] } }] },
  'textDocument/inlineCompletion': {
    plain: ({ uri }) => [{ textDocument: { uri }, position: range.end, context: { triggerKind: 1 } }],
  },
  'textDocument/completion': { plain: ({ uri }) => [{ textDocument: { uri }, position: range.end }] },
  'codeAction/resolve': { foreign: ({ findingId }) => [{ title: 'x', data: { findingId } }] },
  'workspace/executeCommand': {
    foreign: ({ findingId }) =>
      ['switchyard.fix', 'switchyard.dismiss'].map((command) => ({ command, arguments: [{ findingId }] })),
    plain: ({ uri }) => [
      { command: 'switchyard.chat', arguments: [send] },
      { command: 'switchyard.review', arguments: [{ uri }] },
    ],
    varies: 'it answers and reviews, in our own profile',
  },
  'switchyard/daemon/status': { plain: () => [{}], varies: 'it tells of memory and time' },
  'switchyard/daemon/doctor': { plain: () => [{}], varies: 'it tells of disks and time' },
  'switchyard/daemon/shutdown': { plain: () => [{}], last: true },
  'switchyard/gateway/open': { plain: () => [{}], varies: 'each address works once' },
  'switchyard/chat/send': {
    foreign: ({ chatId, questionId, answerId, profileId }, own) => [
      { ...send, chatId },
      { ...send, chatId: own.chatId, retryOf: answerId },
      { ...send, chatId: own.chatId, retryOf: questionId },
      { ...send, chatId: own.chatId, editOf: questionId },
      { ...send, retryOf: answerId },
      { ...send, continueOf: answerId },
      { ...send, chatId: own.chatId, continueOf: answerId },
      { ...send, editOf: questionId },
      { ...send, profileId },
      { ...send, chatId, profileId },
    ],
  },
  'switchyard/chat/stop': { foreign: ({ chatId }) => [{ chatId }] },
  'switchyard/chat/create': { foreign: ({ profileId }) => [{ profileId, title: 'x' }] },
  'switchyard/chat/rename': { foreign: ({ chatId }) => [{ chatId, title: 'x' }, { chatId, model: null }, { chatId }] },
  'switchyard/chat/delete': { foreign: ({ chatId }) => [{ chatId }] },
  'switchyard/chat/deleted': { plain: () => [{}] },
  'switchyard/chat/restore': { foreign: ({ chatId }) => [{ chatId }] },
  'switchyard/chat/purge': { foreign: ({ chatId }) => [{ chatId }], plain: () => [{}] },
  'switchyard/chat/fork': {
    foreign: ({ chatId, questionId }, own) => [
      { chatId },
      { chatId, messageId: questionId },
      { chatId: own.chatId, messageId: questionId },
    ],
  },
  'switchyard/chat/list': {
    foreign: ({ profileId, projectId }) => [{ profileId }, { projectId }, { profileId, projectId }],
    plain: () => [{}, { limit: 1 }],
  },
  'switchyard/chat/messages': {
    foreign: ({ chatId, answerId }, own) => [
      { chatId },
      { chatId, around: answerId },
      { chatId: own.chatId, around: answerId },
    ],
  },
  'switchyard/chat/changes': {
    foreign: ({ chatId, answerId }, own) => [
      { chatId, messageId: answerId },
      { chatId: own.chatId, messageId: answerId },
    ],
  },
  'switchyard/chat/branch': {
    foreign: ({ chatId, questionId, answerId }, own) => [
      { chatId, messageId: answerId, version: 1 },
      { chatId: own.chatId, messageId: answerId, version: 1 },
      { chatId, messageId: questionId, version: 9 },
    ],
  },
  'switchyard/chat/pin': {
    foreign: ({ answerId, questionId }) => [
      { messageId: answerId, pinned: true },
      { messageId: questionId, pinned: false },
    ],
  },
  'switchyard/chat/export': {
    foreign: ({ chatId }) => [
      { chatId, format: 'markdown' },
      { chatId, format: 'json' },
    ],
  },
  'switchyard/chat/tree': { foreign: ({ chatId }) => [{ chatId }, { chatId, limit: 1 }] },
  'switchyard/chat/import': {
    foreign: ({ chatId, projectId }) => [
      { dryRun: true, chat: chatFrom('switchyard', chatId) },
      { dryRun: true, chat: chatFrom('chatgpt', chatId) },
      { dryRun: true, chat: { ...chatFrom('chatgpt', 'c'), project: { id: projectId } } },
    ],
  },
  'switchyard/profile/list': { plain: () => [{}] },
  'switchyard/profile/create': { plain: () => [{ name: 'default' }] },
  'switchyard/profile/update': {
    foreign: ({ profileId }) => [{ profileId }],
    sharesProfiles: "it tells a profile's name and model",
  },
  'switchyard/profile/delete': {
    foreign: ({ profileId }) => [{ profileId }, { profileId, confirm: 'wrong' }],
    sharesProfiles: 'it asks to confirm with the name',
  },
  'switchyard/profile/use': { plain: ({ profileId }) => [{ profile: profileId }] },
  'switchyard/project/list': { plain: () => [{}], varies: 'it tells when our own was used' },
  'switchyard/project/attach': {
    foreign: ({ projectId }, { folder }) => [
      { projectId, root: folder },
      { projectId, root: 'file:///no/such/folder' },
    ],
  },
  'switchyard/review/run': { plain: ({ uri }) => [{ textDocument: { uri } }], varies: 'each run has an id' },
  'switchyard/review/dismiss': { foreign: ({ findingId }) => [{ findingId }] },
  'switchyard/review/undismiss': { foreign: ({ findingId }) => [{ findingId }] },
  'switchyard/review/dismissed': { plain: () => [{}] },
  'switchyard/review/forget': { plain: () => [{}] },
  'switchyard/review/current': { plain: ({ uri }) => [{ textDocument: { uri } }] },
  'switchyard/review/fix': { foreign: ({ findingId }) => [{ findingId }] },
  'switchyard/review/list': { plain: () => [{}], varies: 'our own reviews are among them' },
  'switchyard/review/findings': { foreign: ({ runId }) => [{ runId }] },
  'switchyard/review/revisions': { plain: ({ folder }) => [{ root: folder }, { root: folder, id: 'x' }] },
  'switchyard/review/scope': {
    plain: ({ folder }) => [
      { diff: 'staged', root: folder },
      { base: 'main', root: folder },
    ],
  },
  'switchyard/code/action': {
    plain: ({ uri }) => [{ kind: 'explain', textDocument: { uri }, range }],
    varies: 'it asks a model, in our own profile',
  },
  'switchyard/code/tests': { plain: ({ uri }) => [{ textDocument: { uri } }] },
  'switchyard/code/write': {
    plain: ({ uri }) => [{ instruction: 'x', textDocument: { uri }, range }],
    varies: 'it asks a model, in our own profile',
  },
  'switchyard/commit/message': { plain: ({ folder }) => [{ root: folder }] },
  'switchyard/vision/ocr': { plain: () => [{ image: 'aGVsbG8=' }] },
  'switchyard/vision/generate': { plain: () => [{ prompt: 'x', model: 'none/x' }] },
  'switchyard/completion/outcome': { plain: () => [{ id: 'none', accepted: true }] }, // the answer is the same whether there is such a suggestion or not
  'switchyard/completion/filter': { plain: () => [{}], varies: 'it counts our own suggestions' },
  'switchyard/completion/forget': { plain: () => [{}] },
  'switchyard/jobs/list': { plain: () => [{}], varies: 'our own jobs are among them' },
  'switchyard/jobs/get': { foreign: ({ jobId }) => [{ jobId }] },
  'switchyard/jobs/cancel': { foreign: ({ jobId }) => [{ jobId }] },
  'switchyard/jobs/resume': { foreign: ({ jobId }) => [{ jobId }] },
  'switchyard/agent/call': { foreign: ({ jobId }) => [{ jobId, callId: '1.1' }] },
  'switchyard/agent/changes': { foreign: ({ jobId }) => [{ jobId }] },
  'switchyard/agent/keep': {
    foreign: ({ jobId }) => [{ jobId }, { jobId, uri: 'file:///a.ts', hunks: ['x'] }],
  },
  'switchyard/agent/undo': {
    foreign: ({ jobId }) => [
      { jobId },
      { jobId, step: 2 },
      { jobId, uri: 'file:///a.ts' },
      { jobId, uri: 'file:///a.ts', hunks: ['x'] },
    ],
  },
  'switchyard/agent/prune': { plain: () => [{}] },
  'switchyard/model/answer': {
    plain: () => [{ messages: [{ role: 'user', content: 'x' }] }],
    varies: 'it asks a model, in our own profile',
  },
  'switchyard/model/tokens': { plain: () => [{ text: 'one two three' }] },
  'switchyard/jobs/answer': { foreign: ({ jobId }) => [{ jobId, answer: 'yes' }] },
  'switchyard/models/list': { plain: () => [{}], varies: 'models that were asked are loaded' },
  'switchyard/models/setup': { plain: () => [{}], varies: 'it tells of free memory' },
  'switchyard/models/pull': { plain: () => [{ model: 'ftp://a/b.gguf' }] },
  'switchyard/models/search': { plain: () => [{ query: '' }] },
  'switchyard/models/downloads': { plain: () => [{}] },
  'switchyard/models/discard': { plain: () => [{ model: 'none' }] },
  'switchyard/models/import': { plain: () => [{ path: '/no/such.gguf' }] },
  'switchyard/models/load': { plain: () => [{ model: 'local/none' }] },
  'switchyard/models/unload': { plain: () => [{ model: 'local/none' }] },
  'switchyard/models/delete': { plain: () => [{ model: 'local/none' }] },
  'switchyard/models/deleted': { plain: () => [{}] },
  'switchyard/models/restore': { plain: () => [{ id: 'none' }] },
  'switchyard/models/purge': { plain: () => [{ id: 'none' }] },
  'switchyard/models/edits': { plain: () => [{ model: 'local/none' }] },
  'switchyard/models/settings': { plain: () => [{ model: 'local/none' }] },
  'switchyard/models/configure': { plain: () => [{ model: 'local/none', name: 'none' }] },
  'switchyard/models/waiting': { plain: () => [{}] },
  'switchyard/models/prefer': { plain: () => [{ id: 'none' }] }, // another's answers end at once here: test/process tries their ids
  'switchyard/models/stop': { plain: () => [{ id: 'none' }] },
  'switchyard/gpu/status': { plain: () => [{}] },
  'switchyard/gpu/install': { plain: () => [{ files: ['/no/such.tgz'] }] },
  'switchyard/gpu/remove': { plain: () => [{}] },
  'switchyard/context/suggest': {
    plain: () => [{ query: 'a' }, { kind: 'file', query: '', limit: 50 }],
    varies: 'it tells how far the index is',
  },
  'switchyard/index/status': { plain: ({ folder }) => [{ root: folder }], varies: 'it tells how far the index is' },
  'switchyard/index/refresh': { plain: ({ folder }) => [{ root: folder }], varies: 'it tells how far the index is' },
  'switchyard/keys/set': {
    plain: () => [{ provider: 'nobody', key: 'k-0123456789' }],
    varies: 'the notice about the master key comes once',
  },
  'switchyard/keys/check': { plain: () => [{ provider: 'nobody' }], varies: "keys are the machine's" },
  'switchyard/keys/list': { plain: () => [{}], varies: "keys are the machine's" },
  'switchyard/keys/rotate': { plain: () => [{}], varies: "keys are the machine's" },
  'switchyard/keys/delete': { plain: () => [{ provider: 'nobody' }], varies: "keys are the machine's" },
  'switchyard/trust/set': { plain: ({ folder }) => [{ root: folder, trusted: false }] },
  'switchyard/trust/list': { plain: ({ folder }) => [{}, { uri: folder }], varies: "trust is the machine's" },
  'switchyard/costs/summary': {
    foreign: ({ chatId, profileId }) => [
      { chatId },
      { chatId, by: 'answer' },
      { profileId },
      { profileId, by: 'profile' },
    ],
    plain: () => ['day', 'profile', 'workspace', 'chat', 'answer', 'model', 'provider'].map((by) => ({ by })),
  },
  'switchyard/router/analyze': { plain: () => [{ text: 'Explain this.' }], varies: 'a loaded model is preferred' },
  'switchyard/router/decision': { foreign: ({ decisionId }) => [{ id: decisionId }] },
  'switchyard/router/outcome': {
    foreign: ({ decisionId }) => [
      { decisionId, thumbs: 'up' },
      { decisionId, keptEdit: true },
    ],
  },
  'switchyard/router/decisions': { plain: () => [{}] },
  'switchyard/router/replay': { plain: () => [{ policy: 'cheapest' }] },
  'switchyard/search': {
    plain: () =>
      ['Zanzibar', 'frobnicate', 'quixotic', 'kind:chats', 'kind:findings', 'after:2020-01-01'].map((query) => ({
        query,
      })),
    varies: 'the first searches do not wait for the embedding model to be loaded',
  },
  'switchyard/memories/list': { plain: () => [{}] },
  'switchyard/memories/add': { plain: () => [{ text: ' ' }, { text: 'Remember the key AKIAQ6JD7RTPWZ4XN2LM' }] },
  'switchyard/memories/update': {
    foreign: ({ memoryId }) => [
      { memoryId, text: 'x' },
      { memoryId, enabled: false },
      { memoryId, scope: 'profile' },
      { memoryId },
    ],
  },
  'switchyard/memories/delete': { foreign: ({ memoryId }) => [{ memoryId }] },
  'switchyard/memories/accept': { foreign: ({ memoryId }) => [{ memoryId }] },
  'switchyard/memories/dismiss': { foreign: ({ memoryId }) => [{ memoryId }] },
  'switchyard/tools/list': { plain: () => [{}] },
  'switchyard/tools/call': {
    plain: () => [
      ...['Zanzibar', 'frobnicate', 'quixotic'].map((query) => ({ name: 'search_chats', arguments: { query } })),
      { name: 'search_code', arguments: { query: 'Zanzibar' } },
      { name: 'why_model', arguments: { last: 20 } },
      { name: 'review_file', arguments: { path: 'a.ts' } },
      { name: 'review_changes' },
    ],
    varies: 'the first searches do not wait for the embedding model to be loaded',
  },
  'switchyard/agent/run': {
    foreign: ({ chatId }) => [{ task: 'x', mode: 'chatbot', chatId }],
  },
  'switchyard/agent/approve': {
    foreign: ({ jobId }) => [
      { jobId, callId: '1.1', decision: 'once' },
      { jobId, callId: '1.1', decision: 'always' },
      { jobId, callId: '1.1', decision: 'deny', reply: 'x' },
    ],
  },
  'switchyard/agent/modes': { plain: () => [{}] },
  'switchyard/mcp/list': { plain: () => [{}] },
  'switchyard/mcp/approve': {
    plain: () => [
      { server: 'none', tools: [{ name: 'x', hash: 'x' }], approved: true },
      { server: 'none', tools: [{ name: 'x', hash: 'x' }], approved: false },
    ],
  },
  'switchyard/mcp/configure': { plain: () => [{ name: 'a b', server: { command: 'x' } }] },
  'switchyard/mcp/restart': { plain: () => [{ server: 'none' }] },
  'switchyard/mcp/login': { plain: () => [{ server: 'none' }] },
  'switchyard/mcp/logout': { plain: () => [{ server: 'none' }] },
  'switchyard/trust/allowed': { plain: () => [{}] },
  'switchyard/trust/forget': { plain: ({ folder }) => [{ root: folder }] },
  'switchyard/agent/prompts': { plain: () => [{}] },
  // Copies are of the whole file: they say how much there is in it, and never what.
  'switchyard/backup/create': { plain: () => [{}], varies: 'each copy has a time and a size' },
  'switchyard/backup/list': { plain: () => [{}], varies: 'copies have times and sizes' },
  'switchyard/backup/verify': { plain: () => [{}, { file: 'none.db' }], varies: 'it counts the rows of the file' },
  'switchyard/backup/restore': { plain: () => [{ file: 'none.db' }] },
};
