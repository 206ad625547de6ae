// What the status bar says about the daemon. Pure.
import type { DaemonStatus } from '../../shared/protocol/daemon.ts';
import type { Result } from '../../shared/protocol/define.ts';

export type DaemonState =
  | { kind: 'starting' }
  | { kind: 'connected' }
  | { kind: 'reconnecting'; detail: string }
  | { kind: 'lost'; detail: string };

export interface StatusText {
  text: string;
  tooltip: string;
  isWarning: boolean;
}

export function statusText(state: DaemonState, status: Result<typeof DaemonStatus> | undefined): StatusText {
  if (state.kind === 'starting') return { text: '$(loading~spin) Switchyard', tooltip: 'Switchyard: the daemon is starting.', isWarning: false };
  if (state.kind === 'reconnecting') {
    return { text: '$(loading~spin) Switchyard', tooltip: `Switchyard: reconnecting to the daemon. ${state.detail}`, isWarning: false };
  }
  if (state.kind === 'lost') return { text: '$(warning) Switchyard', tooltip: `Switchyard: the daemon is not running. ${state.detail}`, isWarning: true };
  if (!status) return { text: '$(check) Switchyard', tooltip: 'Switchyard: connected to the daemon.', isWarning: false };

  const loaded = status.models.filter((model) => model.loaded).map((model) => model.id);
  const working = status.running.some((method) => method !== 'switchyard/daemon/status');
  return {
    text: [working ? '$(loading~spin)' : '$(check)', loaded[0] ?? 'Switchyard'].join(' '),
    tooltip: [
      `Switchyard ${status.version}, daemon process ${status.pid}`,
      `${count(status.clients.length, 'client')}, ${Math.round(status.memoryBytes / 1e6)} MB`,
      loaded.length > 0 ? `In memory: ${loaded.join(', ')}` : 'No local model in memory',
    ].join('\n'),
    isWarning: false,
  };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
