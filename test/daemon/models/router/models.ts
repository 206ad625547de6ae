// Models as the router sees them, for tests: made in one line each. Nothing here answers, since the router asks no model.
import assert from 'node:assert/strict';
import type { Provider } from '../../../../daemon/models/providers/provider.ts';
import type { Candidate } from '../../../../daemon/models/router/router.ts';

export interface Making {
  local?: boolean;
  state?: Candidate['health']['state'];
  detail?: string;
  info?: Partial<Candidate['info']>;
}

export function model(id: string, { local = false, state = 'ok', detail = '', info = {} }: Making = {}): Candidate {
  const [name = '', ...rest] = id.split('/');
  const provider: Provider = {
    name,
    local,
    listModels: () => assert.fail('the router asks no provider'),
    stream: () => assert.fail('the router asks no provider'),
    embed: () => assert.fail('the router asks no provider'),
  };
  return {
    id,
    provider,
    info: { name: rest.join('/'), capabilities: {}, source: 'server', ...info },
    health: { state, ...(detail && { detail }) },
  };
}

/** A cloud model of known quality and price. */
export function priced(id: string, quality: number, usdPerMillion: number): Candidate {
  return model(id, { info: { quality, price: { input: usdPerMillion, output: usdPerMillion * 3 } } });
}
