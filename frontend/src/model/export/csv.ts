/** Comma-separated values (RFC 4180), for spreadsheets and scripts. */

export type CsvCell = string | number;

/** One line; numbers are not rounded. */
export function csvLine(cells: readonly CsvCell[]): string {
  return `${cells.map(quote).join(",")}\r\n`;
}

/**
 * One cell. A text that a spreadsheet would run as a formula begins with an
 * apostrophe, which spreadsheets take for "this is text".
 */
function quote(cell: CsvCell): string {
  if (typeof cell === "number") {
    return String(cell);
  }
  const text = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
