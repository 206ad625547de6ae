// What renders answers in the history: Markdown, its highlighter and its sanitizer. They are most of a view's program and the list
// needs none of it, so they are a bundle of their own, loaded after the first rows. See `bundle.ts`.
import './history/patient-markdown.ts';
