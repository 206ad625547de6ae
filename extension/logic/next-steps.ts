// What VS Code offers where a sentence of the daemon's names a command of the terminal: the same, as a command of this window. Pure.

export interface NextStep {
  /** On a button; in package.json too. */
  title: string;
  command: string;
}

interface Told {
  message: string;
  code?: string;
}

const download: NextStep = { title: 'Download Model…', command: 'switchyard.downloadModel' };
const addKey: NextStep = { title: 'Add API Key…', command: 'switchyard.setKey' };

const setUpCompletion: NextStep = { title: 'Set Up Completion…', command: 'switchyard.setUpCompletion' };

/** TABLE by how the terminal's command begins. The first entry that fits counts, so what is more special comes first. */
const steps: readonly (readonly [begins: string, step: NextStep])[] = [
  ['keys rotate', { title: 'Rotate API Keys', command: 'switchyard.rotateKeys' }],
  ['keys', addKey],
  ['models pull', download],
  ['models add', { title: 'Import Model…', command: 'switchyard.importModel' }],
  ['models', { title: 'Manage Models', command: 'switchyard.manageModels' }],
  ['gpu', { title: 'Get GPU Support…', command: 'switchyard.installGpu' }],
  ['mcp', { title: 'MCP Servers…', command: 'switchyard.manageMcpServers' }],
  ['jobs', { title: 'Show Jobs', command: 'switchyard.showJobs' }],
  ['profiles', { title: 'Switch Profile…', command: 'switchyard.switchProfile' }],
  ['projects', { title: 'Reconnect Project…', command: 'switchyard.attachProject' }],
  ['doctor', { title: 'Doctor', command: 'switchyard.doctor' }],
  ['open', { title: 'Open in Browser', command: 'switchyard.openInBrowser' }],
  ['stop', { title: 'Restart Daemon', command: 'switchyard.restartDaemon' }],
];

/** The daemon says where nothing is suggested, and why. */
const noCompletionModel = 'No model for code completion is set up yet.';

const named = /`switchyard ([^`]+)`/g;

/** What to press next. None where nothing in this window helps. */
export function nextSteps({ message, code }: Told): readonly NextStep[] {
  if (code === 'no-model' || message.includes('No model is set up yet.')) return [download, addKey];
  if (message.includes(noCompletionModel)) return [setUpCompletion];
  const found = [...message.matchAll(named)].flatMap(([, words = '']) => stepFor(words) ?? []);
  return [...new Set(found)].slice(0, 2);
}

/** The sentence without what it has in brackets for the terminal alone: `Add an API key (…)`. */
export function withoutTerminal(message: string): string {
  return message.replace(/ \(`switchyard [^`]+`\)/g, '');
}

function stepFor(words: string): NextStep | undefined {
  return steps.find(([begins]) => words === begins || words.startsWith(`${begins} `))?.[1];
}
