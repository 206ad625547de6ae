// Of what kind a flaw is, from the words in which a model tells of it. The same flaw is told in other words each time, seldom as one of
// another kind. Pure.

/** TABLE of kinds and of the words that tell of them. A message can be of several. */
const kinds: Readonly<Record<string, RegExp>> = {
  'zero-division':
    /\b0 ?\/ ?0\b|empty (?:array|list|input) makes|divi\w* by (?:zero|0)|zero[- ]divi|(?:empty|zero|no) \w* ?(?:gives|yields|makes)? ?(?:nan|infinity)|\bnan\b|\binfinity\b|denominator|divisor/,
  null: /\bnull\b|\bnil\b|\bundefined\b|\bnone\b|nullish|optional chain|dereferenc|may(?: \w+)? not exist|attributeerror|nullpointer|\bnpe\b|unwrap/,
  bounds:
    /length - 1|beyond the |last (?:element|entry|item)|off[- ]by[- ]one|out[- ]of[- ](?:range|bounds)|past the end|beyond the (?:end|last)|one (?:too many|too far|element too)|fencepost|index(?:error| exceeds)|boundary|skips the (?:first|last)|last (?:element|item|entry) is (?:skipped|missed|never)/,
  injection:
    /\bsqli?\b|injection|parameteri[sz]ed|prepared statement|(?:concatenat|interpolat)\w* .*quer|shell command|arbitrary command|command execution|unsaniti[sz]ed|unescaped/,
  xss: /\bxss\b|cross[- ]site scripting|innerhtml|raw html|html escap/,
  traversal: /travers|\.\.\/|outside (?:of )?the (?:folder|directory|root)|arbitrary file/,
  secret: /hard-?coded|credential|password|\bsecret|api[- ]?key|\btoken\b.*(?:log|leak|source)|private key/,
  crypto:
    /\bmd5\b|\bsha-?1\b|weak (?:hash|cipher|crypto)|insecure random|math\.random|predictable|timing attack|constant[- ]time/,
  access: /authori[sz]ation|authenticat|permission check|access control|privilege|csrf|ownership/,
  ssrf: /\bssrf\b|open redirect|arbitrary url|attacker.*url/,
  deserialization: /deseriali[sz]|pickle|\beval\b|prototype pollution|yaml\.load/,
  race: /\brac(?:e|y|es)\b|race condition|concurren|data race|atomic|deadlock|\block(?:s|ed|ing)?\b|mutex|synchroni[sz]|thread[- ]?safe|toctou|check[- ]then[- ]/,
  await: /\bawait|promise|not awaited|floating|fire[- ]and[- ]forget|asynchronous/,
  leak: /\bleak|never (?:closed|released|freed|removed|unsubscribed|cleared)|not (?:closed|released|freed|cleared)|file (?:handle|descriptor)|dispos|unsubscrib|stays open|remains open/,
  'swallowed-error':
    /nobody handles|unnoticed|vanish|rejects|swallow|error(?:s)? (?:is|are|was) (?:ignored|discarded|lost|hidden|silenced)|silent(?:ly)?|catch(?:es)? (?:all|everything)|empty catch|bare except|ignores? (?:the )?(?:error|exception|failure|return value)|unchecked error|unhandled (?:error|exception)/,
  equality:
    /\bassign(?:s|ment|ed)?\b.*(?:compar|branch|condition|instead)|\bnot =|loose equal|strict equal|={2,3}|coerc|compared? by (?:reference|identity)|assign\w* (?:instead of|in (?:a|the) condition)/,
  'inverted-condition':
    /invert|negat|opposite|reversed condition|condition is (?:wrong|backwards)|wrong (?:way round|branch)|always (?:true|false)|never true/,
  operator:
    /(?:subtract|add|multipl|divid)\w* (?:instead|rather)|wrong (?:sign|operator|operation)|sign (?:is|error)|difference|should (?:add|subtract|multiply|be (?:plus|minus))|instead of (?:add|subtract|multipl|sum)/,
  'wrong-variable':
    /wrong (?:variable|argument|parameter|field|key|name|property)|swapped|argument order|mixed up|copy[- ]?paste/,
  overflow: /overflow|underflow|wraps around|truncat|exceeds? (?:32|64|max)|safe integer|precision/,
  float: /floating[- ]point|rounding|float compar|epsilon|\bmoney\b.*float/,
  'infinite-loop':
    /infinite|endless|never (?:ends|terminates|stops)|does(?: not|n't) terminate|hangs|unbounded (?:recursion|loop)|stack overflow|loops forever|runs forever/,
  performance:
    /quadratic|o\(n|n\+1|slow|performance|inefficient|linear (?:scan|search)|repeated(?:ly)? (?:comput|quer|read|pars)|allocat/,
  mutation:
    /shared between|persists? (?:across|between)|mutable default|mutat|modif(?:y|ies|ied) (?:the )?(?:input|argument|caller|array|list|collection) ?(?:while|during|in place)?|side effect|shared (?:state|default)|default argument|in place/,
  unused: /unused|never (?:used|read|called)|dead code|unreachable|no effect|redundant/,
  shadow: /shadow|redeclar|overwrit/,
  uninitialized: /uninitiali[sz]ed|before (?:it is |being )?(?:set|assigned|initiali[sz]ed|defined)|used before/,
  type: /is an? (?:string|number|text)\b|(?:from|as) (?:a )?(?:string|text)\b|not parsed|type (?:mismatch|error|confusion)|wrong type|not a (?:number|string|function)|string instead of|number instead of|cast|implicit conversion|typeerror/,
  'missing-return':
    /(?:missing|no|without a?) ?return|does(?: not|n't) return|falls? through|missing break|implicitly returns/,
  validation:
    /validat|unchecked input|untrusted input|user input|not checked|range check|sanity check|negative (?:value|number|amount|quantit)/,
  time: /\bunits?\b|\bms\b|too short|time ?zone|\butc\b|daylight|leap|\bdate\b|milliseconds|seconds instead|wrong unit/,
  encoding: /encod|utf-?8|unicode|charset|locale|byte order/,
  regex: /regex|regular expression|backtrack|redos|\bpattern\b/,
  order: /sort|unsorted|order of|lexicographic|out of order/,
  cache: /\bcach|stale|invalidat/,
  contract: /sentinel|callers? (?:expect|check)|inconsistent|contract/,
  empty: /\bempty (?:list|array|string|collection|slice|input|map)/,
  timeout: /timeout|time limit|no limit|unlimited|unbounded (?:memory|growth|queue|cache)|retry|retries/,
  naming: /\bnam(?:e|ing)\b|typo|misspell|spelling|misleading|document|comment|readab|style|format|indent/,
};
const table = Object.entries(kinds);

/** The kinds that are named; none where no word of the table is. */
export function kindsOf(text: string): Set<string> {
  const words = text.toLowerCase();
  return new Set(table.filter(([, pattern]) => pattern.test(words)).map(([kind]) => kind));
}
