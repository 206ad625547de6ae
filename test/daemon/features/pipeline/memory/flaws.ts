// Flaws as models tell of them: each in several words, on one line of code. Pairs of one row are one flaw, of two rows are two.
export interface ToldFlaw {
  code: string;
  told: readonly [category: string, message: string][];
}

export const flaws: readonly ToldFlaw[] = [
  {
    code: 'const mean = total / counts[day];',
    told: [
      ['correctness', 'Divides by zero on a day that has no counts.'],
      ['bug', 'If counts[day] is 0, the result is Infinity or NaN.'],
      ['arithmetic', 'Division by zero when the day is empty.'],
      ['logic', 'The denominator can be zero here, which makes the mean meaningless.'],
    ],
  },
  {
    code: 'const name = user.profile.name.trim();',
    told: [
      ['correctness', 'user.profile may be null, so this throws.'],
      ['null-safety', 'Accessing name of undefined crashes for users without a profile.'],
      ['bug', 'No nullish check before the property is read.'],
      ['runtime-error', 'profile can be undefined for new users.'],
    ],
  },
  {
    code: 'for (let i = 0; i <= items.length; i++) {',
    told: [
      ['correctness', 'The loop runs one too many times.'],
      ['off-by-one', 'Off-by-one: i reaches items.length.'],
      ['bug', 'Reads past the end of the array in its last turn.'],
      ['bounds', 'The index goes out of range because of <=.'],
    ],
  },
  {
    code: "const row = await db.get('select * from users where id = ' + id);",
    told: [
      ['security', 'SQL injection: id is concatenated into the query.'],
      ['vulnerability', 'Use a parameterized query; id comes from the request.'],
      ['sql', 'An attacker can inject SQL through id.'],
      ['injection', 'Unsanitized id is interpolated into the SQL query.'],
    ],
  },
  {
    code: "output.innerHTML = '<b>' + comment.text + '</b>';",
    told: [
      ['security', 'Cross-site scripting: the comment is put into the page unescaped.'],
      ['xss', 'Setting innerHTML from user text allows XSS.'],
      ['vulnerability', 'Raw HTML of a comment runs in the page.'],
    ],
  },
  {
    code: 'const file = readFileSync(join(root, request.path));',
    told: [
      ['security', 'Path traversal: ../ leads outside of the root.'],
      ['path-traversal', 'A request for ../../etc/passwd reads any file, since the path is not checked for traversal.'],
      ['vulnerability', 'Allows reading arbitrary files outside the root folder.'],
    ],
  },
  {
    code: "const apiKey = 'sk-live-123456';",
    told: [
      ['security', 'A hard-coded API key is in the source.'],
      ['secrets', 'The credential should come from the environment.'],
      ['secret', 'Never commit a secret such as this key.'],
    ],
  },
  {
    code: 'saveOrder(order);',
    told: [
      ['async', 'The promise is not awaited, so errors are lost.'],
      ['concurrency', 'Missing await: the order may not be stored when this returns.'],
      ['correctness', 'This is a floating promise.'],
    ],
  },
  {
    code: 'balance = balance - amount; await store(balance);',
    told: [
      ['concurrency', 'Race condition: two requests can read the same balance.'],
      ['race', 'Not atomic; concurrent withdrawals lose updates.'],
      ['correctness', 'Data race between reading and storing.'],
    ],
  },
  {
    code: 'const handle = openSync(path); parse(handle);',
    told: [
      ['resource-leak', 'The file handle is never closed.'],
      ['leak', 'Leaks a descriptor when parse throws.'],
      ['resources', 'handle stays open for ever.'],
    ],
  },
  {
    code: '} catch (error) { return []; }',
    told: [
      ['error-handling', 'The error is swallowed, and an empty list returned.'],
      ['correctness', 'Failures are silently turned into no results.'],
      ['reliability', 'Catches everything and ignores the error.'],
    ],
  },
  {
    code: "if (answer == '0') {",
    told: [
      ['correctness', 'Loose equality coerces the number.'],
      ['equality', 'Use === to compare.'],
      ['style', 'Prefer strict equality here.'],
    ],
  },
  {
    code: 'if (!isAllowed(user)) grant(user);',
    told: [
      ['logic', 'The condition is inverted.'],
      ['correctness', 'This grants in the opposite case: it is negated.'],
      ['bug', 'The check is negated, so it grants to the wrong users.'],
    ],
  },
  {
    code: 'return price - tax;',
    told: [
      ['correctness', 'Subtracts instead of adding the tax.'],
      ['logic', 'Takes the difference where a sum is wanted.'],
      ['arithmetic', 'Wrong operator: it should add.'],
    ],
  },
  {
    code: 'const sum = cents * 4294967296;',
    told: [
      ['overflow', 'The product overflows for large amounts.'],
      ['correctness', 'Exceeds the safe integer range.'],
      ['numeric', 'Loses precision above 2^53.'],
    ],
  },
  {
    code: 'while (queue.length > 0) process(queue[0]);',
    told: [
      ['infinite-loop', 'Never terminates: nothing is removed from the queue.'],
      ['correctness', 'This is an endless loop.'],
      ['bug', 'The loop runs forever since the queue does not shrink.'],
    ],
  },
  {
    code: 'const hash = md5(password + salt);',
    told: [
      ['crypto', 'MD5 is a weak hash.'],
      ['security', 'Do not use md5 for this; it is a weak hash.'],
    ],
  },
  {
    code: 'function add(list = shared) { list.push(1); }',
    told: [
      ['correctness', 'The default argument is shared and mutated.'],
      ['mutation', 'Modifies the shared default in place.'],
    ],
  },
  {
    code: 'const day = new Date(text).getDate();',
    told: [
      ['time', 'Depends on the local time zone.'],
      ['correctness', 'Near midnight the day is off, as UTC and local time zone differ.'],
    ],
  },
  {
    code: 'const found = all.filter((one) => rest.includes(one));',
    told: [
      ['performance', 'This is quadratic for long lists.'],
      ['efficiency', 'O(n*m): use a set instead.'],
    ],
  },
];
