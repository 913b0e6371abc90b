/** A text for a cell of a CSV file: one that a spreadsheet would take for a formula stands behind an apostrophe. */
export function csvText(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text
}

/** Spreadsheets skip a tab or a line end before looking. */
const FORMULA = /^[=+\-@\t\r\n]/
