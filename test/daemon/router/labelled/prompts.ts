// Requests as people type them, each with the task and the complexity that a person read from it before any rule was written for
// it. Every second one is for tuning the rules, the others say how well they hold.
import type { Complexity } from '../../../../daemon/router/analyse.ts';
import type { TaskKind } from '../../../../daemon/router/tasks.ts';

export type Labelled = readonly [text: string, task: TaskKind, complexity: Complexity];

const stack = `TypeError: Cannot read properties of undefined (reading 'map')
    at renderList (/srv/app/src/list.tsx:41:18)
    at update (/srv/app/src/store.ts:88:5)
    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)`;
const traceback = `Traceback (most recent call last):
  File "/home/ana/jobs/load.py", line 52, in <module>
    rows = parse(open(path))
  File "/home/ana/jobs/load.py", line 17, in parse
    return [int(cell) for cell in line.split(";")]
ValueError: invalid literal for int() with base 10: ''`;
const rustError = `error[E0502]: cannot borrow \`queue\` as mutable because it is also borrowed as immutable
  --> src/worker.rs:63:9
   |
61 |     let first = queue.front();
   |                 ----- immutable borrow occurs here
63 |         queue.push_back(job);
   |         ^^^^^^^^^^^^^^^^^^^^ mutable borrow occurs here`;
const panic = `panic: runtime error: index out of range [5] with length 5

goroutine 1 [running]:
main.rotate(...)
        /tmp/sandbox/prog.go:14 +0x1d
exit status 2`;
const loop = `for (let i = 0; i <= items.length; i++) {
  total += items[i].price * items[i].count;
}`;
const python = `def pairs(xs):
    seen = set()
    for x in xs:
        if 10 - x in seen:
            yield x, 10 - x
        seen.add(x)`;
const sql = `SELECT c.name, COUNT(o.id) FROM customers c LEFT JOIN orders o ON o.customer_id = c.id
WHERE o.created_at > '2024-01-01' GROUP BY c.name HAVING COUNT(o.id) > 3;`;

export const labelled: readonly Labelled[] = [
  // small talk, questions about the assistant, single words
  ['hi', 'chat', 'trivial'],
  ['Thanks, that was it!', 'chat', 'trivial'],
  ['hallo', 'chat', 'trivial'],
  ['Guten Morgen', 'chat', 'trivial'],
  ['ok', 'chat', 'trivial'],
  ['Danke dir', 'chat', 'trivial'],
  ['bonjour', 'chat', 'trivial'],
  ['gracias', 'chat', 'trivial'],
  ['yes please', 'chat', 'trivial'],
  ['weiter', 'chat', 'trivial'],
  ['Who are you?', 'chat', 'trivial'],
  ['Was kannst du alles?', 'chat', 'trivial'],
  ['Tell me a joke about penguins', 'chat', 'trivial'],
  ['Recommend three books about sailing', 'chat', 'simple'],
  ['How many legs does a spider have?', 'chat', 'trivial'],
  ['Ich habe heute frei und es regnet, was könnte ich unternehmen?', 'chat', 'simple'],
  // code to write
  ['Write a function that reverses a string in Python', 'code', 'simple'],
  ['Schreibe eine Funktion, die prüft, ob eine Zahl eine Primzahl ist', 'code', 'simple'],
  ['Implement an LRU cache with a time to live in TypeScript', 'code', 'moderate'],
  ['I need a bash one-liner that deletes all log files older than a week', 'code', 'simple'],
  ['Écris une fonction JavaScript qui trie un tableau d\'objets par date', 'code', 'simple'],
  ['regex for an ISO date', 'code', 'simple'],
  ['Add an endpoint /health to this Express server that returns the version', 'code', 'simple'],
  ['Implementiere einen lock-freien Ringpuffer für einen Produzenten und einen Konsumenten in C++', 'code', 'complex'],
  ['Escribe una consulta SQL que devuelva los diez clientes con más pedidos', 'code', 'simple'],
  ['Can you give me a React component for a date picker with keyboard support?', 'code', 'moderate'],
  ['Design and implement a distributed rate limiter with Redis that survives a failover, across all services', 'code', 'complex'],
  ['Build a CLI in Go that watches a folder and uploads new files to S3, with retries and a progress bar', 'code', 'moderate'],
  ['Erstelle ein Skript, das alle Bilder in einem Ordner verkleinert', 'code', 'simple'],
  ['make me a css grid with three columns', 'code', 'simple'],
  ['Convert this function from callbacks to async/await', 'refactor', 'simple'],
  ['Write a parser for arithmetic expressions with operator precedence in Rust', 'code', 'moderate'],
  ['напиши функцию на Python, которая считает слова в файле', 'code', 'simple'],
  ['用 Python 写一个快速排序', 'code', 'simple'],
  ['Generate a Dockerfile for a Node 22 app', 'code', 'simple'],
  ['Complete this function:\n```ts\nexport function debounce(fn, ms) {\n```', 'code', 'simple'],
  // review
  ['Review this pull request for security problems', 'review', 'moderate'],
  ['Bitte überprüfe diesen Code auf Fehler', 'review', 'moderate'],
  ['Can you look over my diff before I merge it?', 'review', 'moderate'],
  ['Code review please', 'review', 'moderate'],
  ['Is there anything wrong with this code?\n```js\n' + loop + '\n```', 'review', 'moderate'],
  ['Schau dir bitte meinen Merge Request an und sag mir, was du ändern würdest', 'review', 'moderate'],
  ['Relis ce code et dis-moi ce qui ne va pas', 'review', 'moderate'],
  ['Check this module for race conditions and vulnerabilities', 'review', 'moderate'],
  ['Revisa este código, por favor', 'review', 'moderate'],
  ['Give me feedback on the code quality of this class', 'review', 'moderate'],
  ['Any issues with this query?\n' + sql, 'review', 'moderate'],
  ['Audit this smart contract: could reentrancy drain it? Prove your answer', 'review', 'complex'],
  // debug
  [stack, 'debug', 'moderate'],
  [traceback, 'debug', 'moderate'],
  [rustError, 'debug', 'moderate'],
  [panic, 'debug', 'moderate'],
  ['Why does this crash?\n' + stack, 'debug', 'moderate'],
  ['Warum stürzt das Programm beim Start ab?', 'debug', 'moderate'],
  ['My tests fail since the last commit and I do not know why', 'debug', 'moderate'],
  ['Das funktioniert nicht, es kommt immer eine Fehlermeldung', 'debug', 'moderate'],
  ['fix this', 'debug', 'simple'],
  ['The build is broken: module not found', 'debug', 'simple'],
  ['Behebe den Fehler in dieser Funktion', 'debug', 'moderate'],
  ['Pourquoi mon serveur renvoie-t-il une erreur 500 ?', 'debug', 'moderate'],
  ['We see a deadlock under load about once a day; find the root cause across all modules', 'debug', 'complex'],
  ['No me compila, ¿qué está mal?', 'debug', 'moderate'],
  ['segfault when I free the second node', 'debug', 'moderate'],
  ['npm ERR! code ERESOLVE unable to resolve dependency tree', 'debug', 'simple'],
  ['The counter shows NaN instead of the sum', 'debug', 'simple'],
  ['Memory keeps growing until the process is killed, and the heap snapshot shows detached closures. Why does that happen and how do I fix it?', 'debug', 'moderate'],
  // tests
  ['Write unit tests for this parser', 'test', 'moderate'],
  ['Schreibe Unit-Tests für die Klasse Warenkorb', 'test', 'moderate'],
  ['Add test cases for the empty list and for duplicates', 'test', 'simple'],
  ['Generate property-based tests for the date library', 'test', 'moderate'],
  ['Écris des tests pour cette fonction', 'test', 'moderate'],
  ['How do I mock fetch in vitest?', 'test', 'simple'],
  ['Increase the coverage of auth.ts to 90 %', 'test', 'moderate'],
  ['Füge einen Test hinzu, der diesen Fehler reproduziert', 'test', 'moderate'],
  ['Escribe pruebas unitarias para este servicio', 'test', 'moderate'],
  ['Create an integration test that starts the server and logs in', 'test', 'moderate'],
  ['write pytest fixtures for a temporary database', 'test', 'simple'],
  ['Tests für diese Methode bitte', 'test', 'moderate'],
  // refactor
  ['Refactor this into smaller functions', 'refactor', 'moderate'],
  ['Refaktoriere diese Klasse, sie ist zu groß', 'refactor', 'moderate'],
  ['Clean up this file', 'refactor', 'simple'],
  ['Rename the variable x to something meaningful', 'refactor', 'simple'],
  ['Extract the validation into its own module', 'refactor', 'simple'],
  ['Vereinfache diese Bedingung', 'refactor', 'simple'],
  ['Make this code more readable:\n```py\n' + python + '\n```', 'refactor', 'moderate'],
  ['Get rid of the duplication in these two classes', 'refactor', 'moderate'],
  ['Migrate the whole codebase from class components to hooks, in steps that can be released one by one', 'refactor', 'complex'],
  ['Simplifie ce code', 'refactor', 'simple'],
  ['Remove dead code and unused imports', 'refactor', 'simple'],
  ['Räum diese Funktion auf', 'refactor', 'simple'],
  // document
  ['Add JSDoc comments to this function', 'document', 'simple'],
  ['Write a README for this project', 'document', 'simple'],
  ['Dokumentiere diese Funktion', 'document', 'simple'],
  ['Add docstrings everywhere', 'document', 'simple'],
  ['Write a changelog entry for this commit', 'document', 'simple'],
  ['Schreib ein README für dieses Projekt', 'document', 'simple'],
  ['Write a commit message for these changes', 'document', 'simple'],
  ['Comment this code', 'document', 'simple'],
  ['Ajoute des commentaires à cette fonction', 'document', 'simple'],
  ['Generate API documentation in OpenAPI format for these routes', 'document', 'moderate'],
  // explain
  ['What does this regex do? ^(?=.*\\d).{8,}$', 'explain', 'simple'],
  ['Explain closures in JavaScript', 'explain', 'simple'],
  ['Erkläre mir den Unterschied zwischen Prozess und Thread', 'explain', 'simple'],
  ['What is a monad?', 'explain', 'simple'],
  ['Was ist eine Race Condition?', 'explain', 'simple'],
  ['Wie funktioniert der Garbage Collector von V8?', 'explain', 'simple'],
  ['How does HTTPS work?', 'explain', 'simple'],
  ['Explique-moi ce code', 'explain', 'simple'],
  ['¿Qué hace esta función?', 'explain', 'simple'],
  ['Walk me through the Raft protocol and why does it need terms', 'explain', 'moderate'],
  ['what is the difference between let and const', 'explain', 'simple'],
  ['Why is the sky blue?', 'explain', 'simple'],
  ['Was macht dieser Code?\n```py\n' + python + '\n```', 'explain', 'simple'],
  ['I do not understand what useEffect is for', 'explain', 'simple'],
  ['что такое замыкание?', 'explain', 'simple'],
  ['什么是闭包？', 'explain', 'simple'],
  // analysis
  ['Compare PostgreSQL and MySQL for a shop with ten thousand orders a day', 'analysis', 'moderate'],
  ['Vergleiche REST und GraphQL für eine mobile App', 'analysis', 'moderate'],
  ['What are the pros and cons of microservices for a team of four?', 'analysis', 'moderate'],
  ['Analyse these sales figures: 120, 140, 90, 200, 210', 'analysis', 'moderate'],
  ['Should we move to Kubernetes? Weigh the costs, the risks and the alternatives', 'analysis', 'moderate'],
  ['Evaluate the trade-offs between consistency and availability in our distributed design, and justify a migration plan', 'analysis', 'complex'],
  ['Welche Vor- und Nachteile hat ein Monorepo?', 'analysis', 'moderate'],
  ['Which is better for this, Redis or Memcached?', 'analysis', 'moderate'],
  ['Analysiere die Komplexität dieses Algorithmus', 'analysis', 'moderate'],
  ['Compare les avantages et les inconvénients de ces deux architectures', 'analysis', 'moderate'],
  ['Assess the security architecture of this protocol: derive which guarantees hold, prove or refute forward secrecy, and compare it with TLS 1.3', 'analysis', 'expert'],
  ['What would be the impact of raising the price by ten percent?', 'analysis', 'moderate'],
  // writing
  ['Write an email to my landlord about the broken heating', 'writing', 'simple'],
  ['Schreib eine E-Mail an meinen Chef, dass ich morgen krank bin', 'writing', 'simple'],
  ['Summarize this article in three sentences', 'writing', 'simple'],
  ['Fasse den folgenden Text zusammen', 'writing', 'simple'],
  ['Write a poem about autumn', 'writing', 'simple'],
  ['Rewrite this paragraph so that it sounds friendlier', 'writing', 'simple'],
  ['Draft a cover letter for a job as a nurse', 'writing', 'simple'],
  ['Verfasse eine Einladung zur Hochzeit', 'writing', 'simple'],
  ['Rédige une lettre de motivation', 'writing', 'simple'],
  ['Correct the grammar: me and him goes to school', 'writing', 'simple'],
  ['Write a blog post about our new release', 'writing', 'simple'],
  ['Korrigiere die Rechtschreibung in diesem Text', 'writing', 'simple'],
  ['Escribe un cuento corto para niños', 'writing', 'simple'],
  ['tl;dr', 'writing', 'trivial'],
  // translation
  ['Translate this into Finnish', 'translation', 'simple'],
  ['Übersetze das ins Englische: Der Zug hat Verspätung', 'translation', 'simple'],
  ['How do you say "good luck" in Japanese?', 'translation', 'trivial'],
  ['Traduis en allemand : je suis en retard', 'translation', 'simple'],
  ['What is "Schmetterling" in English?', 'translation', 'trivial'],
  ['Traduce esta frase al inglés', 'translation', 'simple'],
  ['Was heißt "butterfly" auf Deutsch?', 'translation', 'trivial'],
  ['переведи на английский', 'translation', 'simple'],
  ['翻译成英文：今天天气很好', 'translation', 'simple'],
  ['Please put the following into French: The meeting is at noon.', 'translation', 'simple'],
  // math
  ['Solve x^2 - 5x + 6 = 0', 'math', 'moderate'],
  ['Löse die Gleichung 3x + 7 = 22', 'math', 'moderate'],
  ['What is 17 * 23?', 'math', 'simple'],
  ['Berechne das Integral von x^2 von 0 bis 3', 'math', 'moderate'],
  ['Prove that the square root of 2 is irrational', 'math', 'moderate'],
  ['Calculate the probability of two sixes in four rolls', 'math', 'moderate'],
  ['Calcule la dérivée de sin(x) * e^x', 'math', 'moderate'],
  ['Prove the spectral theorem for compact self-adjoint operators, and derive the eigenvalues of the integral operator with kernel min(s,t)', 'math', 'complex'],
  ['12*7+3', 'math', 'simple'],
  ['Wie viel sind 15 Prozent von 240?', 'math', 'simple'],
  ['Find the eigenvalues of [[2,1],[1,2]]', 'math', 'moderate'],
  ['How many ways are there to seat 8 people at a round table?', 'math', 'moderate'],
  // search
  ['Search the web for the opening hours of the library', 'search', 'simple'],
  ['Suche im Internet nach der neuesten Version von Node', 'search', 'simple'],
  ['Look up who won the match today', 'search', 'simple'],
  ['What is the weather in Hamburg right now?', 'search', 'simple'],
  ['latest news about the election', 'search', 'simple'],
  ['Wie ist das Wetter heute in Wien?', 'search', 'simple'],
  ['Find sources about the history of coffee', 'search', 'simple'],
  ['Cherche sur le web les horaires du musée', 'search', 'simple'],
  ['Google the current exchange rate of the dollar', 'search', 'simple'],
  ['Busca en internet las últimas noticias', 'search', 'simple'],
  // code alone
  [loop, 'code', 'simple'],
  [python, 'code', 'simple'],
  [sql, 'code', 'simple'],
  ['#include <stdio.h>\nint main(void) { printf("hello\\n"); return 0; }', 'code', 'simple'],
  ['public static int add(int a, int b) { return a + b; }', 'code', 'simple'],
  ['const [open, setOpen] = useState(false);\nreturn <Dialog open={open} onClose={() => setOpen(false)} />;', 'code', 'simple'],
];
