// How the network is reached. Two places say so: config.json for the whole daemon, and each editor window for its own requests.
import type { ClientOptions } from '../../shared/protocol/daemon.ts';
import type { Config } from '../base/config/config.ts';
import { secretsInAddress } from '../base/config/secrets.ts';
import type { NetworkSettings } from '../base/egress.ts';
import type { Redactor } from '../base/log.ts';
import type { RequestContext } from './request-context.ts';
import type { Sessions } from './sessions.ts';

interface NetworkDeps {
  config(): Config;
  sessions: Pick<Sessions, 'served'>;
  requestContext: Pick<RequestContext, 'session'>;
  redactor: Pick<Redactor, 'add'>;
}

interface Network {
  /** Any window that wants to stay local keeps the whole daemon local. */
  localOnly(): boolean;
  /** For the request that is being made now. */
  settings(): NetworkSettings;
}

export function createNetwork({ config, sessions, requestContext, redactor }: NetworkDeps): Network {
  return {
    localOnly: () => config().localOnly || sessions.served.some(({ options }) => options.localOnly === true),
    settings() {
      const own = config().network;
      const window = windowOf(
        requestContext.session?.options,
        sessions.served.map(({ options }) => options),
      );
      for (const secret of secretsInAddress(window.proxy)) redactor.add(secret);
      return {
        ...own,
        ...(own.proxy === undefined && window.proxy && { proxy: window.proxy }),
        ...(window.noProxy && { noProxy: [...(own.noProxy ?? []), ...window.noProxy] }),
        ...(window.systemCertificates === false && { systemCertificates: false }),
      };
    },
  };
}

type WindowNetwork = Pick<ClientOptions, 'proxy' | 'noProxy' | 'systemCertificates'>;

/** The window that asks, if it sets anything; else the first that names a proxy, since the command line has no settings of its own. */
function windowOf(asking: WindowNetwork | undefined, all: readonly WindowNetwork[]): WindowNetwork {
  const saysSomething = asking && (asking.proxy || asking.noProxy || asking.systemCertificates !== undefined);
  return (saysSomething ? asking : all.find(({ proxy }) => proxy)) ?? {};
}
