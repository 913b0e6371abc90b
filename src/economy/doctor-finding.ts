import type { Clock } from '../core/clock.ts'
import type { Installation } from './control.ts'
import type { Blueprint } from './define.ts'

/** `problem`: something will not work. `warning`: it will, but not as it should. `ok`: looked at, and fine. */
export interface Finding {
  level: 'ok' | 'warning' | 'problem'
  /** Stable, in snake_case. */
  code: string
  /** What it is about, such as `economy wiki`. */
  subject: string
  /** What is so, and what to do about it. */
  message: string
  /** Statements that an administrator of the database may run. */
  sql?: string[]
}

export interface DiagnoseOptions {
  installation: Installation
  blueprints: readonly Blueprint[]
  clock: Clock
  /** Connections that all economies of a server share. */
  connections_max: number
}

/** What an error says, as a sentence. */
export function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return /[.!?;]$/.test(text) ? text : `${text}.`
}
