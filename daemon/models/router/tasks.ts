// The kinds of tasks, as a table: how one is recognized, how hard such tasks are, and how long their answers. The words
// are English, German, French and Spanish, with a few Russian; Chinese and Japanese have a table of their own. A text in
// another language is recognized by its code and names.
import { eastAsian, eastAsianSigns, eastAsianSubjects } from './east-asian.ts';
import { TaskLexicon } from './lexicon.ts';
import type { RequestTask, RouteRequest, TaskName } from './router.ts';

export interface TaskKind {
  name: TaskName;
  /** 0 to 1, before anything is known of the request itself. */
  difficulty: number;
  /** Tokens of an answer, on average. */
  outputTokens: number;
}

interface TaskRow extends TaskKind {
  /** Lists of words that indicate the task, with their weights. A list counts once, however many of its words occur. */
  words: readonly [weight: number, words: string][];
  /** Patterns of phrases and layout, likewise. */
  shapes: readonly [weight: number, pattern: RegExp][];
}

/** When two have the same score, the first counts. */
const rows: readonly TaskRow[] = [
  {
    name: 'chat',
    difficulty: 0.12,
    outputTokens: 400,
    words: [],
    shapes: [
      [
        5,
        /^(?:thanks|thank you|thx|hi|hello|hey|good (?:morning|evening)|danke|hallo|merci|bonjour|gracias|hola)\b[^\n?]{0,60}(?:$|[.!] (?:got|how|any|do|are) )|\bare you (?:an ai|a (?:bot|human))\b|\btell me a joke\b/i,
      ],
    ],
  },
  {
    name: 'review',
    difficulty: 0.35,
    outputTokens: 900,
    words: [
      [
        4,
        'review* überprüf* gegenles* relis relire revisa revisar audit* critique kritisier* lgtm codereview nitpick*',
      ],
      [
        1,
        'diff vulnerabilit* check prüf* quality qualität merge patch pr changes änderungen changements cambios secure sicher feedback smells',
      ],
    ],
    shapes: [
      [
        4,
        /\b(?:look(?:ing)? over|any (?:issues|problems|bugs|mistakes) (?:with|in)|anything wrong with|feedback on|schau\w* (?:dir )?.{0,40}\ban\b|ce qui ne va pas|take a look at|what would you (?:change|improve)|was würdest du|what do you think of (?:this|my) (?:code|function|class|implementation)|opinion on (?:this|my) code|(?:second|another|fresh) (?:pair|set) of eyes|sanity[- ]check|double[- ]check|nitpick|poke holes|(?:be|give me) (?:brutal|honest)|what(?:'s| is) wrong with (?:this|my|the|our) (?:pr|pull request|diff|patch|change|code|design|schema|class|implementation|approach)|before (?:i|we) (?:push|merge|ship|commit|freeze|release|deploy|submit))\b/i,
      ],
      [
        5,
        /\b(?:(?:is|are|does|looks?) (?:this|that|it|these|my|our|the)(?: \w+){0,3} (?:safe|secure|thread-?safe|correct|right(?! now)|ok(?:ay)?|sane|idiomatic|vulnerable|robust|good enough|production.ready)\b|(?:any|are there|is there|spot|see) (?:\w+ ){0,2}(?:race conditions?|vulnerabilit\w+|leaks?|holes|pitfalls|smells|code smells|edge cases i|mistakes|security (?:issues|problems|holes)) |(?:check|scan|inspect|examine|go through) .{1,40} for (?:\w+ ){0,3}(?:issues|problems|bugs|mistakes|errors|flaws|vulnerab\w+|race|leaks)|find (?:the |any |all )?(?:mistakes|problems|issues|flaws|weaknesses)|(?:could|can|would|will) (?:this|it) (?:\w+ )?(?:break|deadlock|race|leak|blow up|bite))/i,
      ],
    ],
  },
  {
    name: 'debug',
    difficulty: 0.35,
    outputTokens: 700,
    words: [
      [
        2,
        'debug* bug bugs buggy crash* fail fails failing failed broken breaks fix fixed fixes beheb* repariere stürzt abstürz* absturz kaputt plante plantage panne deadlock* leak leaks leaking hang hangs hanging freezes frozen stuck hängt corrige corriger arregla soluciona troubleshoot diagnose',
      ],
      [
        2,
        'error errors exception* traceback segfault* panic* fehler fehlers fehlermeldung* erreur erreurs nan undefined fehlschlägt timeout timeouts flaky slow langsam lent lento wrong falsch unexpected unerwartet loop econnrefused enoent eacces etimedout stacktrace',
      ],
      [1, 'keeps suddenly plötzlich anymore mehr warum why pourquoi seit since null'],
    ],
    shapes: [
      [
        3,
        /\b(?:(?:does|do|did|is|are|was)(?:n't| not) (?:work|compile|start|load|respond|update|render|connect|run)\w*|not working|stopped working|won't (?:start|load|compile|open|run|connect)|can(?:'t|not) (?:connect|log ?in|start|open|install|compile)|(?:funktioniert|geht|läuft|startet|lädt|klappt) .{0,30}\bnicht|ne (?:marche|fonctionne|démarre|compile) (?:pas|plus)|no (?:me )?(?:compila|funciona|arranca|carga)|(?:shows?|prints?|returns?|gives?) .{1,30} instead of|(?:than|what) (?:it|they) should be|off by (?:a|an|one)|root cause|what(?:'s| is) wrong|qué está mal|was ist (?:hier )?falsch|keeps \w+ing|crashloopbackoff|oom(?:killed)?|exit(?:ed with)? (?:code|status)|failed to|exits? with|runs? (?:twice|two times)|find (?:the |a |an )?(?:\w+ )?(?:race|leak|bug|cause|culprit|deadlock)|(?:only|just) (?:(?:happens|fails|breaks|occurs) )?(?:in|on|when|after|with) (?!the |this )\w+|since (?:upgrading|updating|moving|switching|the (?:upgrade|update|deploy\w*|last))|after (?:upgrading|updating|deploying|the (?:upgrade|update|last))|(?:works?|runs?|passes|fine) (?:fine |ok )?(?:locally|on my|in dev|in chrome)|but not (?:in|on|when|for|with)|(?:one|an) \w+ (?:early|late|too (?:many|few|much))|overflows|(?:never|doesn't|does not|not) (?:gets? )?(?:called|fired|triggered|reached)|what(?:'s| is) going (?:on|wrong)|(?:says|complains|throws|i get|i'm getting|gives me)\b[^\n]{0,12}["'`\u201c])/i,
      ],
      [4, /\bwhy (?:do|does|did|is|are|am)(?:n't)? (?:my|our|i|we)\b/i],
    ],
  },
  {
    name: 'test',
    difficulty: 0.31,
    outputTokens: 900,
    words: [
      [
        4,
        'unittest* junit* rspec phpunit xctest pytest vitest jest mocha playwright cypress testfall testfälle testfällen testsuite coverage testabdeckung pruebas mock mocks mocken mocking stub fixtures fixture assertion assertions',
      ],
      [2, 'test tests teste testen testing'],
    ],
    shapes: [
      [2, /\b(?:unit|integration|regression|property-based|end-to-end|e2e|snapshot|load|smoke)[ -]?tests?\b/i],
      [
        4,
        /\b(?:write|add|generate|create|schreib\w*|erstell\w*|füge|écris|ajoute|escribe|agrega|more) .{0,30}\btests?\b/i,
      ],
      [
        5,
        /\b(?:cover (?:\w+ ){0,3}(?:edge|corner|error|failure|happy)|(?:write|add|need|more) (?:\w+ ){0,2}specs?\b|specs for|test (?:cases?|doubles?|data|plan)|(?:unit|integration|e2e)[- ]?test (?:a|an|the|this|my|for|that)|untested|tdd)/i,
      ],
    ],
  },
  {
    name: 'refactor',
    difficulty: 0.3,
    outputTokens: 900,
    words: [
      [
        5,
        'refactor* refaktor* vereinfach* simplif* optimiz* optimis* restructur* reorganiz* reorganis* umbenenn* rename renombra renomme aufräum* modernize modernise deduplicate umstrukturier* umschreiben',
      ],
      [
        2,
        'extract migrate migrier* convert duplication duplicate duplicated readable lesbarer lesbar unused replace ersetze remplace reemplaza move verschiebe déplace mueve turn inline decouple nested verbose cleaner tidy teile aufteilen',
      ],
    ],
    shapes: [
      [
        7,
        /\b(?:rewrite|port|convert|translate|transpile)\b.{0,60}\b(?:in|to|into) (?:rust|go|golang|python|typescript|javascript|java|kotlin|swift|scala|ruby|php|c|c\+\+|c#|elixir|zig|tsx?)(?![\w+#-])/i,
      ],
      [
        5,
        /\b(?:clean(?:ing)? (?:it |this )?up|split (?:up|into|this|it|\S+ (?:up|into))|flatten\w*|early returns?|break (?:this|it) (?:up|down|into)|improve (?:this|the|my) code|less (?:ugly|verbose|nested|repetitive|clunky|messy)|more (?:readable|idiomatic|concise|modular|maintainable|declarative|functional)|dead code|get rid of|(?:pull|factor|split|move|lift) (?:it |this |that |them )?out|break (?:\w+ ){1,4}into|into (?:smaller|pieces|separate|its own|their own|several)|(?:swap|replace|exchange) .{1,40} (?:for|with|by)|(?:without|don't|not) chang\w+ (?:the |its |any )?(?:behaviou?r|functionality|api)|common (?:part|code|base|logic)|(?:too|so) (?:much|many) (?:duplicat\w+|nesting|parameters|responsibilities)|nested ifs?|räum\w* .{0,30}\bauf|teile? .{0,30}\bauf)\b/i,
      ],
    ],
  },
  {
    name: 'document',
    difficulty: 0.2,
    outputTokens: 500,
    words: [
      [
        5,
        'docstring docstrings jsdoc javadoc tsdoc readme changelog dokumentier* dokumentation documentation documente documenta openapi commentaires comentarios kommentier* kommentare docs',
      ],
      [1, 'comments markdown wiki guide anleitung'],
    ],
    shapes: [
      [
        5,
        /\b(?:commit (?:message|msg)|release notes|doc comments|change ?log entry|pr description|pull request description|inline comments|(?:comment|document) (?:this|the|these|my|every|all)|beschreibe? .{0,30}\b(?:api|schnittstelle|funktion|klasse))\b/i,
      ],
    ],
  },
  {
    name: 'analysis',
    difficulty: 0.37,
    outputTokens: 900,
    words: [
      [
        4,
        'compare compara comparer comparez vergleich* analyse analyze analysier* analysis analiza evaluate evaluier* assess bewerte beurteile vorteile nachteile avantages inconvénients ventajas desventajas bottleneck* tradeoff* rank prioritize abwäg* spricht swot',
      ],
      [
        2,
        'worth alternatives alternativen options optionen risks risiken costs strategy strategie should sollten better besser versus vs recommend',
      ],
    ],
    shapes: [
      [
        8,
        /\b(?:rough|ballpark) (?:estimate|guess|idea)\b|\bhow many (?:weeks|days|months|sprints|people) (?:would|will|does)\b/i,
      ],
      [
        4,
        /\b(?:pros and cons|trade-?offs?|vor- und nachteile|should we|which (?:one )?(?:is|are|would be) (?:better|best|faster)|impact of|worth (?:it|\w+ing)|lohnt (?:es )?sich|vale la pena|was spricht|upsides|downsides|would we (?:lose|gain)|(?:how|what) would (?:you|we) (?:plan|approach|split|structure|architect)|(?:estimate|assess|evaluate) (?:the )?(?:effort|risks?|costs?|impact)|(?:what|which) trends?|to blame|decid\w+ (?:whether|between|if)|whether to|should (?:i|one) (?:use|pick|choose|move|switch|go)|roadmap|make a plan|feasib\w+)\b/i,
      ],
      [5, /(?:^|\. )(?:\w+ ){0,3}\b(?:or|vs\.?|versus) (?:\w+ ){1,3}(?:for|if|when|in|given)\b.*\?/im],
    ],
  },
  {
    name: 'translation',
    difficulty: 0.12,
    outputTokens: 400,
    words: [
      [5, 'translat* übersetz* traduis traduire traduce traducir traduzca traduction traducción перевед* перевод*'],
    ],
    shapes: [
      [
        4,
        /\b(?:in|into|to|ins|auf|en|al) (?:english|german|french|spanish|italian|portuguese|dutch|polish|swedish|turkish|arabic|korean|japanese|chinese|finnish|russian|(?:deutsch|englisch|französisch|spanisch|italienisch|polnisch|russisch|japanisch|türkisch)e?n?|anglais|allemand|français|espagnol|italien|inglés|alemán|francés|español)\b/i,
      ],
      [8, /\bsay ["“«'][^\n]{1,80}["”»'] in\b/i],
      [4, /how do you say|what'?s the \w+ word for|wie sagt man|was heißt|comment dit-on|cómo se dice/i],
    ],
  },
  {
    name: 'writing',
    difficulty: 0.2,
    outputTokens: 700,
    words: [
      [
        4,
        'summari* proofread grammar grammatik rechtschreibung verfass* rédige rédiger formulier* umformulier* paraphrase rephrase reword korrigiere zusammenfass* résume résumer resume resumir redacta shorten kürze',
      ],
      [
        2,
        'email emails mail letter brief lettre carta correo essay aufsatz article artikel poem gedicht poème poema haiku limerick song lyrics story geschichte histoire cuento novel blog einladung invitation paragraph absatz sentence satz speech rede toast headline tweet post newsletter cv résumé bio slogan announcement wedding birthday geburtstag sound sounds tone höflicher friendlier',
      ],
      [2, 'draft compose rewrite'],
      [1, 'write schreib* écris écrire escribe escribir text texte texto'],
    ],
    shapes: [[4, /\bfass\w* .{0,60}\bzusammen\b|\btl;?dr\b/i]],
  },
  {
    name: 'search',
    difficulty: 0.2,
    outputTokens: 500,
    words: [
      [4, 'weather wetter météo news nachrichten noticias headlines'],
      [
        2,
        'today heute tonight currently aktuell* latest neueste* current gerade president präsident bundeskanzler price kurs score',
      ],
      [1, 'find finde who wer paper papers source sources link links'],
    ],
    shapes: [
      [
        5,
        /\b(?:search (?:for|the web|online)|look up|find (?:me )?(?:out|sources|articles|an? (?:paper|article|link|source))|google (?:for|the)|im (?:internet|netz)|sur (?:le web|internet)|en internet|at the moment|who (?:is|was|won|are) the|wer ist)\b/i,
      ],
      [
        6,
        /\b(?:where (?:in (?:the|this|our|my) \w+|(?:is|are|do|does|did|can|should)\b(?! (?:i|we|you) (?:go|start)))|(?:which|what) (?:files?|modules?|packages?|services?|folders?|tables?|class(?:es)?|functions?|places?)\b.{0,20}\b(?:do|does|(?:import|use|call|read|write|define|handle|set|contain|reference|touche?|implement)(?:s|d|ed)?)\b|(?:find|list|show)(?: me)? (?:all|every|each|any|the) (?:\w+ ){0,2}(?:usages?|uses|references|callers|calls|occurrences|places?|files?|imports?|spots?|definitions?)|(?:usages?|references|callers|occurrences) (?:of|to)|who calls|wo (?:ist|wird|werden|steht|sind)|où (?:est|sont)|dónde (?:está|se))\b/i,
      ],
    ],
  },
  {
    name: 'math',
    difficulty: 0.32,
    outputTokens: 500,
    words: [
      [
        4,
        'solve löse calculate compute berechne* ableitung calcule calcula equation* gleichung* integral* derivative* dérivée derivada probability wahrscheinlichkeit probabilité theorem* polynomial* eigenvalue* eigenwert* irrational logarithm* triangle dreieck prime primzahlen factorial median variance',
      ],
      [2, 'prove beweise beweis proof cyclic matrix vector vektor sum summe group percent prozent km meters speed'],
    ],
    shapes: [
      [4, /^[^\n]{0,60}\d\)?\s*(?:[+*/^=×÷]|\s-\s)\s*\(?\d[^\n;{]{0,30}$/],
      [
        4,
        /\b(?:how many ways|wie viele? (?:sind|ist)|(?:percent|prozent|%) (?:of|von)|what(?:'s| is) the (?:total|sum|odds|chance)|show that (?:every|any|each|all|the)|zeige, dass)\b/i,
      ],
      [
        6,
        /^(?=[\s\S]*\d\D*\d)(?:[\s\S]*\b(?:how (?:many|much|long)|in how many|wie ?viele?|wie lange|combien|cuánt[oa]s?)\b|[\s\S]*\d ?% (?:of|von|de|plus|off)\b|^(?:what(?:'s| is)|was ist|wieviel) [\d(])/i,
      ],
      [2, /\d+ ?(?:km|m|kg|mph|km\/h|miles|euros?|€|%).*\d+.*\?/i],
    ],
  },
  {
    name: 'explain',
    difficulty: 0.2,
    outputTokens: 500,
    words: [
      [
        4,
        'explain* erklär* explique* expliquer explica explícame eli bedeutet signifie significa wozu wofür bedeutung',
      ],
      [
        1,
        'difference unterschied différence diferencia understand verstehe comprends entiendo concept konzept purpose',
      ],
    ],
    shapes: [
      [
        3,
        /\b(?:(?:what|how|why) (?:is|are|does|do|did|happens)|what's|was (?:ist|sind|macht|passiert)|wie funktioniert|warum (?:ist|sind|wird|werden|hat|haben|braucht|gibt|muss)|walk me through|meaning of|qu'est-ce|c'est quoi|que fait|à quoi sert|tell me (?:how|why|about)|teach me|how come|what (?:on earth|the (?:heck|hell)) (?:is|does|are)|what (?:is|does) (?:this|that|it) (?:do|doing)|keep (?:mixing|confusing)|what(?:'?s| is) the (?:diff\w*|point|purpose|idea|difference|meaning|deal)|(?:summari[sz]e|describe|outline|show me) (?:how|what|why)|how \w+ (?:flows?|works?|gets?|interacts?)|in (?:plain|simple) (?:english|terms|words)|break down how|step by step how)\b|qué (?:hace|es)|para qué|что такое|объясни/i,
      ],
      [-2, /\bhow (?:do|does|can|should) i\b/i],
    ],
  },
  {
    name: 'code',
    difficulty: 0.27,
    outputTokens: 800,
    words: [
      [3, 'implement* implementier* programmier* scaffold boilerplate'],
      [
        1,
        'write create generate build make add sort parse schreib* erstell* baue füge écris écrire crée créer ajoute escribe crea genera complete need want set',
      ],
    ],
    shapes: [
      [3, /напиши .{0,20}(?:функци|код|программ)/],
      [
        3,
        /\b(?:script|function|type|hook|component|class|query|command|macro|method|helper|util\w*|endpoint|service|program|plugin|decorator|regex|dockerfile|workflow|bot|cli|server|parser|middleware) (?:that|which|to|for)\b|\b(?:wire|hook|plug) (?:\w+ ){0,4}(?:up|in|into)\b|\bsupport for\b|\b(?:write|make|build|give) me (?:\w+ ){0,3}(?:thing|something|one-?liner|snippet)\b|\badd (?:\w+ ){1,4}(?:to|when|if|so)\b|\b(?:write|create|build|make|generate|add|code|develop|give me|need|want|would like|i'd like|set up|can i get) (?:\w+ ){0,5}(?:function|type|hook|component|class|query|command|macro|method|helper|endpoint|route|service|program|script|plugin|decorator|regex|dockerfile|workflow|bot|cli|server|api|app|page|button|form|toggle|field|column|table|schema|migration|parser|middleware|pagination|cache|option|flag|feature|module|package|library|sql)s?\b/i,
      ],
    ],
  },
];

/**
 * What a request about code names. Any request of a developer may, so this only tells writing code from no task at all:
 * it counts for little beside a clear sign of another task.
 */
const codeSubjects: Pick<TaskRow, 'words' | 'shapes'> = {
  words: [
    [
      2,
      'function* funktion* fonction* función class classes klasse méthode methode method script* skript* program* programm endpoint* component* komponente componente query queries requête consulta regex regexp module modul module api cli dockerfile parser snippet algorithm* algorithmus decorator hook middleware workflow pipeline terraform kubernetes yaml json csv schema struct enum interface trait variable variables array arrays list liste map dict dictionary string strings int boolean iterator generator callback promise async await thread mutex queue stack tree cache buffer socket server client webhook cron button form',
    ],
    [
      2,
      'typescript javascript python rust golang java kotlin swift scala ruby php perl haskell elixir sql bash shell powershell html css scss react vue angular svelte express django flask fastapi rails spring docker node deno bun postgres mysql sqlite redis kafka graphql grpc aws gcp azure github git npm webpack vite',
    ],
  ],
  shapes: [
    [1, /```/],
    [2, /\b(?:c\+\+|c#)/i],
    [
      3,
      /[;{}][ \t\r]*$|^[ \t]*(?:#include|import|from \w+ import|def |class |const |let |public |fn |func |struct |SELECT )/m,
    ],
  ],
};
const eastAsianSubjectWeight = 2;
/** A score that is a clear sign of a task. */
const clearSign = 3;

const chat: TaskKind = { name: 'chat', difficulty: 0.12, outputTokens: 400 };
const vision: TaskKind = { name: 'vision', difficulty: 0.25, outputTokens: 400 };
const attachedCode = 1; // an attachment in a programming language makes code a little likelier

/** All lists of words, in order. */
const groups = [...rows, { name: undefined, ...codeSubjects }].flatMap(({ name, words }) =>
  words.map(([weight, list]) => ({ name, weight, list })),
);
const lexicon = new TaskLexicon(groups.map(({ list }) => list));

/** A failure as programs print it, fenced or not. */
const failure =
  /^[ \t]+at \S.*:\d+|^Traceback |^goroutine \d|^(?:fatal )?error(?:\[\w+\])?:|^npm ERR!|^panic:|\b[A-Z]\w*(?:Error|Exception)\b|\b(?:TS|CS|C|LNK|E)\d{4}\b|\bE[A-Z]{5,}\b/m;
const failureWeight = 5;

/** The question is at the start or the end. The middle, code above all, is full of words that indicate nothing. */
const excerpt = { first: 500, last: 300 }; // characters

/** The kind of task, and the sign that indicated it. */
export function describeTask(
  request: RouteRequest,
  { task, vision: hasImage }: { task: RequestTask; vision: boolean },
): TaskKind & { because: string } {
  const review = rows.find(({ name }) => name === 'review');
  if (task === 'review' && review) return { ...kindOf(review), because: 'a review' };
  if (hasImage) return { ...vision, because: 'an image to look at' };
  const text =
    request.text.length <= excerpt.first + excerpt.last
      ? request.text
      : `${request.text.slice(0, excerpt.first)}\n${request.text.slice(-excerpt.last)}`;
  const withCode =
    task === 'action' ||
    request.attachments?.some(
      ({ languageId }) => languageId !== undefined && !['plaintext', 'markdown'].includes(languageId),
    );
  const scores = scoresOf(text);
  if (withCode) scores.code += attachedCode;
  const top = rows.reduce((best, next) => (scores[next.name] > scores[best.name] ? next : best));
  return scores[top.name] > 0
    ? { ...kindOf(top), because: `reads like the task "${top.name}"` }
    : { ...chat, because: 'no sign of a special task' };
}

function kindOf({ name, difficulty, outputTokens }: TaskRow): TaskKind {
  return { name, difficulty, outputTokens };
}

const changing: ReadonlySet<TaskName> = new Set(['code', 'refactor', 'debug', 'test', 'document']);

/** As people begin what they want done; alone these words are no sign of a task. */
const order =
  /(?:^|[.!?,;:\n]\s*|\b(?:please|then|and|now|just|(?:can|could|would) you)\s+)(?:add|apply|change|convert|delete|drop|edit|extract|make|merge|move|remove|rename|replace|set|split|swap|turn|update|use)\b/i;

/** Whether a chat's message asks for code to be written or changed. */
export function asksForChange(text: string): boolean {
  return order.test(aroundFences(text)) || changing.has(describeTask({ text }, { task: 'chat', vision: false }).name);
}

/** The text around its fences. What is between them is material, and says nothing of what to do with it. */
export function aroundFences(text: string): string {
  const opening = text.indexOf(fence);
  if (opening < 0) return text;
  const closing = text.lastIndexOf(fence);
  return `${text.slice(0, opening)}\n${closing > opening ? text.slice(closing + fence.length) : ''}`;
}

const fence = '```';

function scoresOf(text: string): Record<TaskName, number> {
  const scores = Object.fromEntries(rows.map(({ name }) => [name, 0])) as Record<TaskName, number>;
  const said = aroundFences(text);
  let subjects = weightOf(codeSubjects.shapes, text);
  const found = new Uint8Array(groups.length);
  const asked = said.toLowerCase();
  lexicon.mark(asked, { from: 0, to: asked.length }, found);
  groups.forEach(({ name, weight }, group) => {
    if (!found[group]) return;
    if (name) scores[name] += weight;
    else subjects += weight;
  });
  for (const { name, shapes } of rows) scores[name] += weightOf(shapes, said);
  if (eastAsian.test(said)) {
    for (const [name, weight, pattern] of eastAsianSigns) if (pattern.test(said)) scores[name] += weight;
    if (eastAsianSubjects.test(said)) subjects += eastAsianSubjectWeight;
  }
  if (failure.test(text)) scores.debug += failureWeight;
  const isOther = rows.some(({ name }) => name !== 'code' && scores[name] >= clearSign);
  scores.code += isOther ? Math.min(subjects, 1) : subjects;
  return scores;
}

function weightOf(shapes: TaskRow['shapes'], text: string): number {
  return shapes.reduce((sum, [weight, pattern]) => (pattern.test(text) ? sum + weight : sum), 0);
}
