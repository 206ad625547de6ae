// Takes each lock it is sent, and holds it until its parent lets go. Run by lock.test.ts.
import { takeLock } from '../../../../daemon/base/lock.ts';

process.send?.('ready');
process.on('message', (file: string) => process.send?.({ held: 'held' in takeLock(file, 'contender') }));
