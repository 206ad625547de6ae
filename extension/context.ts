// Context: the one object handed round in the extension. Lives as long as the extension is active.
import type * as vscode from 'vscode';
import type { ChangeSets } from './change-sets/change-sets.ts';
import type { ChatView } from './chat-view.ts';
import type { Completion } from './completion/completion.ts';
import type { DaemonClient } from './daemon-client.ts';
import type { Edits } from './edits.ts';
import type { Findings } from './findings.ts';
import type { HistoryView } from './history-view.ts';
import type { IndexWatch } from './index-watch.ts';
import type { KeptEdits } from './kept-edits.ts';
import type { Downloads } from './models/downloads.ts';
import type { ModelsView } from './models/models-view.ts';
import type { InlineAsks } from './previews/inline-asks.ts';
import type { VirtualDocuments } from './previews/virtual-documents.ts';
import type { ReviewView } from './review/review-view.ts';

export interface Context {
  readonly log: vscode.LogOutputChannel;
  readonly daemon: DaemonClient;
  readonly documents: VirtualDocuments;
  readonly edits: Edits;
  readonly kept: KeptEdits;
  readonly changes: ChangeSets;
  readonly asks: InlineAsks;
  readonly findings: Findings;
  readonly review: ReviewView;
  readonly chat: ChatView;
  readonly history: HistoryView;
  readonly index: IndexWatch;
  readonly completion: Completion;
  readonly downloads: Downloads;
  readonly models: ModelsView;
}
