// Every message of Switchyard in one list; the table in ARCHITECTURE.md is generated from it.
import {
  AgentApprove,
  AgentCall,
  AgentChanges,
  AgentKeep,
  AgentModes,
  AgentPrompts,
  AgentPrune,
  AgentRun,
  AgentUndo,
} from './agent.ts';
import { ModelAnswer, ModelTokens } from './answer.ts';
import { BackupCreate, BackupList, BackupRestore, BackupVerify } from './backup.ts';
import {
  ChatBranch,
  ChatChanges,
  ChatCreate,
  ChatDelete,
  ChatDeleted,
  ChatExport,
  ChatFork,
  ChatList,
  ChatMessages,
  ChatPin,
  ChatPurge,
  ChatRename,
  ChatRestore,
  ChatSend,
  ChatStop,
} from './chat.ts';
import { CodeAction, CodeTests, CodeWrite } from './code.ts';
import { IndexRefresh, IndexStatus } from './code-index.ts';
import { CommitMessage } from './commit.ts';
import { CompletionFilter, CompletionForget, CompletionOutcome } from './completion.ts';
import { ContextSuggest } from './context.ts';
import { CostsSummary } from './costs.ts';
import { DaemonDoctor, DaemonShutdown, DaemonStatus, GatewayOpen } from './daemon.ts';
import type { AnyRequest } from './define.ts';
import { GpuInstall, GpuRemove, GpuStatus } from './gpu.ts';
import { JobsAnswer, JobsCancel, JobsGet, JobsList, JobsResume } from './jobs.ts';
import { KeysCheck, KeysDelete, KeysList, KeysRotate, KeysSet } from './keys.ts';
import { McpApprove, McpConfigure, McpList, McpLogin, McpLogout, McpRestart } from './mcp.ts';
import {
  MemoriesAccept,
  MemoriesAdd,
  MemoriesDelete,
  MemoriesDismiss,
  MemoriesList,
  MemoriesUpdate,
} from './memories.ts';
import {
  ModelsConfigure,
  ModelsDelete,
  ModelsDeleted,
  ModelsDiscard,
  ModelsDownloads,
  ModelsEdits,
  ModelsImport,
  ModelsList,
  ModelsLoad,
  ModelsPrefer,
  ModelsPull,
  ModelsPurge,
  ModelsRestore,
  ModelsSearch,
  ModelsSettings,
  ModelsSetup,
  ModelsStop,
  ModelsUnload,
  ModelsWaiting,
} from './models.ts';
import {
  ProfileCreate,
  ProfileDelete,
  ProfileList,
  ProfileUpdate,
  ProfileUse,
  ProjectAttach,
  ProjectList,
} from './profiles.ts';
import {
  ReviewCurrent,
  ReviewDismiss,
  ReviewDismissed,
  ReviewFindings,
  ReviewFix,
  ReviewForget,
  ReviewList,
  ReviewRun,
  ReviewUndismiss,
} from './review.ts';
import { ReviewRevisions, ReviewScope } from './revisions.ts';
import { RouterAnalyze, RouterDecision, RouterDecisions, RouterOutcome, RouterReplay } from './router.ts';
import { Search } from './search.ts';
import { ToolsCall, ToolsList } from './tools.ts';
import { ChatImport, ChatTree } from './transfer.ts';
import { TrustAllowed, TrustForget, TrustList, TrustSet } from './trust.ts';
import { VisionGenerate, VisionOcr } from './vision.ts';

export * from './agent.ts';
export * from './answer.ts';
export * from './backup.ts';
export * from './chat.ts';
export * from './code.ts';
export * from './code-index.ts';
export * from './commit.ts';
export * from './completion.ts';
export * from './context.ts';
export * from './costs.ts';
export * from './daemon.ts';
export * from './define.ts';
export * from './gpu.ts';
export * from './jobs.ts';
export * from './keys.ts';
export * from './mcp.ts';
export * from './memories.ts';
export * from './models.ts';
export * from './profiles.ts';
export * from './review.ts';
export * from './revisions.ts';
export * from './router.ts';
export * from './search.ts';
export * from './text.ts';
export * from './tools.ts';
export * from './transfer.ts';
export * from './trust.ts';
export * from './version.ts';
export * from './vision.ts';

export const messages: readonly AnyRequest[] = [
  DaemonStatus,
  DaemonDoctor,
  DaemonShutdown,
  GatewayOpen,
  ChatSend,
  ChatStop,
  ChatCreate,
  ChatRename,
  ChatDelete,
  ChatFork,
  ChatList,
  ChatMessages,
  ChatBranch,
  ChatPin,
  ChatChanges,
  ChatExport,
  ChatDeleted,
  ChatRestore,
  ChatPurge,
  ChatTree,
  ChatImport,
  ProfileList,
  ProfileCreate,
  ProfileUpdate,
  ProfileDelete,
  ProfileUse,
  ProjectList,
  ProjectAttach,
  ReviewRun,
  ReviewDismiss,
  ReviewForget,
  ReviewUndismiss,
  ReviewCurrent,
  ReviewDismissed,
  ReviewFix,
  ReviewList,
  ReviewFindings,
  ReviewRevisions,
  ReviewScope,
  CodeAction,
  CodeTests,
  CodeWrite,
  CommitMessage,
  VisionOcr,
  VisionGenerate,
  CompletionOutcome,
  CompletionFilter,
  CompletionForget,
  JobsList,
  JobsGet,
  JobsCancel,
  JobsResume,
  AgentCall,
  AgentChanges,
  AgentKeep,
  AgentUndo,
  AgentPrune,
  ModelAnswer,
  ModelTokens,
  JobsAnswer,
  ModelsList,
  ModelsSetup,
  ModelsSearch,
  ModelsPull,
  ModelsDownloads,
  ModelsDiscard,
  ModelsImport,
  ModelsLoad,
  ModelsUnload,
  ModelsDelete,
  ModelsDeleted,
  ModelsRestore,
  ModelsPurge,
  ModelsEdits,
  ModelsSettings,
  ModelsConfigure,
  ModelsWaiting,
  ModelsPrefer,
  ModelsStop,
  GpuStatus,
  GpuInstall,
  GpuRemove,
  ContextSuggest,
  IndexStatus,
  IndexRefresh,
  KeysSet,
  KeysCheck,
  KeysList,
  KeysDelete,
  KeysRotate,
  TrustSet,
  TrustList,
  TrustAllowed,
  TrustForget,
  CostsSummary,
  BackupCreate,
  BackupList,
  BackupVerify,
  BackupRestore,
  RouterAnalyze,
  RouterDecision,
  RouterDecisions,
  RouterOutcome,
  RouterReplay,
  Search,
  MemoriesList,
  MemoriesAdd,
  MemoriesUpdate,
  MemoriesDelete,
  MemoriesAccept,
  MemoriesDismiss,
  ToolsList,
  ToolsCall,
  AgentRun,
  AgentApprove,
  AgentModes,
  McpList,
  McpApprove,
  McpConfigure,
  McpRestart,
  McpLogin,
  McpLogout,
  AgentPrompts,
];
