// The user's calendar: budgets, sums and logs turn over at local midnight.

/** The local day of a time in milliseconds since the epoch, as `YYYY-MM-DD`. */
export function localDay(atMs: number): string {
  const date = new Date(atMs);
  return [date.getFullYear(), pad(date.getMonth() + 1), pad(date.getDate())].join('-');
}

/** The first day of a day's month. */
export function firstOfMonth(day: string): string {
  return `${day.slice(0, 7)}-01`;
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}
