// The address of a page, as a model or a server writes it. Pure. Where a name leads is checked when it is connected to.
import { UserError } from '../../base/errors.ts';
import { redact } from '../../models/secrets/scanner.ts';

const maxChars = 2000;

/** Throws UserErrors `wrong-address` and `secret-in-request`. */
export function pageAddress(written: string, base?: URL): URL {
  const url = URL.parse(written.trim(), base?.href);
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '' || url.href.length > maxChars)
    throw new UserError(
      'wrong-address',
      'Only pages with an address that begins with http:// or https:// can be fetched.',
    );
  if (url.username !== '' || url.password !== '')
    throw new UserError('wrong-address', `Leave out the user name and the password in the address of ${url.host}.`);
  refuseSecrets(url.href, url.host);
  url.hash = '';
  return url;
}

/** What goes into a request to a server is read there. Throws UserError `secret-in-request`. */
export function refuseSecrets(text: string, to: string): void {
  if (redact(decodedText(text)).text === decodedText(text)) return;
  throw new UserError(
    'secret-in-request',
    `This has what looks like a password or an API key in it, so it wasn't sent to ${to}.`,
  );
}

function decodedText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whether it has its scheme's own port. */
export function hasUsualPort({ port }: URL): boolean {
  return port === '';
}

/** Whether a redirect stays with the site that was asked for: its host, with or without `www.`, and no less encrypted. */
export function isSameSite(from: URL, to: URL): boolean {
  const name = ({ hostname }: URL): string => hostname.replace(/^www\./, '');
  const isDowngrade = from.protocol === 'https:' && to.protocol !== 'https:';
  return name(from) === name(to) && from.port === to.port && !isDowngrade;
}
