// The web as the tests of this folder have it: this machine stands for the internet, and nothing else is there.
import { fileURLToPath } from 'node:url';
import type { Egress } from '../../../../daemon/egress/egress.ts';
import { isPublicAddress } from '../../../../daemon/egress/public-addresses.ts';
import type { ToolRun } from '../../../../daemon/features/agent/tools/tool.ts';
import { PageReader } from '../../../../daemon/features/web/reading/reader.ts';
import { sessionView } from '../../../fakes/session-view.ts';
import { egressWith } from '../../egress/kit.ts';
import { silentLog } from '../../storage/open-storage.ts';

/** Every name is this machine's; `inside.example` is one of a private network. */
export function smallWeb(): Egress {
  return egressWith({
    publicAddresses: {
      lookup: (name, _options, done) =>
        done(null, [{ address: name === 'inside.example' ? '10.1.2.3' : '127.0.0.1', family: 4 }]),
      isAllowed: (address) => address === '127.0.0.1' || isPublicAddress(address),
    },
  });
}

const readerPath = fileURLToPath(new URL('../../../../daemon/features/web/reading/host.ts', import.meta.url));

export function pageReader(maxMs?: number): PageReader {
  return new PageReader({ hostPath: readerPath, log: silentLog, ...(maxMs !== undefined && { maxMs }) });
}

export function toolRun(stop = new AbortController()): ToolRun {
  return {
    jobId: 'job',
    profile: 'default',
    session: sessionView({ roots: [] }),
    root: '/project',
    signal: stop.signal,
    report() {},
  };
}
