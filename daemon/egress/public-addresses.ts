// Which addresses a page may be fetched from: those that anybody on the internet reaches alike. Everything else is a network of the user's,
// this machine, or reserved (the registries of special-purpose addresses, RFC 6890), and answers there are nobody's pages.
import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { UserError } from '../base/errors.ts';

/** Asks for the addresses of a name, as `dns.lookup` does. */
export type NameLookup = LookupFunction;

const reserved4 = listOf('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10', // shared by providers' customers
  '127.0.0.0/8',
  '168.63.129.16/32', // Azure's own services
  '169.254.0.0/16', // link-local, and clouds' metadata
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
]);
const global6 = listOf('ipv6', ['2000::/3']);
const reserved6 = listOf('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);
/** An IPv4 address stands at their end: where a network translates, all of IPv4 is reached through it. */
const translated = listOf('ipv6', ['64:ff9b::/96']);

function listOf(family: 'ipv4' | 'ipv6', ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', bits = ''] = range.split('/');
    list.addSubnet(network, Number(bits), family);
  }
  return list;
}

/** Whether a literal address is one of the internet's, and not this machine's own. */
export function isPublicAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '');
  if (isOwn(bare)) return false;
  if (isIP(bare) === 4) return !reserved4.check(bare, 'ipv4');
  if (isIP(bare) !== 6 || bare.includes('%')) return false;
  if (translated.check(bare, 'ipv6')) return isPublicAddress(lastFour(bare));
  return global6.check(bare, 'ipv6') && !reserved6.check(bare, 'ipv6');
}

function isOwn(address: string): boolean {
  return Object.values(networkInterfaces()).some((each) => each?.some((own) => own.address === address));
}

/** The last 32 bits of an IPv6 address, as the IPv4 address that they are. */
function lastFour(address: string): string {
  const { hostname } = new URL(`http://[${address}]`); // always in hexadecimal
  const [high = '0', low = '0'] = hostname.slice(1, -1).replace('::', ':0:').split(':').slice(-2);
  const [a, b] = [Number.parseInt(high || '0', 16), Number.parseInt(low || '0', 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join('.');
}

export function notPublic(host: string): UserError {
  return new UserError(
    'private-address',
    `${host} is an address of this machine, of a private network, or of none, so it wasn't contacted. Only pages on the internet can be fetched.`,
  );
}

export interface AddressRule {
  lookup: NameLookup;
  isAllowed(address: string): boolean;
}

export const publicOnly: AddressRule = {
  lookup: (name, options, done) => void lookup(name, options as { all: true }, done as never),
  isAllowed: isPublicAddress,
};

/** Throws UserError `private-address` for a host that is written as an address, in whatever form. */
export function checkLiteral(url: URL, { isAllowed }: AddressRule): void {
  const bare = url.hostname.replace(/^\[|\]$/g, ''); // a URL's numbers are in their plain form already
  if (isIP(bare) !== 0 && !isAllowed(bare)) throw notPublic(url.host);
}

/** Looks names up, and fails where one of the addresses may not be contacted: what is connected to is what was checked. */
export function checkedLookup({ lookup: ask, isAllowed }: AddressRule): LookupFunction {
  return (name, options, done) => {
    ask(name, { ...options, all: true }, (error, found) => {
      const addresses = Array.isArray(found) ? found : [];
      if (error) return done(error, []);
      if (addresses.length === 0 || !addresses.every(({ address }) => isAllowed(address)))
        return done(notPublic(name), []);
      const [first] = addresses;
      if (options.all || !first) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}
