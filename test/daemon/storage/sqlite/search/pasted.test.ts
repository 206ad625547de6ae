// What developers type and paste into a search: of many chats the right one is among the first three, or nothing is found.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { after, before, describe, it } from 'mocha';
import type { SearchHit } from '../../../../../daemon/storage/search.ts';
import { migrate } from '../../../../../daemon/storage/sqlite/migrate.ts';
import { SqliteSearch } from '../../../../../daemon/storage/sqlite/search/search.ts';

/** Chats with the queries that each is to be found by. */
const chats: readonly [text: string, ...queries: string[]][] = [
  [
    'how to set --max-old-space-size for the bundler',
    '--max-old-space-size',
    '"--max-old-space-size"',
    'max-old-space-size',
  ],
  ['npm install --save-dev adds to the wrong section', '--save-dev', 'npm install --save-dev'],
  ['gcc -Wall -Wextra -O2 prints too much', '-Wall', 'gcc -Wall', 'gcc -O2', '-Wextra -Wall'],
  ['java -Xmx4g -XX:+UseG1GC still collects for long', '-Xmx4g', '-XX:+UseG1GC', 'UseG1GC'],
  ['rm -rf node_modules takes minutes', 'rm -rf node_modules', 'rm -rf'],
  ['the build prints 🚀🔥 and then dies', '🚀', '🔥', 'build 🚀'],
  ['commit messages with 🇩🇪 flags and ✅ marks', '🇩🇪', '✅'],
  [
    'How do I use std::unique_ptr in C++ with a custom deleter?',
    'C++',
    'std::unique_ptr',
    'unique_ptr',
    'c++ deleter',
    'unique_ptr c++',
  ],
  ['Records in C# and when to seal them', 'C#', 'c# records'],
  ['Pattern matching in F# with active patterns', 'F#', 'F# patterns'],
  ['Which .NET runtime is installed here', '.NET', '.net runtime'],
  ['plain C pointer arithmetic', 'pointer arithmetic'],
  ['Why is .gitignore not read in a submodule', '.gitignore', 'gitignore submodule'],
  ['Node.js v22.12.0 crashes with ERR_REQUIRE_ESM', '22.12.0', 'v22.12.0', 'ERR_REQUIRE_ESM', 'Node.js', 'node 22.12'],
  ['typescript@5.9.3 reports TS2345 in strict mode', 'TS2345', '5.9.3', 'typescript@5.9.3', 'error TS2345:'],
  ['upgrade react from 18.3.1 to 19.0.0-rc.1', '19.0.0-rc.1', '18.3', 'react 19.0.0'],
  ['what did commit 9f8e7d6c5b4a3f2e1d0c break', '9f8e7d6', '9f8e7d6c5b4a3f2e1d0c', 'commit 9f8e7d6c5b', '9f8e7'],
  ['revert deadbee before the release', 'deadbee'],
  ['segfault at 0xdeadc0de in libfoo.so.1', 'deadc0de', '0xdeadc0de', 'libfoo.so.1', 'libfoo', '0xDEADC0DE'],
  ['重跑gen-itgc后50条悬空引用清零', 'itgc', 'gen-itgc', '悬空引用', '清零', '重跑', '"悬空引用"'],
  ['使用Docker部署服务时端口冲突', 'docker', '端口冲突', '部署', 'Docker部署'],
  ['東京都庁のAPIキーが無効', '東京', 'APIキー', '無効', 'api'],
  ['テストが失敗するのはなぜ', 'テスト', '失敗', 'ﾃｽﾄ'],
  ['데이터베이스 연결이 끊어집니다', '데이터베이스', '연결', '데이터'],
  ['ใช้สตริงการเชื่อมต่อและตรวจสอบรหัสผ่าน', 'รหัสผ่าน', 'สตริง', 'ตรวจสอบ'],
  ['ຂໍ້ຄວາມຜິດພາດໃນການເຊື່ອມຕໍ່', 'ຜິດພາດ', 'ເຊື່ອມຕໍ່'],
  ['កំហុសក្នុងការភ្ជាប់មូលដ្ឋានទិន្នន័យ', 'កំហុស', 'ទិន្នន័យ'],
  ['ဒေတာဘေ့စ်ချိတ်ဆက်မှုမအောင်မြင်ပါ', 'ချိတ်ဆက်', 'ဒေတာ'],
  ['Die Straße wird nicht gefunden', 'strasse', 'Straße', 'STRASSE', 'STRAßE'],
  ['İstanbul saat dilimi yanlış', 'istanbul', 'ISTANBUL', 'İstanbul', 'yanlis', 'dilimi'],
  ['Ελληνικός ΟΔΟΣ χάρτης', 'οδός', 'χαρτης', 'ΧΆΡΤΗΣ'],
  ['the ﬁle ﬂag in the oﬃce PDF', 'file flag', 'office', 'ﬂag'],
  ['ＦＵＬＬＷＩＤＴＨ ｌｅｔｔｅｒｓ　１２３４５', 'fullwidth', 'letters', '12345', 'ＦＵＬＬＷＩＤＴＨ'],
  ['naïve Größe, smørrebrød and Æther', 'naive', 'grosse', 'smorrebrod', 'aether', 'NAÏVE'],
  ['why does useEffect run twice in StrictMode', 'useEffect', 'use effect', 'StrictMode', 'useeffect twice'],
  ['getUserByEmailAddress returns undefined', 'getUserByEmailAddress', 'email address', 'getuserbyemailaddress'],
  ['snake_case_identifier is not exported', 'snake_case_identifier', '"snake_case_identifier"', 'case_identifier'],
  [
    'error in src/server/http-router.test.ts line 88',
    'src/server/http-router.test.ts',
    'http-router.test.ts',
    'http-router',
    'server/http-router',
  ],
  ['C:\\Users\\ada\\AppData\\Local is full', 'C:\\Users\\ada', 'AppData', 'AppData\\Local'],
  ['docker run -p 8080:80 nginx:alpine exits', '8080:80', 'nginx:alpine', 'docker run -p 8080:80'],
  ['connect ECONNREFUSED 127.0.0.1:5432', '127.0.0.1:5432', 'ECONNREFUSED', '127.0.0.1'],
  [
    'curl https://api.example.com/v2/users?id=7 hangs',
    'https://api.example.com/v2/users?id=7',
    'api.example.com',
    '/v2/users',
  ],
  [
    "TypeError: Cannot read properties of undefined (reading 'zorp')",
    "Cannot read properties of undefined (reading 'zorp')",
    'zorp',
    '"properties of undefined"',
  ],
  ['Array.prototype.toSorted against lodash.sortBy', 'Array.prototype.toSorted', 'toSorted', 'lodash.sortBy', 'sortBy'],
  ['the ticket PROJ-4711 is about @scope/package', 'PROJ-4711', '@scope/package', 'proj-4711'],
  ['what does x ??= y mean beside x ||= y', '??=', '||='],
  ['a regular expression such as ^\\d+(?:px|em)$', '^\\d+(?:px|em)$', '(?:px|em)'],
  ['SELECT COUNT(*) FROM orders WHERE total > 9000', 'COUNT(*)', 'SELECT COUNT(*) FROM orders', 'total > 9000'],
  ['soft\u00ADware with zero\u200Bwidth spaces', 'software', 'zerowidth'],
  ['Fix cache 4242', 'Fix cache 4242', '"fix cache 4242"', 'cache 4242'],
];
const nothing = ['=>', '⚡', 'qwertzuiopü', '"pointer custom"', '<=>', '7.7.7', '"C++ deleter custom"'];

describe('what developers paste', () => {
  let database: Database.Database;
  let search: SqliteSearch;
  let searches = 0;
  const find = async (query: string): Promise<SearchHit[]> =>
    (await search.in('default').find({ query, kinds: ['message'] }, ++searches)).hits;

  before(() => {
    database = new Database(':memory:');
    migrate(database);
    search = new SqliteSearch(database);
    const chat = database.prepare(
      "insert into chat (id, profile_id, title, created_at, updated_at) values (?, 'default', ?, 1, 1)",
    );
    const message = database.prepare(
      "insert into message (id, chat_id, seq, role, text, status, created_at) values (?, ?, 0, 'user', ?, 'complete', ?)",
    );
    const others = Array.from(
      { length: 400 },
      (_, i) =>
        `Fix cache ${i}: the plain c net server of user ${i} reads build file ${i} to set a custom test run in c and node 22`,
    );
    for (const [i, text] of [...chats.map(([text]) => text), ...others].entries()) {
      chat.run(`c${i}`, text.slice(0, 60));
      message.run(`m${i}`, `c${i}`, text, i);
    }
    while (search.step());
  });
  after(() => database.close());

  for (const [place, [text, ...queries]] of chats.entries()) {
    // The history takes the last word that is typed for a beginning.
    for (const query of queries.flatMap((one) => (/[\p{L}\p{N}]$/u.test(one) ? [one, `${one}*`] : [one]))) {
      it(`${JSON.stringify(query)} finds ${JSON.stringify(text.slice(0, 30))}`, async () => {
        const first = (await find(query)).slice(0, 3);
        assert.ok(
          first.some(({ id }) => id === `m${place}`),
          first.map(({ snippet }) => snippet.text).join(' | '),
        );
      });
    }
  }

  for (const query of nothing)
    it(`${JSON.stringify(query)} finds nothing`, async () => assert.deepEqual(await find(query), []));
});

describe('titles among 5,000 chats', () => {
  let database: Database.Database;
  let search: SqliteSearch;
  let searches = 0;
  const first = async (query: string): Promise<string | undefined> =>
    (await search.in('default').find({ query, kinds: ['message'] }, ++searches)).hits[0]?.parent;

  before(() => {
    database = new Database(':memory:');
    migrate(database);
    search = new SqliteSearch(database);
    const chat = database.prepare(
      'insert into chat (id, profile_id, title, created_at, updated_at) values (?, ?, ?, 1, 1)',
    );
    const message = database.prepare(
      "insert into message (id, chat_id, seq, role, text, status, created_at) values (?, ?, 0, 'user', ?, 'complete', ?)",
    );
    database.transaction(() => {
      for (let i = 0; i < 5000; i++) {
        chat.run(`c${i}`, i % 7 === 0 ? 'other' : 'default', `Fix cache ${i}`);
        message.run(`m${i}`, `c${i}`, `fix the cache, fix cache fix cache ${4242 + (i % 3)}: what is wrong here?`, i);
      }
    })();
    while (search.step());
  });
  after(() => database.close());

  for (const [query, expected] of [
    ['Fix cache 4241', 'c4241'],
    ['fix CACHE 4241', 'c4241'],
    ['"Fix cache 4241"', 'c4241'],
    ['cache 4241', 'c4241'],
    ['Fix cache 4241*', 'c4241'],
    ['  Fix cache 17 ', 'c17'],
    ['kind:chats Fix cache 4243', 'c4243'],
  ] as const)
    it(`${JSON.stringify(query)} finds the chat of that title first`, async () =>
      assert.equal(await first(query), expected));

  it('a chat of another profile is not found by its title', async () => {
    assert.notEqual(await first('Fix cache 4214'), 'c4214'); // a multiple of 7
  });

  it('a chat is found by its new title, and not by the old one', async () => {
    database.exec("update chat set title = 'Invalidate the walrus' where id = 'c100'");
    assert.equal(await first('walrus'), 'c100');
    while (search.step());
    assert.equal(await first('walrus invalidate'), 'c100');
    assert.notEqual(await first('Fix cache 100'), 'c100');
  });
});
