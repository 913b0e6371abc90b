/** Columns for people to read; control characters in what others wrote are shown as blanks. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows].map((row) => row.map((cell) => cell.replace(/\p{Cc}/gu, ' ')))
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** A whole number with its thousands apart. */
export function count(number: number | bigint): string {
  return number.toLocaleString('en')
}

/** Such as `1 block` and `2 blocks`. */
export function counted(number: number | bigint, what: string): string {
  return `${count(number)} ${what}${BigInt(number) === 1n ? '' : 's'}`
}
