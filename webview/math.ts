// What renders formulas: most of KaTeX. Few answers hold one, so it is a bundle of its own, loaded with the first formula.
import './chat/message/math-view.ts';
