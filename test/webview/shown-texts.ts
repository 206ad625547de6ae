// The texts of a TypeScript project that people read, found by its syntax: those that are passed to the function that translates, and those
// that aren't.
import { relative } from 'node:path';
import {
  type BinaryExpression,
  type CallExpression,
  type Expression,
  isArrayLiteralExpression,
  isBinaryExpression,
  isCallExpression,
  isCaseClause,
  isComputedPropertyName,
  isConditionalExpression,
  isElementAccessExpression,
  isIdentifier,
  isImportDeclaration,
  isNewExpression,
  isNoSubstitutionTemplateLiteral,
  isPropertyAccessExpression,
  isPropertyAssignment,
  isStringLiteral,
  isTaggedTemplateExpression,
  isTemplateExpression,
  isTypeNode,
  type Node,
  SyntaxKind,
  type TemplateLiteral,
} from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';

interface ShownText {
  file: string;
  text: string;
}

export interface ShownTexts {
  /** First arguments of `t`, both texts of `plural`, and first arguments of `say`. */
  translated: ShownText[];
  /** What is translated by a name: its source. */
  computed: ShownText[];
  /** What looks like words and isn't translated. */
  bare: ShownText[];
}

/** Reads every file of the project in `folder` whose path from there matches; files are named from `root`. */
export function shownTexts(folder: string, files: RegExp, root: string): ShownTexts {
  const api = new API({ cwd: folder });
  try {
    const [project] = api.updateSnapshot({ openProjects: [`${folder}/tsconfig.json`] }).getProjects();
    if (!project) throw new Error(`There is no project in ${folder}.`);
    const found: ShownTexts = { translated: [], computed: [], bare: [] };
    for (const name of project.program.getSourceFileNames()) {
      const file = relative(folder, name).replaceAll('\\', '/');
      const source = files.test(file) ? project.program.getSourceFile(name) : undefined;
      if (source) new Reader(relative(root, name).replaceAll('\\', '/'), found).read(source);
    }
    return found;
  } finally {
    api.close();
  }
}

const shownAttribute = /\s(?:aria-label|title|placeholder|alt)="([^"]*)"/g;
const hole = '\u0001';
/** Their arguments are names of elements, events, methods and parts of texts. */
const unseen =
  /^(?:call|querySelector(?:All)?|closest|matches|\w*EventListener|\w+Attribute|createElement|whenDefined|define|CustomEvent|includes|startsWith|endsWith|replace(?:All)?|split|join)$/;

/** Two words beside each other, or one that begins as a sentence or a label does. */
function isWords(text: string): boolean {
  return /[A-Za-z]{2,}[,.:;]? [“(]?\w/.test(text) || /^[A-Z][a-z]+[.…?]?$/.test(text) || /[a-z]{2} ?…$/.test(text);
}

class Reader {
  readonly #file: string;
  readonly #found: ShownTexts;

  constructor(file: string, found: ShownTexts) {
    this.#file = file;
    this.#found = found;
  }

  read(node: Node): void {
    if (isImportDeclaration(node) || isTypeNode(node)) return;
    if (isTaggedTemplateExpression(node)) return this.#template(node.tag, node.template);
    if (isCallExpression(node) || isNewExpression(node)) return this.#call(node as CallExpression);
    if (isBinaryExpression(node) && isComparison(node)) return this.#butLiterals([node.left, node.right]);
    if (isCaseClause(node)) return void node.statements.forEach((statement) => void this.read(statement));
    if (isElementAccessExpression(node)) return this.#butLiterals([node.expression, node.argumentExpression]);
    if (isPropertyAssignment(node) && !isComputedPropertyName(node.name)) return this.read(node.initializer);
    const text = textOf(node);
    if (text !== undefined && isWords(text)) this.#found.bare.push({ file: this.#file, text });
    node.forEachChild((child) => void this.read(child));
  }

  #butLiterals(nodes: readonly (Node | undefined)[]): void {
    for (const node of nodes) if (node && !isStringLiteral(node)) this.read(node);
  }

  #call({ expression, arguments: given }: CallExpression): void {
    const name = nameOf(expression);
    const [first, ...others] = given;
    if (name === 't' || name === 'say') {
      this.#translated(first);
      others.forEach((other) => void this.read(other));
    } else if (name === 'plural') {
      const [texts, ...values] = others;
      if (texts && isArrayLiteralExpression(texts)) texts.elements.forEach((text) => void this.#translated(text));
      [first, ...values].forEach((value) => void (value && this.read(value)));
    } else {
      this.read(expression);
      if (unseen.test(name)) this.#butLiterals(given);
      else given.forEach((argument) => void this.read(argument));
    }
  }

  /** One of two where a condition chooses. */
  #translated(node: Expression | undefined): void {
    if (!node) return;
    if (isConditionalExpression(node)) {
      this.read(node.condition);
      this.#translated(node.whenTrue);
      this.#translated(node.whenFalse);
      return;
    }
    const text = isStringLiteral(node) || isNoSubstitutionTemplateLiteral(node) ? node.text : undefined;
    if (text === undefined) this.#found.computed.push({ file: this.#file, text: node.getText() });
    else this.#found.translated.push({ file: this.#file, text });
  }

  #template(tag: Node, template: TemplateLiteral): void {
    const name = nameOf(tag);
    if (name === 'html' || name === 'svg') {
      const markup = textOf(template)?.replace(/<code>[^<]*<\/code>/g, '') ?? '';
      const attributes = [...markup.matchAll(shownAttribute)].map(([, value = '']) => value);
      const texts = markup.replace(/<\/?[a-z][^>]*>/gi, '\n').split(/[\n\u0001]/);
      for (const text of [...attributes, ...texts].map((each) => each.trim()))
        if (/[A-Za-z]{2}/.test(text.replace(/&\w+;/g, ''))) this.#found.bare.push({ file: this.#file, text });
    }
    if (!isTemplateExpression(template) || name === 'css') return;
    let before = template.head.text;
    for (const { expression, literal } of template.templateSpans) {
      if (name === 'html' && isShownAfter(before)) this.#values(expression);
      this.read(expression);
      before += hole + literal.text;
    }
  }

  /** Any word, where it is sure to be shown. */
  #values(node: Expression): void {
    if (isConditionalExpression(node)) for (const value of [node.whenTrue, node.whenFalse]) this.#values(value);
    if (isBinaryExpression(node)) this.#values(node.right);
    const text = textOf(node);
    if (text !== undefined && /[A-Za-z]{2}/.test(text) && !isWords(text))
      this.#found.bare.push({ file: this.#file, text });
  }
}

/** Whether what follows in a template stands between tags, or is an attribute that people read. */
function isShownAfter(markup: string): boolean {
  return markup.lastIndexOf('>') >= markup.lastIndexOf('<') || /\s(?:aria-label|title|placeholder|alt)=$/.test(markup);
}

function isComparison({ operatorToken }: BinaryExpression): boolean {
  return (
    operatorToken.kind === SyntaxKind.EqualsEqualsEqualsToken ||
    operatorToken.kind === SyntaxKind.ExclamationEqualsEqualsToken
  );
}

/** A literal's text, with a mark in place of each value. */
function textOf(node: Node): string | undefined {
  if (isStringLiteral(node) || isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (!isTemplateExpression(node)) return undefined;
  return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join(hole);
}

function nameOf(node: Node): string {
  if (isPropertyAccessExpression(node)) return node.name.text;
  return isIdentifier(node) ? node.text : '';
}
