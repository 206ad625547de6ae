// Makes characters that nobody sees visible in code: a badge stands around each, and keeps what it does to the line inside. The code's
// text stays as it is.
import { hiddenIn } from '../../../shared/hidden-characters.ts';
import { t } from '../../words.ts';

/** Changes the fragment. */
export function markHidden(fragment: DocumentFragment): void {
  for (const code of fragment.querySelectorAll('code')) {
    if (hiddenIn(code.textContent ?? '').length === 0) continue;
    const texts = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
    const nodes: Text[] = [];
    while (texts.nextNode()) nodes.push(texts.currentNode as Text);
    for (const node of nodes) markText(node);
  }
}

/** From the last to the first, so that the offsets before each stay right. */
function markText(node: Text): void {
  for (const { index, character, name } of hiddenIn(node.data).toReversed()) {
    node.splitText(index + character.length);
    const badge = document.createElement('span');
    badge.className = 'hidden-character';
    badge.title = t("{0}: a character that you can't see", name);
    badge.dataset['name'] = name;
    const hidden = node.splitText(index);
    hidden.replaceWith(badge);
    badge.append(hidden);
  }
}
