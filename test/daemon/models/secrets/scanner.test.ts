import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { findSecrets, redact } from '../../../../daemon/models/secrets/scanner.ts';
import { projectFiles, root } from '../../../architecture/sources.ts';
import {
  hiddenSecrets,
  keysOnLines,
  lookAlikes,
  namedSecret,
  pick,
  places,
  randomFrom,
  structures,
  tokens,
} from './corpus.ts';

const seed = 20_260_301;
const isGone = (text: string, token: string): boolean => !text.includes(token) && !text.includes(token.slice(-12));

const sourcesIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => /\.(?:[cm]?js|ts)$/.test(name))
    .map((name) => `${folder}/${name}`);

describe('the secret scanner', () => {
  it('finds at least 99 of 100 tokens that have a form, of every kind, wherever they stand', () => {
    const random = randomFrom(seed);
    const missed: string[] = [];
    let made = 0;
    for (const [kind, make] of Object.entries(tokens)) {
      let missedOfKind = 0;
      for (const place of places) {
        for (let i = 0; i < 20; i++, made++) {
          const token = make(random);
          if (isGone(redact(place(token, random)).text, token)) continue;
          missedOfKind++;
          missed.push(`${kind}: ${place(token, random)}`);
        }
      }
      assert.ok(missedOfKind <= (places.length * 20) / 50, `${kind}: ${missedOfKind} missed`);
    }
    assert.ok(missed.length <= made / 100, `${missed.length} of ${made} missed: ${missed.slice(0, 5).join('\n')}`);
  });

  it('finds keys and passwords inside blocks, URLs and connection strings, to their last character', () => {
    const random = randomFrom(seed);
    for (const [kind, make] of Object.entries(structures)) {
      const made = Array.from({ length: 200 }, () => make(random));
      const missed = made.filter(({ text, token }) => !isGone(redact(text).text, token));
      assert.ok(missed.length <= 2, `${kind}: ${missed.length} missed, such as ${missed[0]?.text}`);
    }
  });

  it('finds passwords and keys that only their name gives away', () => {
    const random = randomFrom(seed);
    const made = Array.from({ length: 2000 }, () => namedSecret(random));
    const missed = made.filter(({ text, token }) => redact(text).text.includes(token));
    assert.ok(missed.length <= 40, `${missed.length} missed, such as ${missed[0]?.text}`);
  });

  it('is right at least 9 times of 10 in code where one line of 50 holds a secret', () => {
    const random = randomFrom(seed);
    let right = 0;
    let wrong = 0;
    for (let text = 0; text < 400; text++) {
      const token = pick(random, Object.values(tokens))(random);
      const lines = Array.from({ length: 50 }, () => pick(random, lookAlikes)(random));
      const code = lines.with(25, pick(random, places)(token, random)).join('\n');
      for (const { start, end } of findSecrets(code)) {
        if (code.slice(start, end).includes(token.slice(0, 8))) right++;
        else wrong++;
      }
    }
    assert.ok(right >= 390 && right / (right + wrong) >= 0.9, `${right} right, ${wrong} wrong`);
  });

  it('takes no look-alike for a secret', () => {
    const random = randomFrom(seed);
    for (const make of lookAlikes) {
      for (let i = 0; i < 20; i++) {
        const text = make(random);
        assert.deepEqual(findSecrets(text), [], text);
      }
    }
  });

  it("finds nothing in this project's own sources", () => {
    const sources = projectFiles().filter((file) =>
      /^(daemon|extension|shared|webview)\/.*\.ts$|^[^/]*\.(json|md|mjs)$/.test(file),
    );
    assert.ok(sources.length > 100);
    assert.deepEqual(
      sources.flatMap((file) =>
        findSecrets(readFileSync(`${root}/${file}`, 'utf8')).map(({ kind }) => `${file}: ${kind}`),
      ),
      [],
    );
  });

  it('names where a secret stands and of what kind it is', () => {
    const token = tokens['GitHub classic']?.(randomFrom(1)) ?? '';
    assert.deepEqual(findSecrets(`const token = "${token}";`), [
      { kind: 'GitHub token', start: 15, end: 55, confidence: 0.98 },
    ]);
  });

  it('replaces what it finds by its kind, keeps the lines, and finds nothing in what it has cleaned', () => {
    const random = randomFrom(seed);
    const key = structures['private key']?.(random).text ?? '';
    const text = `before\n${key}after\npassword = "fq8#Lm2!vx"\n`;
    const { text: clean, secrets } = redact(text);
    assert.deepEqual(
      secrets.map(({ kind }) => kind),
      ['private key', 'password'],
    );
    assert.equal(clean.split('\n').length, text.split('\n').length);
    assert.match(clean, /^before\n\[redacted: private key\]\n+after\npassword = "\[redacted: password\]"\n$/);
    assert.deepEqual(findSecrets(clean), []);
  });

  it('hides every line of a private key, whatever stands before each: numbers, marks, comments, times, quotes', () => {
    const random = randomFrom(seed);
    const left = Array.from({ length: 5 }, () => keysOnLines(random))
      .flat()
      .filter(({ text, pieces }) => {
        const clean = redact(`before\n${text}\nafter`).text;
        return pieces.some((piece) => clean.includes(piece)) || !/^before\n.*after$/s.test(clean);
      });
    assert.deepEqual([...new Set(left.map(({ form }) => form))], []);
  });

  it('finds at least 95 of 100 secrets that are disguised, in pieces, or told by their place alone', () => {
    const random = randomFrom(seed);
    const forms = hiddenSecrets(random).map(({ form }) => form);
    assert.ok(new Set(forms).size >= 100);
    const made = Array.from({ length: 20 }, () => hiddenSecrets(random)).flat();
    const missed = made.filter(({ text, pieces }) => {
      const { text: clean, secrets } = redact(`${text}\n`);
      return secrets.length === 0 || pieces.some((piece) => clean.includes(piece));
    });
    const samples = new Map(missed.map(({ form, text }) => [form, text]));
    assert.ok(missed.length <= made.length / 20, `${missed.length} of ${made.length}: ${JSON.stringify([...samples])}`);
    const often = [...samples.keys()].filter((form) => missed.filter((each) => each.form === form).length > 5);
    assert.deepEqual(often, []);
  });

  it('takes at most one of a hundred ordinary files for one that holds a secret, numbered or not', () => {
    const packages = ['typescript/lib', 'mocha/lib', 'pino/lib', 'undici/lib/web/fetch', 'esbuild/lib', 'zod/v4/core'];
    const files = packages.flatMap((folder) => sourcesIn(`${root}/node_modules/${folder}`).slice(0, 20));
    assert.ok(files.length >= 60);
    const wrong = files.filter((file) => {
      const text = readFileSync(file, 'utf8').slice(0, 200_000);
      const numbered = text.split('\n').map((line, index) => `${index + 1}\t${line}`);
      return [text, numbered.join('\n')].some((each) => findSecrets(each).length > 0);
    });
    assert.ok(wrong.length <= files.length / 100, wrong.join('\n'));
  });

  it('hides a private key whose end was cut off', () => {
    const { text, token } = structures['private key']?.(randomFrom(3)) ?? { text: '', token: '' };
    const cut = text.slice(0, text.indexOf('-----END') - 20);
    const clean = redact(`${cut}\n\nfunction next() {}`).text;
    for (const line of token.split('\n').slice(0, -1)) assert.ok(!clean.includes(line), clean);
    assert.match(clean, /function next\(\) \{\}/);
  });

  describe('of a piece from the middle of a private key', () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    // Lines of base64 may begin as what a diff or a comment puts before each line.
    const begins = ['+', '//', '', '', '', '/', '++', ''];
    const lines = privateKey
      .split('\n')
      .slice(6, 14)
      .map((line, i) => `${begins[i]}${line.slice(begins[i]?.length)}`);
    const openSsh = lines.join('').match(/.{70}/g) ?? [];
    for (const [form, text] of Object.entries({
      'as it is': lines.join('\n'),
      'with its end': [...lines, 'dGhlIGVuZA=='].join('\n'),
      'with Windows line ends': lines.join('\r\n'),
      'behind numbers': lines.map((line, i) => `${i + 7}\t${line}`).join('\n'),
      'behind quotation marks': lines.map((line) => `> ${line}`).join('\n'),
      'in lines of 70': openSsh.join('\n'),
      'in a sentence': `What is\n${lines.slice(0, 4).join('\n')}\nfor?`,
    }))
      it(`leaves nothing: ${form}`, () => {
        const clean = redact(text).text;
        assert.ok(![...lines.slice(0, 4), ...openSsh].some((line) => clean.includes(line)), clean);
      });

    it('takes no public key, certificate or list of checksums for one', () => {
      const sums = lines.map((line) => createHash('sha256').update(line).digest('hex')).join('\n');
      const certificate = `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
      for (const text of [
        publicKey,
        certificate,
        `${sums}\n`,
        `${'-'.repeat(64)}\n`.repeat(5),
        `${'A'.repeat(64)}\n`.repeat(5),
      ])
        assert.equal(redact(text).text, text);
    });
  });

  it('reads hostile text as fast as any: nothing is read over and over', function () {
    this.timeout(20_000); // each of these would take minutes if the time grew with the square of the length
    const length = 2_000_000;
    const pieces = [
      'sk-',
      'eyJ',
      'eyJaaaaaaaaaa.',
      'eyJ-',
      '_eyJ',
      '-----BEGIN PRIVATE KEY-----',
      '-',
      '--token ',
      'a=',
      'password=',
      'password="',
      '://',
      '://a:',
      'ghp_a',
      'SG.',
      'xoxb-',
      'JQQJ99',
      'Q~',
      ':AA',
      '=',
      '\\n',
      'key-',
      'token:',
      '[redacted',
      'sk-ant-',
      ' ',
      'a',
      '%3D',
      'AKIA',
    ];
    for (const piece of pieces) findSecrets(piece.repeat(length / piece.length));
  });
});
