// Takes a lock when told to, and holds it until its parent lets go. Run by lock.test.ts.
import { takeLock } from '../../../../daemon/base/lock.ts';

process.send?.('ready');
process.on('message', () => process.send?.({ held: 'held' in takeLock(process.argv[2] ?? '', 'contender') }));
