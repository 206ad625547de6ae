// A stream under a meter of its own, for callers that need nothing of the meter afterwards.
import type { StreamPart } from '../providers/provider.ts';
import { Meter, type MeterDeps } from './meter.ts';

export function metered(deps: MeterDeps, start: () => AsyncIterable<StreamPart>): AsyncGenerator<StreamPart> {
  return new Meter(deps).stream(start);
}
