// The lowest layer of the composition.
import { dirname } from 'node:path';
import { historyChanged } from '../../shared/notifications.ts';
import { ConfigFile } from '../base/config/config.ts';
import { hideSecrets } from '../base/config/secrets.ts';
import { Listeners } from '../base/listeners.ts';
import { createLog, Redactor } from '../base/log.ts';
import type { Paths } from '../base/paths.ts';
import { forbidReports } from '../base/process/diagnostics.ts';
import { programFiles } from '../base/program-files.ts';
import { createEgress } from '../egress/egress.ts';
import { createKeystore } from '../keys/keystore.ts';
import { RequestLog } from '../request-log/request-log.ts';
import type { DaemonShapes } from '../services.ts';
import { createNetwork } from '../sessions/network-settings.ts';
import { RequestContext } from '../sessions/request-context.ts';
import { Sessions } from '../sessions/sessions.ts';
import { Trust } from '../sessions/trust.ts';
import { openStorage } from '../storage/sqlite/client.ts';

interface FoundationOptions {
  paths: Paths;
  onShutdown(): void;
}

/** What everything else stands on: settings, sessions, storage, keys, and the one way out. */
export function layFoundations({ paths, onShutdown }: FoundationOptions) {
  forbidReports();
  const files = programFiles();
  const redactor = new Redactor();
  const logSink = createLog({ file: paths.logFile, redactor });
  const { log } = logSink;
  const config = new ConfigFile(paths.configFile);
  hideSecrets(config, redactor);
  const requestContext = new RequestContext();
  const sessions = new Sessions(() => config.config.daemon.idleExitMinutes * 60_000, onShutdown);
  const network = createNetwork({ config: () => config.config, sessions, requestContext, redactor });
  const indexed = new Listeners<[]>();
  const storage = openStorage<DaemonShapes>({
    database: paths.database,
    workerPath: files.storageWorker,
    log,
    onNotice: (notice) => sessions.tell(notice),
    onListed: (profile) => sessions.notifySoon(historyChanged, profile),
    onIndexed: () => indexed.notify(),
  });
  return {
    paths,
    files,
    redactor,
    logSink,
    log,
    config,
    requestContext,
    sessions,
    network,
    egress: createEgress({ localOnly: network.localOnly, log, network: network.settings }),
    storage,
    indexed,
    trust: new Trust({ dataDir: paths.data, log }),
    keys: createKeystore({ dataDir: paths.data, redactor, log, witness: storage.keyFile }),
    requestLog: new RequestLog({ folder: dirname(paths.logFile), redactor, log, now: Date.now }),
  };
}

export type Foundations = ReturnType<typeof layFoundations>;
