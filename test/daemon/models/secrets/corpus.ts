// Ordinary text with and without secrets in it, from a seed: tokens are made by their issuers' descriptions (not by the scanner's
// patterns), put where people leave them, among look-alikes that are none.

export type Random = () => number;

/** Mulberry32: small, seeded, good enough to choose with. */
export function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const lower = upper.toLowerCase();
const digits = '0123456789';
const hex = `${digits}abcdef`;
const alphanumeric = upper + lower + digits;
const urlSafe = `${alphanumeric}-_`;
const base64 = `${alphanumeric}+/`;

function chars(random: Random, alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
}

function between(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

function json(random: Random, fields: object): string {
  return Buffer.from(JSON.stringify({ ...fields, id: chars(random, alphanumeric, 8) })).toString('base64url');
}

/** Tokens with a form of their own. */
export const tokens: Readonly<Record<string, (random: Random) => string>> = {
  'AWS access key': (r) => pick(r, ['AKIA', 'ASIA']) + chars(r, `${upper}234567`, 16),
  'Google API key': (r) => `AIzaSy${chars(r, urlSafe, 33)}`,
  'Google OAuth secret': (r) => `GOCSPX-${chars(r, urlSafe, 28)}`,
  'Google OAuth token': (r) => `ya29.a0${chars(r, urlSafe, between(r, 100, 200))}`,
  'Azure client secret': (r) =>
    `${chars(r, alphanumeric, 3)}${pick(r, [7, 8])}Q~${chars(r, `${alphanumeric}._~-`, 33)}${chars(r, alphanumeric, 1)}`,
  'Azure OpenAI key': (r) =>
    `${chars(r, alphanumeric, 52)}JQQJ99B${chars(r, alphanumeric, 5)}AC${chars(r, alphanumeric, 18)}`,
  'GitHub classic': (r) => `gh${pick(r, ['p', 'o', 'u', 's', 'r'])}_${chars(r, alphanumeric, 36)}`,
  'GitHub fine-grained': (r) => `github_pat_${chars(r, alphanumeric, 22)}_${chars(r, alphanumeric, 59)}`,
  GitLab: (r) => `glpat-${chars(r, urlSafe, 20)}`,
  'GitLab routable': (r) => `glpat-${chars(r, urlSafe, 32)}.01.${chars(r, digits + lower, 9)}`,
  'Slack bot': (r) => `xoxb-${chars(r, digits, 12)}-${chars(r, digits, 12)}-${chars(r, alphanumeric, 24)}`,
  'Slack user': (r) =>
    `xoxp-${chars(r, digits, 12)}-${chars(r, digits, 12)}-${chars(r, digits, 12)}-${chars(r, hex, 32)}`,
  'Slack app': (r) => `xapp-1-A${chars(r, upper + digits, 10)}-${chars(r, digits, 13)}-${chars(r, hex, 64)}`,
  'Slack webhook': (r) =>
    `hooks.slack.com/services/T${chars(r, upper + digits, 10)}/B${chars(r, upper + digits, 10)}/${chars(r, alphanumeric, 24)}`,
  Stripe: (r) => `${pick(r, ['sk', 'rk'])}_${pick(r, ['live', 'test'])}_${chars(r, alphanumeric, pick(r, [24, 99]))}`,
  'Stripe webhook': (r) => `whsec_${chars(r, alphanumeric, 32)}`,
  'OpenAI classic': (r) => `sk-${chars(r, alphanumeric, 20)}T3BlbkFJ${chars(r, alphanumeric, 20)}`,
  'OpenAI project': (r) => `sk-proj-${chars(r, urlSafe, 74)}T3BlbkFJ${chars(r, urlSafe, 74)}`,
  'OpenAI compatible': (r) => `sk-${chars(r, hex, 32)}`,
  OpenRouter: (r) => `sk-or-v1-${chars(r, hex, 64)}`,
  Anthropic: (r) => `sk-ant-api03-${chars(r, urlSafe, 93)}AA`,
  'Hugging Face': (r) => `hf_${chars(r, upper + lower, 34)}`,
  npm: (r) => `npm_${chars(r, alphanumeric, 36)}`,
  PyPI: (r) => `pypi-AgEIcHlwaS5vcmc${chars(r, urlSafe, 150)}`,
  Groq: (r) => `gsk_${chars(r, alphanumeric, 52)}`,
  xAI: (r) => `xai-${chars(r, alphanumeric, 80)}`,
  Replicate: (r) => `r8_${chars(r, alphanumeric, 37)}`,
  SendGrid: (r) => `SG.${chars(r, urlSafe, 22)}.${chars(r, urlSafe, 42)}${chars(r, alphanumeric, 1)}`,
  Twilio: (r) => `SK${chars(r, hex, 32)}`,
  Telegram: (r) => `${chars(r, '123456789', 10)}:AA${chars(r, urlSafe, 32)}${chars(r, alphanumeric, 1)}`,
  DigitalOcean: (r) => `dop_v1_${chars(r, hex, 64)}`,
  Docker: (r) => `dckr_pat_${chars(r, urlSafe, 27)}`,
  Databricks: (r) => `dapi${chars(r, hex, 32)}`,
  Vault: (r) => `hvs.${chars(r, urlSafe, 95)}`,
  Shopify: (r) => `shpat_${chars(r, hex, 32)}`,
  Grafana: (r) => `glsa_${chars(r, alphanumeric, 32)}_${chars(r, hex, 8)}`,
  Linear: (r) => `lin_api_${chars(r, alphanumeric, 40)}`,
  JWT: (r) =>
    `${json(r, { alg: 'HS256', typ: 'JWT' })}.${json(r, { sub: chars(r, digits, 10), iat: 1700000000 })}.${chars(r, urlSafe, 43)}`,
};

/** Secrets that stand over several lines, or inside something else. `token` is what must not be left over. */
export const structures: Readonly<Record<string, (random: Random) => { text: string; token: string }>> = {
  'private key': (r) => {
    const kind = pick(r, ['', 'RSA ', 'EC ', 'OPENSSH ']);
    const body = Array.from({ length: between(r, 4, 26) }, () => chars(r, base64, 64)).join('\n');
    return { text: `-----BEGIN ${kind}PRIVATE KEY-----\n${body}\n-----END ${kind}PRIVATE KEY-----\n`, token: body };
  },
  'private key in JSON': (r) => {
    const body = Array.from({ length: 26 }, () => chars(r, base64, 64)).join('\\n');
    return {
      text: `  "private_key": "-----BEGIN PRIVATE KEY-----\\n${body}\\n-----END PRIVATE KEY-----\\n",`,
      token: body,
    };
  },
  'database URL': (r) => {
    const token = chars(r, `${alphanumeric}!-_.`, between(r, 12, 24));
    return {
      text: `DATABASE_URL=${pick(r, ['postgres', 'postgresql', 'mysql', 'mongodb+srv', 'redis', 'amqp'])}://app:${token}@db.internal:5432/shop`,
      token,
    };
  },
  'Azure storage': (r) => {
    const token = `${chars(r, base64, 86)}==`;
    return {
      text: `DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=${token};EndpointSuffix=core.windows.net`,
      token,
    };
  },
  'AWS secret key': (r) => {
    const token = chars(r, base64, 40);
    return {
      text: pick(r, [
        `aws_secret_access_key = ${token}`,
        `AWS_SECRET_ACCESS_KEY="${token}"`,
        `  secretAccessKey: '${token}',`,
      ]),
      token,
    };
  },
};

/** Where people leave tokens. */
export const places: readonly ((token: string, random: Random) => string)[] = [
  (token) => `const client = new Client({ apiKey: "${token}" });`,
  (token) => `  headers: { Authorization: \`Bearer ${token}\` },`,
  (token) => `API_KEY=${token}`,
  (token) => `export SERVICE_TOKEN='${token}'`,
  (token) => `  token: ${token}`,
  (token) => `{"auth": {"token": "${token}"}}`,
  (token) => `curl -H "Authorization: Bearer ${token}" https://api.internal/v1/me`,
  (token) => `git clone https://x-access-token:${token}@git.internal/shop.git`,
  (token) => `# old one, revoked: ${token}`,
  (token) => `2026-03-01T10:00:00Z DEBUG request failed, key=${token}, retrying`,
  (token) => `client = connect(${JSON.stringify(token)})  # do not commit`,
  (token) => `"body": "first line\\n${token}\\nlast line"`,
  (token) => `https://api.internal/v1/items?access_token=${token}&page=2`,
  (token) => `https://app.internal/login?next=%2Fhome%3Ftoken%3D${token}`,
  (token) => `<add key="Token" value="${token}" />`,
  (token) => `//registry.internal/:_authToken=${token}`,
  (token) => `| staging | \`${token}\` | rotate in May |`,
];

/** Passwords and keys without a form: only their name tells. */
export function namedSecret(random: Random): { text: string; token: string } {
  const name = pick(random, [
    'password',
    'DB_PASSWORD',
    'apiKey',
    'client_secret',
    'auth_token',
    'SECRET_KEY',
    'encryptionKey',
    'accessToken',
  ]);
  const token = /pass/i.test(name)
    ? `${chars(random, alphanumeric, 10)}${pick(random, ['!', '#', '7', ''])}${chars(random, digits, 2)}`
    : chars(random, pick(random, [alphanumeric, hex]), 32);
  return {
    text: pick(random, [
      `${name}=${token}`,
      `  "${name}": "${token}",`,
      `const ${name} = '${token}';`,
      `${name}: ${token}`,
    ]),
    token,
  };
}

/** Lines that look like secrets and are none. */
export const lookAlikes: readonly ((random: Random) => string)[] = [
  (r) => `  "integrity": "sha512-${chars(r, base64, 86)}==",`,
  (r) => `commit ${chars(r, hex, 40)}`,
  (r) =>
    `const id = '${chars(r, hex, 8)}-${chars(r, hex, 4)}-4${chars(r, hex, 3)}-a${chars(r, hex, 3)}-${chars(r, hex, 12)}';`,
  (r) => `  background: url(data:image/png;base64,${chars(r, base64, 400)});`,
  () => `const password = document.querySelector('#password').value;`,
  () => `  password: z.string().min(12).max(128),`,
  () => `const token = await getAccessTokenSilently({ audience });`,
  () => `  apiKey: process.env.OPENAI_API_KEY,`,
  () => `api_key = os.environ["SERVICE_API_KEY"]`,
  () => `  password: \${{ secrets.DEPLOY_PASSWORD }}`,
  () => `API_KEY=your-api-key-here`,
  () => `OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx`,
  () => `<label for="password">Password: at least 8 characters</label>`,
  () => `.sk-button-primary-large-outline { color: red }`,
  () => `throw new Error('Token expired: log in again');`,
  () => `const tokenEndpoint = 'https://login.internal/oauth2/v2.0/token';`,
  () => `export const SECRET_NAME = 'shop-service-account-credentials-2024';`,
  () => `  secretKeyRef: { name: database-credentials, key: password-v2 }`,
  () => `postgres://user:password@localhost:5432/test`,
  () => `DATABASE_URL=postgres://\${DB_USER}:\${DB_PASSWORD}@db/shop`,
  () => `if (header !== '-----BEGIN PRIVATE KEY-----') throw new Error('not a key');`,
  () => `const maxTokens = 128_000, tokenCount = countTokens(text);`,
  () => `AWS_ACCESS_KEY_ID=AKIA${'IOSFODNN7'}EXAMPLE`,
  (r) =>
    `  resolved "https://registry.internal/@types/node/-/node-${chars(r, digits, 2)}.1.0.tgz#${chars(r, hex, 40)}"`,
  (r) => `ETag: "${chars(r, hex, 32)}"`,
  (r) => `background-color: #${chars(r, hex, 6)};`,
  () => `for (const [key, value] of Object.entries(tokensByIdentifier)) cacheKey.set(key, value);`,
  () => `type Props = { accessToken: string; refreshToken?: string; passwordResetToken: ResetToken };`,
  () => `export PASSWORD=$(cat /run/secrets/password)`,
  () => `"@password_hash": "bcrypt with 12 rounds", "auth": "none"`,
  () => `const keyCode = event.key === 'ArrowLeft' ? previousToken : nextToken;`,
  () => `  private readonly tokenProvider: AccessTokenProviderV2 = createTokenProviderV2(options);`,
];

/** A secret that stands in a text as people, editors and programs leave it there. `token` is cut where lines are. */
export interface HiddenSecret {
  form: string;
  text: string;
  /** Nothing of these may be left over. */
  pieces: readonly string[];
}

const linePrefixes: readonly ((line: number) => string)[] = [
  (line) => `${line + 1}\t`,
  (line) => ` ${String(line + 1).padStart(4)}| `,
  (line) => `>${String(line + 98).padStart(5)}| `,
  (line) => `${line + 1}: `,
  (line) => `${line + 1} | `,
  () => '> ',
  () => '> > ',
  () => '// ',
  () => '# ',
  () => '- ',
  () => ' * ',
  () => '-- ',
  () => ';; ',
  () => '+',
  () => '-',
  () => '| ',
  () => '        ',
  () => '\t\t// ',
  (line) => `2026-01-01T10:00:0${line % 10}.123Z INFO `,
  (line) => `[2026-01-01 10:00:0${line % 10}] DEBUG `,
  (line) => `${line + 7}\t// > `,
];

/** What stands around each line of a literal that a program joins. */
const lineQuotes: readonly (readonly [string, string])[] = [
  ['"', '\\n" +'],
  ["'", "\\n',"],
  ['  "', '",'],
  ['`', '`,'],
  ['fputs("', '\\n");'],
];

/** Private keys on lines with something before and after each, whole and without one end. */
export function keysOnLines(random: Random): HiddenSecret[] {
  const kind = pick(random, ['', 'RSA ', 'EC ', 'OPENSSH ', 'ENCRYPTED ']);
  const body = Array.from({ length: 6 }, () => chars(random, base64, 64));
  const lines = [`-----BEGIN ${kind}PRIVATE KEY-----`, ...body, `-----END ${kind}PRIVATE KEY-----`];
  const wholes = linePrefixes.map((prefix, at) => ({
    form: `key behind prefix ${at}: ${JSON.stringify(prefix(1))}`,
    text: lines.map((line, index) => prefix(index) + line).join('\n'),
    pieces: body,
  }));
  const cut = linePrefixes.flatMap((prefix, at) => [
    {
      form: `key without its end, prefix ${at}`,
      text: `${lines
        .slice(0, -1)
        .map((line, index) => prefix(index) + line)
        .join('\n')}\n`,
      pieces: body,
    },
    {
      form: `key without its header, prefix ${at}`,
      text: lines
        .slice(3)
        .map((line, index) => prefix(index) + line)
        .join('\n'),
      pieces: body.slice(2),
    },
  ]);
  const quoted = lineQuotes.map(([before, after], at) => ({
    form: `key in literals ${at}`,
    text: lines.map((line) => `${before}${line}${after}`).join('\n'),
    pieces: body,
  }));
  const escaped = { form: 'key in JSON of numbered lines', text: JSON.stringify(wholes[0]?.text), pieces: body };
  return [...wholes, ...cut, ...quoted, escaped];
}

const fullWidth = (text: string): string =>
  Array.from(text, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0)).join('');
const within = (text: string, sign: string): string => `${text.slice(0, 10)}${sign}${text.slice(10)}`;

/** A token with a form, disguised or in pieces. */
const disguises: Readonly<Record<string, (token: string) => string>> = {
  'after a letter': (token) => `x${token}`,
  'after a word': (token) => `Token${token}`,
  'after a number': (token) => `42${token}`,
  'zero width space': (token) => within(token, '\u200b'),
  'zero width joiner': (token) => within(token, '\u200d'),
  'word joiner': (token) => within(token, '\u2060'),
  'byte order mark': (token) => within(token, '\ufeff'),
  'soft hyphen': (token) => within(token, '\u00ad'),
  'left to right mark': (token) => within(token, '\u200e'),
  'variation selector': (token) => within(token, '\ufe0f'),
  'invisible in its prefix': (token) => `${token.slice(0, 2)}\u200b${token.slice(2)}`,
  'invisible everywhere': (token) => Array.from(token).join('\u200b'),
  'full width': fullWidth,
  'full width in part': (token) => fullWidth(token.slice(0, 6)) + token.slice(6),
  'Cyrillic letters': (token) => token.replaceAll('p', 'р').replaceAll('a', 'а').replaceAll('C', 'С'),
  'Greek capitals': (token) => token.replaceAll('A', 'Α').replaceAll('K', 'Κ').replaceAll('O', 'Ο'),
  'joined by plus': (token) => `const t = "${token.slice(0, 20)}" + "${token.slice(20)}";`,
  'joined by plus in single quotes': (token) => `t = '${token.slice(0, 7)}'+'${token.slice(7)}'`,
  'joined in three pieces': (token) => `"${token.slice(0, 9)}" + "${token.slice(9, 19)}" + "${token.slice(19)}"`,
  'joined over lines': (token) => `"${token.slice(0, 12)}" +\n  "${token.slice(12)}"`,
  'joined over lines, sign first': (token) => `"${token.slice(0, 12)}"\n  + "${token.slice(12)}"`,
  'joined over numbered lines': (token) => `7\t"${token.slice(0, 12)}" +\n8\t  "${token.slice(12)}"`,
  'joined by a dot': (token) => `$t = '${token.slice(0, 12)}' . '${token.slice(12)}';`,
  'joined by two dots': (token) => `local t = "${token.slice(0, 12)}" .. "${token.slice(12)}"`,
  'joined by standing beside': (token) => `char *t = "${token.slice(0, 12)}" "${token.slice(12)}";`,
  'joined by standing below': (token) => `t = ("${token.slice(0, 12)}"\n     "${token.slice(12)}")`,
  'joined by <>': (token) => `t = "${token.slice(0, 12)}" <> "${token.slice(12)}"`,
  'joined by &': (token) => `t = "${token.slice(0, 12)}" & "${token.slice(12)}"`,
  'line continued': (token) => `export T=${token.slice(0, 15)}\\\n${token.slice(15)}`,
  'quoted printable': (token) => `token ${token.slice(0, 15)}=\n${token.slice(15)}`,
  'in a quotation': (token) => `> ${token}`,
  'in a comment': (token) => `//${token}`,
  'percent-encoded around': (token) => `%22${token}%22`,
  'escaped around': (token) => `\\u0022${token}\\u0022`,
};

/** A password or a key that only its place gives away. */
const placesOfValues: Readonly<Record<string, (value: string) => string>> = {
  'netrc on one line': (value) => `machine api.internal login me password ${value}`,
  'netrc over lines': (value) => `machine api.internal\n  login me\n  password ${value}`,
  'netrc in a quotation': (value) => `> machine api.internal\n>   login me\n>   password ${value}`,
  'curl -u': (value) => `curl -u me:${value} https://api.internal`,
  'curl --user': (value) => `curl -s --user 'me:${value}' https://api.internal`,
  'curl over lines': (value) => `curl -s \\\n  -u me:${value} \\\n  https://api.internal`,
  'mysql -p': (value) => `mysql -h db -u root -p${value} shop`,
  mysqldump: (value) => `mysqldump -uroot -p'${value}' shop > shop.sql`,
  sshpass: (value) => `sshpass -p ${value} ssh me@host`,
  'redis-cli': (value) => `redis-cli -h cache -a ${value} ping`,
  'docker login': (value) => `docker login -u me -p ${value} registry.internal`,
  PGPASSWORD: (value) => `PGPASSWORD=${value} psql -h db`,
  pgpass: (value) => `db.internal:5432:shop:app:${value}`,
  'pgpass with stars': (value) => `1\t*:*:*:app:${value}`,
  'XML key and value': (value) => `<add key="ApiKey" value="${value}" />`,
  'XML name and value': (value) => `<property name="db.password" value="${value}"/>`,
  'XML element with a name': (value) => `<string name="api_key">${value}</string>`,
  'XML element': (value) => `<password>${value}</password>`,
  'environment of a container': (value) => `- name: API_KEY\n  value: ${value}`,
  'environment on numbered lines': (value) => `31\t- name: API_KEY\n32\t  value: "${value}"`,
  'JSON name and value': (value) => `{"name":"DB_PASSWORD","value":"${value}"}`,
  'YAML block': (value) => `password: |\n  ${value}\nuser: me`,
  'YAML block on numbered lines': (value) => `1\tpassword: >-\n2\t  ${value}\n3\tuser: me`,
  'YAML value below': (value) => `db_password:\n    ${value}\nport: 5432`,
  'value on the next line': (value) => `const apiKey =\n  '${value}';`,
  'Cookie header': (value) => `Cookie: theme=dark; session=${value}; lang=en`,
  'Set-Cookie header': (value) => `Set-Cookie: connect.sid=${value}; HttpOnly`,
  'PHP session': (value) => `curl -b PHPSESSID=${value} https://shop.internal`,
  'header of a key': (value) => `-H "X-Api-Key: ${value}"`,
};

/** Secrets in 100 forms and more. */
export function hiddenSecrets(random: Random): HiddenSecret[] {
  const token = pick(random, [`ghp_${chars(random, alphanumeric, 36)}`, `npm_${chars(random, alphanumeric, 36)}`]);
  const value = `${chars(random, alphanumeric, 12)}7${chars(random, alphanumeric, 11)}`;
  const key = Array.from({ length: 4 }, () => chars(random, base64, 64));
  const putty = `PuTTY-User-Key-File-3: ssh-ed25519\nPublic-Lines: 1\nAAAA\nPrivate-Lines: 4\n${key.join('\n')}`;
  const wrapped = Buffer.from(`-----BEGIN PRIVATE KEY-----\n${key.join('\n')}\n-----END PRIVATE KEY-----\n`);
  return [
    ...keysOnLines(random),
    ...Object.entries(disguises).map(([form, hide]) => ({
      form,
      text: hide(token),
      pieces: [token, token.slice(-12)],
    })),
    ...Object.entries(placesOfValues).map(([form, put]) => ({ form, text: put(value), pieces: [value] })),
    { form: 'PuTTY', text: putty, pieces: key },
    { form: 'PuTTY, quoted', text: putty.replaceAll(/^/gm, '> '), pieces: key },
    { form: 'a key in base64', text: wrapped.toString('base64'), pieces: [wrapped.toString('base64').slice(40)] },
    { form: 'JSON web key', text: `{"kty":"EC","d":"${chars(random, urlSafe, 43)}"}`, pieces: [] },
  ];
}
