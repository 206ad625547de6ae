// The parts of the daemon as types. compose.ts builds them; each handler names the ones that it uses.
import type { Attachment } from '../shared/protocol/chat.ts';
import type { Check } from '../shared/protocol/daemon.ts';
import type { ConfigFile } from './base/config/config.ts';
import type { SerialQueues } from './base/fair-queue.ts';
import type { Log, LogSink } from './base/log.ts';
import type { Paths } from './base/paths.ts';
import type { CodeIndex } from './code-index/code-index.ts';
import type { Egress } from './egress/egress.ts';
import type { Agent, AgentContext } from './features/agent/agent.ts';
import type { Checkpoints } from './features/agent/checkpoints/checkpoints.ts';
import type { PendingFiles } from './features/agent/checkpoints/pending-files.ts';
import type { Answers } from './features/answers/answers.ts';
import type { ChangeSets } from './features/change-sets/change-sets.ts';
import type { IdleWork } from './features/chat/idle-work.ts';
import type { RunningTurns } from './features/chat/running-turns.ts';
import type { Chat } from './features/chat/send.ts';
import type { Titles } from './features/chat/titles.ts';
import type { Actions } from './features/code-actions/perform.ts';
import type { CommitMessages } from './features/commit/commit.ts';
import type { Completions } from './features/completion/completion.ts';
import type { Jobs } from './features/jobs/jobs.ts';
import type { McpServers } from './features/mcp-servers/mcp-servers.ts';
import type { UserMemories } from './features/memories/memories.ts';
import type { Contexts } from './features/mentions/contexts.ts';
import type { EditForms } from './features/pipeline/edits/edit-forms.ts';
import type { FindingBoard } from './features/pipeline/finding-board.ts';
import type { Review } from './features/pipeline/review.ts';
import type { ReviewShapes } from './features/pipeline/types.ts';
import type { WriteContext } from './features/pipeline/write/write.ts';
import type { ProfileAdmin } from './features/profiles/admin.ts';
import type { Find } from './features/search/search.ts';
import type { Tools } from './features/tools/tools.ts';
import type { PictureChild } from './features/vision/child.ts';
import type { Vision } from './features/vision/create.ts';
import type { Web } from './features/web/create.ts';
import type { Gateway } from './gateway/gateway.ts';
import type { Keystore } from './keys/keystore.ts';
import type { Costs } from './models/costs/costs.ts';
import type { ExaminedEmbedder } from './models/embedding/embedder.ts';
import type { GpuSupport } from './models/inference/gpu/support.ts';
import type { PictureMaker } from './models/make-pictures.ts';
import type { FinishReason, Usage } from './models/providers/provider.ts';
import type { Registry } from './models/providers/registry.ts';
import type { Resilience } from './models/resilience/resilience.ts';
import type { Routing } from './models/router/create.ts';
import type { RouterShapes } from './models/router/records.ts';
import type { Decision } from './models/router/router.ts';
import type { SeeingInference } from './models/seeing/seeing-inference.ts';
import type { ModelSetup } from './models/setup/setup.ts';
import type { RequestLog } from './request-log/request-log.ts';
import type { RequestContext } from './sessions/request-context.ts';
import type { SessionProfiles } from './sessions/session-profiles.ts';
import type { Sessions } from './sessions/sessions.ts';
import type { Trust } from './sessions/trust.ts';
import type { Storage } from './storage/storage.ts';

/** What this daemon stores as JSON: said here for all of it, so that no reader has to. */
export interface DaemonShapes extends RouterShapes, ReviewShapes {
  attachment: Attachment;
  decision: Decision;
  usage: Usage;
  finishReason: FinishReason;
}

export type DaemonStorage = Storage<DaemonShapes>;

/** What the kinds of jobs need of a client, together. */
export type JobContext = WriteContext & AgentContext;

export interface Services {
  /** Whether other clients may join this daemon; false when it serves one client in its own process. */
  readonly shared: boolean;
  readonly paths: Paths;
  readonly log: Log;
  readonly logSink: LogSink;
  readonly config: ConfigFile;
  readonly sessions: Sessions;
  /** A queue for each chat, for the messages of which one at a time is answered. */
  readonly chatQueues: SerialQueues;
  readonly requestContext: RequestContext;
  readonly storage: DaemonStorage;
  readonly forms: EditForms;
  readonly sessionProfiles: SessionProfiles;
  readonly profiles: ProfileAdmin;
  readonly keys: Keystore;
  readonly trust: Trust;
  readonly registry: Registry;
  readonly inference: SeeingInference;
  readonly gpu: Pick<GpuSupport, 'status' | 'install' | 'remove'>;
  readonly embedder: ExaminedEmbedder;
  readonly models: ModelSetup;
  readonly chat: Chat;
  readonly answers: Answers;
  readonly turns: RunningTurns;
  readonly idle: Pick<IdleWork, 'forget'>;
  readonly titles: Pick<Titles, 'settle'>;
  readonly resilience: Pick<Resilience, 'health' | 'healthOf'>;
  /** Whether nothing but this machine may be contacted, by config.json or by a client's setting. */
  readonly localOnly: () => boolean;
  readonly costs: Costs;
  readonly routing: Routing;
  readonly find: Find;
  readonly index: CodeIndex;
  readonly contexts: Contexts;
  readonly memories: UserMemories;
  readonly tools: Tools;
  readonly mcpServers: McpServers;
  readonly egress: Egress;
  readonly requestLog: Pick<RequestLog, 'state'>;
  readonly review: Review;
  readonly actions: Actions;
  readonly changeSets: ChangeSets;
  readonly commits: CommitMessages;
  readonly pictureMaker: PictureMaker;
  readonly vision: Pick<Vision, 'recognition'>;
  readonly web: Pick<Web, 'examine'>;
  readonly completions: Completions;
  readonly agent: Agent;
  readonly jobs: Jobs<JobContext>;
  readonly pictures: PictureChild;
  readonly checkpoints: Checkpoints;
  readonly pendingFiles: PendingFiles;
  readonly board: FindingBoard;
  readonly gateway: Pick<Gateway, 'open'>;
  /** The checks of `doctor`, each run when asked; `path` is the PATH of the client that asks. */
  readonly doctor: (client: { path: string | undefined }) => Promise<Check[]>;
}
