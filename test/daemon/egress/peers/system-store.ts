// Asks a server twice, trusting the system's certificates and not, in a process whose system store a test has chosen (it is read once
// in the life of a process). Prints how each ended.
import { egressWith } from '../kit.ts';

const [url = ''] = process.argv.slice(2);
const ended: string[] = [];
for (const systemCertificates of [true, false]) {
  await using egress = egressWith({ network: () => ({ systemCertificates }) });
  ended.push(
    await egress.fetch(url).then(
      ({ status }) => String(status),
      (error: { code: string }) => error.code,
    ),
  );
}
process.stdout.write(ended.join(' '));
