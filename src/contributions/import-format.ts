import type { Tx } from '../core/db.ts'

/*
 * What a file that is imported may hold. The importer reads lines, counts and keeps the progress; a format says what a
 * line means and writes it.
 */

export interface Format<Item> {
  name: ImportFormat
  /** A longer line is refused. */
  characters_max: number
  /** By so many lines at its start a file is known again. */
  head_lines: number
  /** How the lines are read, from what the file begins with. What is thrown here ends the import before it begins. */
  open(first: string | null): LineReader<Item>
  /** What is wrong with lines that only the database can tell. */
  check?(tx: Tx, items: readonly Numbered<Item>[], options: { now: Date }): Promise<LineError[]>
  /** Writes them, in their order. */
  take(
    tx: Tx,
    items: readonly Numbered<Item>[],
    options: { import: number; actor: string; now: Date },
  ): Promise<Brought>
}

export type ImportFormat = 'wiki-history' | 'git' | 'views' | 'users' | 'articles'

/** What the line says; null where it says nothing, such as a heading. Throws an AppError where it is wrong. */
export type LineReader<Item> = (text: string, at: { line: number; now: Date }) => Item | null

export interface Numbered<Item> {
  line: number
  item: Item
}

export interface LineError {
  line: number
  field: string | null
  code: string
  message: string
}

/** What the file says of somebody or something that is known, other than we do. */
export interface Difference {
  line: number
  /** Who or what. */
  of: string
  field: string
  theirs: string
  ours: string
}

export interface Brought {
  contributions: number
  people: number
  articles: number
  views: number
  differences: readonly Difference[]
}

export const NOTHING_BROUGHT: Brought = { contributions: 0, people: 0, articles: 0, views: 0, differences: [] }
