// The tables as Kysely sees them, after the newest migration. What the columns mean stands in the migrations.
import type { Generated } from 'kysely';
import type { ReviewSubject, RunState } from '../findings.ts';
import type { JobState } from '../jobs.ts';
import type { SpentRequest } from '../ledger.ts';
import type { MemoryState } from '../memories.ts';
import type { MessageStatus } from '../messages.ts';
import type { ProjectKey } from '../projects.ts';
import type { EditAnswerEnd } from '../written.ts';
import { DamageError } from './storage-errors.ts';

export interface Schema {
  profile: ProfileTable;
  project: ProjectTable;
  project_key: ProjectKeyTable;
  chat: ChatTable;
  message: MessageTable;
  message_chunk: MessageChunkTable;
  review_run: ReviewRunTable;
  finding: FindingTable;
  dismissal: DismissalTable;
  review_hunk: ReviewHunkTable;
  review_lesson: ReviewLessonTable;
  request: RequestTable;
  decision: DecisionTable;
  search_source: SearchSourceTable;
  code_file: CodeFileTable;
  memory: MemoryTable;
  search_document: SearchDocumentTable;
  search_queue: SearchQueueTable;
  deleted_chat: DeletedChatTable;
  key_file: KeyFileTable;
  deleted_message: DeletedMessageTable;
  summary: SummaryTable;
  job: JobTable;
  job_stage: JobStageTable;
  written: WrittenTable;
  edit_answer: EditAnswerTable;
  completion: CompletionTable;
  approval: ApprovalTable;
  mcp_pin: McpPinTable;
}

export interface ProfileTable {
  id: string;
  name: string;
  model: string | null;
  created_at: number;
}

export interface ProjectTable {
  id: string;
  profile_id: string;
  name: string;
  path: string;
  bound: Generated<Flag>;
  created_at: number;
  used_at: number;
}

interface ProjectKeyTable {
  project_id: string;
  kind: ProjectKey['kind'];
  value: string;
}

export interface ChatTable {
  id: string;
  profile_id: string;
  project_id: string | null;
  title: string;
  model: string | null;
  created_at: number;
  updated_at: number;
  origin_source: string | null;
  origin_id: string | null;
}

export interface MessageTable {
  id: string;
  chat_id: string;
  seq: number;
  role: 'user' | 'assistant';
  text: string;
  reasoning: Generated<string>;
  attachments: Json;
  status: MessageStatus;
  error: Json;
  notes: Json;
  decision: Json;
  usage: Json;
  finish_reason: string | null;
  created_at: number;
  duration_ms: number | null;
  finished_at: number | null;
  parent_id: string | null;
  chosen: Generated<Flag>;
  active: Generated<Flag>;
  pinned: Generated<Flag>;
  context: Json;
  /** Null for messages that were stored before there were checksums. */
  checksum: number | null;
  cost: number | null;
}

export type ChunkKind = 'text' | 'reasoning' | 'note';
export interface MessageChunkTable {
  message_id: string;
  seq: number;
  kind: ChunkKind;
  text: string | Buffer;
}

interface ReviewRunTable {
  id: string;
  profile_id: string;
  uri: string;
  summary: string;
  created_at: number;
  state: Generated<RunState | 'part'>;
  subject: ReviewSubject['kind'] | null;
  first_line: number | null;
  last_line: number | null;
  coverage: string | null;
  revision: string | null;
  aside: string | null;
  files: string | null;
}

export interface FindingTable {
  id: string;
  run_id: string;
  place: number;
  uri: string;
  fingerprint: string;
  finding: string;
  surroundings: string | null;
  is_open: Generated<number>;
}

interface ReviewHunkTable {
  profile_id: string;
  key: string;
  uri: string;
  claims: string;
  used_at: number;
}

interface ReviewLessonTable {
  profile_id: string;
  finding_id: string;
  is_dismissed: number;
  created_at: number;
}

interface DismissalTable {
  profile_id: string;
  fingerprint: string;
  reason: string | null;
  created_at: number;
}

interface RequestTable {
  id: string;
  at: number;
  day: string;
  profile_id: string;
  chat_id: string | null;
  answer_id: string | null;
  workspace: string | null;
  task: string;
  provider: string;
  model: string;
  input: number;
  cache_read: number;
  cache_write: number;
  output: number;
  reasoning: number;
  cost_usd: number | null;
  price_as_of: string | null;
  status: SpentRequest['status'];
}

export interface DecisionTable {
  id: string;
  at: number;
  profile_id: string;
  model: string;
  policy: string;
  record: string;
  outcome: Json;
  /** Null where no chat asked. */
  chat_id: string | null;
}

interface SearchSourceTable {
  profile_id: string;
  kind: 'code' | 'memory';
  reference: string;
  parent: string | null;
  project: string | null;
  language: string | null;
  uri: string | null;
  range: Json;
  title: string;
  text: string;
  created_at: number;
}

/** As far as others than search itself know it. */
interface SearchDocumentTable {
  profile_id: string;
}

interface SearchQueueTable {
  id: Generated<number>;
  kind: string;
  reference: string;
}

interface CodeFileTable {
  profile_id: string;
  root: string;
  path: string;
  stamp: string;
  hash: string;
  chunks: number;
}

interface KeyFileTable {
  id: number;
  generation: number;
}

interface DeletedChatTable {
  id: string;
  profile_id: string;
  title: string;
  message_count: number;
  deleted_at: number;
  content: string;
}

interface DeletedMessageTable {
  chat_id: string;
  place: number;
  content: string;
}

export interface MemoryTable {
  id: string;
  profile_id: string;
  project_id: string | null;
  text: string;
  state: MemoryState;
  enabled: Generated<Flag>;
  message_id: string | null;
  created_at: number;
  used_at: number | null;
  uses: Generated<number>;
}

export interface SummaryTable {
  message_id: string;
  text: string;
  model: string;
  created_at: number;
  checksum: number;
}

export interface JobTable {
  id: string;
  profile_id: string;
  kind: string;
  title: string;
  state: JobState;
  request: string;
  result: Json;
  failure: string | null;
  bytes: number;
  created_at: number;
  ended_at: number | null;
  question: Json;
  document: string | null;
  touched_at: number;
}

interface JobStageTable {
  job_id: string;
  place: number;
  name: string;
  cost_usd: number | null;
  content: string;
}

export interface WrittenTable {
  job_id: string;
  profile_id: string;
  decision_id: string | null;
  coder: string;
  language: string;
  draft_passes: Flag | null;
  revision_passes: Flag | null;
  judge: string | null;
  confidence: number | null;
  kept: Flag | null;
  created_at: number;
}

interface McpPinTable {
  profile_id: string;
  server: string;
  tool: string;
  config: string;
  hash: string;
  description: string;
  parameters: string;
  approved_at: number;
}

interface EditAnswerTable {
  id: Generated<number>;
  profile_id: string;
  model: string;
  format: string;
  ended: EditAnswerEnd;
}

interface ApprovalTable {
  profile_id: string;
  root: string;
  identity: string;
  kind: string;
  asked: string;
  created_at: number;
}

export interface CompletionTable {
  profile_id: string;
  id: string;
  model: string;
  language: string;
  latency_ms: number;
  characters: number;
  lines: number;
  features: string;
  accepted: Flag | null;
  kept_ms: number | null;
  shown_at: number;
}

/** A value as JSON text, or null when there is none. */
export type Json = string | null;

/** SQLite's truth: 0 or 1. */
type Flag = number;

export function toJson(value: unknown): Json {
  return value === undefined ? null : JSON.stringify(value);
}

/** The value of JSON text that was stored; what cannot be read was damaged on the disk. Throws DamageError. */
export function fromJson<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new DamageError('a stored value is no JSON any more');
  }
}
