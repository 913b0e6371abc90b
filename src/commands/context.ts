import { userInfo } from 'node:os'

import { InvalidArgumentError, Option } from 'commander'

import { type App, createApp, type RunningEconomy } from '../app.ts'
import { readConfig } from '../config.ts'
import type { Actor } from '../core/actor.ts'
import { createLog } from '../core/log.ts'
import type { Terminal } from './terminal.ts'

/** Runs `work` with Florin put together for one command: nothing runs in the background, warnings go to stderr. */
export async function withApp<T>(terminal: Terminal, work: (app: App) => Promise<T>): Promise<T> {
  const config = readConfig()
  const level = config.log_level === 'info' ? 'warn' : config.log_level
  await using app = await createApp(config, { log: createLog({ level, destination: process.stderr }) })
  terminal.signal.throwIfAborted()
  return await work(app)
}

/** The same with one economy opened. Fails: as `Economies.lease`. */
export async function withEconomy<T>(
  terminal: Terminal,
  name: string,
  work: (economy: RunningEconomy, app: App) => Promise<T>,
): Promise<T> {
  return await withApp(terminal, async (app) => {
    return await app.economies.with(name, async (economy) => await work(economy, app))
  })
}

/** Who sits at this machine may do everything; the audit trail says who it was. */
export function cliActor(): Actor {
  const id = `cli:${osUser()}`
  return { id, role: 'owner', principal: id }
}

export function economyOption(): Option {
  return new Option('-e, --economy <name>', 'the economy').makeOptionMandatory()
}

/** A day, which is its first moment in UTC, or a moment. For commander: a text that is neither is wrong usage. */
export function parseDate(text: string): Date {
  const time = new Date(DAY.test(text) ? `${text}T00:00:00.000Z` : text)
  const valid = (DAY.test(text) || MOMENT.test(text)) && !Number.isNaN(time.getTime())
  // JavaScript takes the 30th of February for a day in March.
  if (valid && time.toISOString().startsWith(text.slice(0, 'YYYY-MM-DD'.length))) return time
  throw new InvalidArgumentError('Write a day as 2026-08-24, or a moment in UTC as 2026-08-24T12:00:00Z.')
}

/** A count or a place, from 0. For commander, as parseDate. */
export function parseNumber(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Write a whole number from 0.')
}

const DAY = /^\d{4}-\d{2}-\d{2}$/
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z$/

function osUser(): string {
  try {
    return userInfo().username
  } catch {
    // In a container the user may be a number without a name.
    return `uid-${process.getuid?.() ?? 'unknown'}`
  }
}
