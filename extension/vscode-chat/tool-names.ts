// The language model tools that package.json declares. Apart from what they do, since activation needs their names alone.
export const toolNames = ['switchyard_search', 'switchyard_searchCode', 'switchyard_review', 'switchyard_why'] as const;
