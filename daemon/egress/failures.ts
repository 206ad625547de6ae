// Why a connection could not be made, in two sentences: what happened, naming the certificate that failed, and what to
// do.
import type { X509Certificate } from 'node:crypto';
import { errnoCode, UserError } from '../base/errors.ts';

/** Keeps what happened and what to do apart, so that `doctor` can show both. */
export class ConnectionFailure extends UserError {
  readonly what: string;
  readonly fix: string;
  constructor(what: string, fix: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super('network', `${what} ${fix}`, options);
    this.what = what;
    this.fix = fix;
  }
}

/**
 * A TLS handshake that failed. The chain begins with the server's own certificate; it is empty when the server sent
 * none.
 */
export function failureOfTls(error: unknown, host: string, chain: readonly X509Certificate[]): ConnectionFailure {
  const code = errnoCode(error) ?? '';
  const [own] = chain;
  if (!own) {
    return new ConnectionFailure(
      `Couldn't connect securely to ${host} (${code || String(error)}).`,
      `Check that ${host} serves https, and that no firewall or proxy interferes.`,
      { cause: error },
    );
  }
  const { of, reason, fix } = verdicts[code] ?? { of: 'root', reason: "isn't trusted", fix: trustIt };
  const failing = { own, name: own, root: chain.at(-1) ?? own, dated: chain.find(isOutOfDate) ?? own }[of];
  const names = of === 'name' ? `; it is valid for ${own.subjectAltName ?? nameOf(own.subject)}` : '';
  return new ConnectionFailure(`The certificate of ${host} ${reason} (${code}): ${describe(failing)}${names}.`, fix, {
    cause: error,
  });
}

interface CertificateVerdict {
  /** Which certificate of the chain the verdict is about. */
  of: 'own' | 'root' | 'dated' | 'name';
  reason: string;
  fix: string;
}

const trustIt =
  'If your company or a virus scanner inspects traffic, add its root certificate to the system\'s store, or set its PEM file as "network.caFile" in config.json.';
const checkClock = "Check this machine's clock. If it's right, the server's owner must renew the certificate.";

/** Node's codes for a certificate that failed. */
const verdicts: Readonly<Record<string, CertificateVerdict>> = {
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: {
    of: 'root',
    reason: "was issued by an authority that isn't trusted here",
    fix: trustIt,
  },
  UNABLE_TO_GET_ISSUER_CERT: { of: 'root', reason: "was issued by an authority that isn't trusted here", fix: trustIt },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: {
    of: 'own',
    reason: "was issued by an authority that isn't trusted here, or came without its chain",
    fix: trustIt,
  },
  SELF_SIGNED_CERT_IN_CHAIN: { of: 'root', reason: "leads to a root that isn't trusted here", fix: trustIt },
  DEPTH_ZERO_SELF_SIGNED_CERT: { of: 'own', reason: 'is self-signed', fix: trustIt },
  CERT_HAS_EXPIRED: { of: 'dated', reason: 'has expired', fix: checkClock },
  CERT_NOT_YET_VALID: { of: 'dated', reason: "isn't valid yet", fix: checkClock },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    of: 'name',
    reason: 'is for a different name',
    fix: "Check the address. If it's right, something between here and the server is answering instead.",
  },
};

function isOutOfDate({ validFromDate, validToDate }: X509Certificate): boolean {
  const now = Date.now();
  return now < validFromDate.getTime() || now > validToDate.getTime();
}

function describe({ subject, issuer, validTo }: X509Certificate): string {
  return `subject ${nameOf(subject)}, issuer ${nameOf(issuer)}, valid until ${validTo}`;
}

/** A distinguished name on one line, without characters that a terminal would act on. */
export function nameOf(name: string): string {
  return (
    name
      .split('\n')
      .join(', ')
      .replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
      .slice(0, 200) || 'nobody'
  );
}

const proxyFix = 'Check "network.proxy" in config.json, or HTTPS_PROXY. To connect without a proxy, set "proxy": "".';

/** The failure to reach a proxy. A UserError, such as one about its certificate, is returned as it is. */
export function failureOfProxy(error: unknown, proxy: string): UserError {
  if (error instanceof UserError) return error;
  const reason = errnoCode(error) ?? (error instanceof Error ? error.message : String(error));
  return new ConnectionFailure(`Couldn't reach the proxy ${proxy} (${reason}).`, proxyFix, {
    retryable: true,
    cause: error,
  });
}

/** The failure of a proxy that refused to connect to the server. */
export function refusalOfProxy(status: number, proxy: string, host: string): ConnectionFailure {
  if (status === 407)
    return new ConnectionFailure(
      `The proxy ${proxy} requires a user name and password (407).`,
      'Add them to its address: http://name:password@host:port.',
    );
  const retryable = status >= 500;
  const fix = retryable
    ? `Check that ${host} exists, or try again later.`
    : `Ask its administrator to allow ${host}, or add the host to "network.noProxy" in config.json.`;
  return new ConnectionFailure(`The proxy ${proxy} didn't connect to ${host} (${status}).`, fix, { retryable });
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ENOTFOUND: "has a name that couldn't be resolved",
  EAI_AGAIN: "has a name that couldn't be resolved",
  ENETUNREACH: "can't be reached from this network",
  EHOSTUNREACH: "can't be reached from this network",
  ETIMEDOUT: "didn't respond in time",
};

/** For `doctor`: any failure, as what happened and what to do. */
export function asConnectionFailure(error: unknown, host: string): ConnectionFailure {
  if (error instanceof ConnectionFailure) return error;
  if (error instanceof UserError) return new ConnectionFailure(error.message, '', { cause: error });
  const code = errnoCode(error) ?? (error instanceof AggregateError ? errnoCode(error.errors[0]) : undefined);
  return new ConnectionFailure(
    `${host} ${reasons[code ?? ''] ?? `couldn't be reached (${code ?? String(error)})`}.`,
    'Check the address, the network, and whether you need a proxy.',
    { retryable: true, cause: error },
  );
}
