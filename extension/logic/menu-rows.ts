// The rows of the status bar's menu: the most used commands, and those that help when the daemon has a problem. Pure.

export interface MenuRow {
  label: string;
  command: string;
  /** Of the command. */
  argument?: string;
  description?: string;
}

interface MenuFacts {
  /** Undefined where it isn't known. */
  hasModel?: boolean | undefined;
  /** Of code completion. */
  completion?: readonly MenuRow[];
  /** What today cost, in words. */
  spent?: string | undefined;
}

const budgets = 'switchyard.budgets';

const first: readonly MenuRow[] = [
  { label: '$(comment-discussion) Open Chat', command: 'switchyard.openChat' },
  { label: '$(history) Open History', command: 'switchyard.openHistory' },
  { label: '$(checklist) Review File', command: 'switchyard.reviewFile' },
  { label: '$(git-compare) Review Changes…', command: 'switchyard.reviewChanges' },
];

const download: MenuRow = { label: '$(cloud-download) Download Model…', command: 'switchyard.downloadModel' };
const addKey: MenuRow = { label: '$(key) Add API Key…', command: 'switchyard.setKey' };
const beginnings = [download, addKey];

const rest: readonly MenuRow[] = [
  { label: '$(sparkle) Choose Model…', command: 'switchyard.chooseModel' },
  { label: '$(type-hierarchy) Routing Policy…', command: 'switchyard.routingPolicy' },
  { label: '$(credit-card) Budgets…', command: budgets },
  { label: '$(account) Switch Profile…', command: 'switchyard.switchProfile' },
  { label: '$(run-all) Show Jobs', command: 'switchyard.showJobs' },
  { label: '$(plug) MCP Servers…', command: 'switchyard.manageMcpServers' },
  { label: '$(shield) Show What Is Always Allowed…', command: 'switchyard.showAllowed' },
  { label: '$(list-tree) Refresh Index', command: 'switchyard.refreshIndex' },
  addKey,
  { label: '$(library) Manage Models', command: 'switchyard.manageModels' },
  download,
  { label: '$(file-binary) Import Model…', command: 'switchyard.importModel' },
  { label: '$(globe) Open in Browser', command: 'switchyard.openInBrowser' },
  { label: '$(pulse) Doctor', command: 'switchyard.doctor' },
  { label: '$(output) Show Log', command: 'switchyard.showLog' },
  { label: '$(debug-restart) Restart Daemon', command: 'switchyard.restartDaemon' },
  { label: '$(settings-gear) Open Configuration', command: 'switchyard.openConfig' },
];

/** Where there is no model, the ways to get one come first. */
export function menuRows({ hasModel, completion = [], spent }: MenuFacts = {}): MenuRow[] {
  const begin = hasModel === false ? beginnings : [];
  const others = rest.filter((row) => !begin.includes(row));
  return [
    ...begin,
    ...first,
    ...completion,
    ...others.map((row) => (row.command === budgets && spent !== undefined ? { ...row, description: spent } : row)),
  ];
}
