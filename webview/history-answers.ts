// What shows answers as they are meant, for the history: Markdown, its highlighter and its cleaner. They are most of a view's program
// and the list needs none of it, so that they are a file of their own, loaded after the first rows. See `history/answers.ts`.
import './history/patient-markdown.ts';
