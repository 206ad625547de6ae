// The storage of one profile: every part is bound to its id, and no query of a part asks for another.

import type { EnginePart } from '../call-table.ts';
import type { ProfileCalls } from '../calls.ts';
import { SqliteChats } from '../chats/chats.ts';
import { SqliteOlderMessages } from '../chats/older-messages.ts';
import { SqliteTrash } from '../chats/trash.ts';
import { SqliteCode } from '../code.ts';
import { SqliteImports } from '../import/importer.ts';
import type { StagedChats } from '../import/staging.ts';
import { SqliteMemories } from '../memories.ts';
import { SqliteApprovals } from '../records/approvals.ts';
import { SqliteCompletionLog } from '../records/completions.ts';
import { SqliteDecisionLog } from '../records/decisions.ts';
import { SqliteEditAnswers } from '../records/edit-answers.ts';
import { SqliteFindings } from '../records/findings.ts';
import { SqliteJobs } from '../records/jobs.ts';
import { SqliteLedger } from '../records/ledger.ts';
import { SqliteMcpPins } from '../records/mcp-pins.ts';
import { SqliteWrittenLog } from '../records/written.ts';
import type { SqliteSearch } from '../search/search.ts';
import type { Sql } from '../sql.ts';
import { SqliteProjects } from './projects.ts';

/** Lives as long as an open database, or until the profile is deleted. */
export function profileParts(
  { sql, search, staged, newId }: { sql: Sql; search: SqliteSearch; staged: StagedChats; newId(): string },
  profile: string,
) {
  const own = { sql, newId, profile };
  return {
    chats: new SqliteChats(own),
    older: new SqliteOlderMessages(own),
    trash: new SqliteTrash(own),
    findings: new SqliteFindings(own),
    ledger: new SqliteLedger(own),
    decisions: new SqliteDecisionLog(own),
    projects: new SqliteProjects(own),
    search: search.in(profile),
    code: new SqliteCode(own),
    memories: new SqliteMemories(own),
    jobs: new SqliteJobs(own),
    written: new SqliteWrittenLog(own),
    editAnswers: new SqliteEditAnswers(own),
    completions: new SqliteCompletionLog(own),
    approvals: new SqliteApprovals(own),
    mcpPins: new SqliteMcpPins(own),
    imports: new SqliteImports(own, staged),
  } satisfies { [Part in keyof ProfileCalls]: EnginePart<Part> };
}
