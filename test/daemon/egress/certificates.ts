// Certificates made on the spot: as much of X.509 (RFC 5280) and DER as a root and a server's certificate need.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';

export interface Issued {
  /** PEM. */
  certificate: string;
  key: string;
}

export interface Wish {
  name: string;
  /** Left out: signed by itself. */
  issuer?: Issued & { name: string };
  /** DNS names and IPv4 addresses that it is valid for; none makes it an authority. */
  hosts?: readonly string[];
  from?: Date;
  until?: Date;
}

const dayMs = 86_400_000;

export function issue({
  name,
  issuer,
  hosts = [],
  from = new Date(Date.now() - dayMs),
  until = new Date(Date.now() + 30 * dayMs),
}: Wish): Issued {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer = issuer ? createPrivateKey(issuer.key) : privateKey;
  const body = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    distinguished(issuer?.name ?? name),
    sequence(time(from), time(until)),
    distinguished(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, sequence(...extensions({ hosts, own: publicKey, issuer: createPublicKey(signer) }))),
  );
  const certificate = sequence(body, ecdsaWithSha256, bits(sign('sha256', body, signer)));
  return {
    certificate: pem('CERTIFICATE', certificate),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function extensions({ hosts, own, issuer }: { hosts: readonly string[]; own: KeyObject; issuer: KeyObject }): Buffer[] {
  const isAuthority = hosts.length === 0;
  const names = hosts.map((host) =>
    /^[\d.]+$/.test(host) ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host)),
  );
  return [
    extension([2, 5, 29, 19], sequence(...(isAuthority ? [der(0x01, Buffer.from([0xff]))] : []))),
    extension([2, 5, 29, 14], der(0x04, keyId(own))),
    extension([2, 5, 29, 35], sequence(der(0x80, keyId(issuer)))),
    ...(isAuthority ? [] : [extension([2, 5, 29, 17], sequence(...names))]),
  ];
}

function extension(id: number[], value: Buffer): Buffer {
  return sequence(objectId(id), der(0x04, value));
}

function keyId(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: Buffer[]): Buffer => der(0x30, ...parts);
const integer = (value: Buffer): Buffer => der(0x02, value);
const tagged = (number: number, content: Buffer): Buffer => der(0xa0 + number, content);
const bits = (content: Buffer): Buffer => der(0x03, Buffer.from([0]), content);
const time = (date: Date): Buffer => der(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]|\..*/g, '')}Z`));
const distinguished = (name: string): Buffer =>
  sequence(der(0x31, sequence(objectId([2, 5, 4, 3]), der(0x0c, Buffer.from(name)))));

function objectId([first = 0, second = 0, ...rest]: number[]): Buffer {
  const groups = (value: number): number[] =>
    value < 128 ? [value] : [...groups(value >> 7).map((group) => group | 0x80), value & 0x7f];
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(groups)]));
}

const ecdsaWithSha256 = sequence(objectId([1, 2, 840, 10045, 4, 3, 2]));

function pem(label: string, content: Buffer): string {
  // No empty line where the last one is full: OpenSSL does not read past it.
  const lines = content.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
