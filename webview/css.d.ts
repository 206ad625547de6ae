// Style sheets are bundled as text and adopted by the elements: the page's policy allows no inline style.
declare module '*.css' {
  const text: string;
  export = text;
}
