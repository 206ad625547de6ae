// CSV as it is written in practice: RFC 4180, and what spreadsheets and scripts make of it. One pass, whatever the file holds.

/**
 * Fields in quotes may hold commas, line breaks and doubled quotes; a quote inside a plain field is a character like any other.
 * Lines end with LF, CRLF or CR. Throws an Error where a quote is never closed, or something
 * follows a closing one; the header is record 1.
 */
export function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let place = 0;
  while (place < text.length) {
    const field = text[place] === '"' ? quoted(text, place, records.length + 1) : plain(text, place);
    record.push(field.value);
    place = field.end;
    if (text[place] === ',') {
      place++;
      if (place === text.length) record.push('');
      continue;
    }
    records.push(record);
    record = [];
    place += text.startsWith('\r\n', place) ? 2 : 1;
  }
  if (record.length > 0) records.push(record);
  return records;
}

interface Field {
  value: string;
  /** The place of the comma or line break behind it. */
  end: number;
}

const ends = /[,\r\n]/g;

function plain(text: string, start: number): Field {
  ends.lastIndex = start;
  const end = ends.exec(text)?.index ?? text.length;
  return { value: text.slice(start, end), end };
}

function quoted(text: string, start: number, record: number): Field {
  let value = '';
  let from = start + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) throw new Error(`record ${record} opens a quote that is never closed.`);
    value += text.slice(from, quote);
    if (text[quote + 1] !== '"') {
      const end = quote + 1;
      if (end < text.length && !/[,\r\n]/.test(text[end] ?? ''))
        throw new Error(`in record ${record} a field goes on behind its closing quote.`);
      return { value, end };
    }
    value += '"';
    from = quote + 2;
  }
}
