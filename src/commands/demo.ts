import { join } from 'node:path'
import { Readable } from 'node:stream'

import { KONTRIB } from '../../blueprints/kontrib.ts'
import type { App, RunningEconomy } from '../app.ts'
import { PROJECT_ROOT } from '../config.ts'
import { distributeThrough, importContributions, reportContributors } from '../contributions/contributions.ts'
import { transaction } from '../core/db.ts'
import { weekStart } from '../core/period.ts'
import type { Secret } from '../core/secret.ts'
import { listEconomies } from '../economy/control.ts'
import { createEconomy } from '../economy/create.ts'
import { createApiKey, findPerson, listApiKeys } from '../identity/identity.ts'
import { availableAccount } from '../ledger/chart.ts'
import { cliActor } from './context.ts'
import { linesOf } from './files.ts'
import type { Terminal } from './terminal.ts'

/**
 * The economy `kontrib` for somebody who looks at Florin for the first time: the first years of a real wiki, imported
 * and distributed week by week. Done once: the key that is made last, and answered, says that it was.
 */
export async function prepareDemo(terminal: Onlooker, app: App): Promise<Demo> {
  const { control, clock } = app
  const existing = await listEconomies(control)
  if (!existing.some(({ name, state }) => name === DEMO_ECONOMY && state !== 'creating')) {
    terminal.note('First start: making the economy kontrib, with the first years of a real wiki …')
    await createEconomy(control, { name: DEMO_ECONOMY, blueprint: KONTRIB, actor: cliActor().id, now: clock.now() })
  }
  return await app.economies.with(DEMO_ECONOMY, async (economy) => {
    const key = await fill(terminal, economy)
    return { key, wallet: await someWallet(economy) }
  })
}

/** Whoever waits for it. */
export type Onlooker = Pick<Terminal, 'note' | 'signal'>

export interface Demo {
  /** The owner's, on the first start. */
  key: Secret | undefined
  /** The account of somebody who was rewarded. */
  wallet: string
}

export const DEMO_ECONOMY = 'kontrib'

const HISTORY = join(PROJECT_ROOT, 'examples/wiki-history/wiki-history.jsonl.gz')
/** March 2014 to April 2017: 160 weeks, in a few seconds. */
const HISTORY_LINES = 2_000

async function fill(terminal: Onlooker, { db, clock, state }: RunningEconomy): Promise<Secret | undefined> {
  const keys = await listApiKeys(db, { limit: 1 })
  if (keys.length > 0 || state !== 'open') return undefined
  const actor = cliActor().id
  const lines = await firstLines()
  const from = { name: 'wiki-history.jsonl.gz', stream: Readable.from(lines.map((line) => `${line}\n`)) }
  const onProgress = () => terminal.signal.throwIfAborted()
  await importContributions(db, { from, onError: 'stop', actor, clock, onProgress })
  // The week of the last line goes on in the rest of the file, which may be imported later.
  const { at } = JSON.parse(lines.at(-1) ?? '{}') as { at: string }
  await distributeThrough(db, { through: weekStart(new Date(at)), clock, actor, onProgress })
  const made = await transaction(db, async (tx) => {
    return await createApiKey(tx, { name: 'first start', role: 'owner', actor, now: clock.now() })
  })
  return made.key
}

async function someWallet({ db, clock }: RunningEconomy): Promise<string> {
  for await (const [first] of reportContributors(db, { now: clock.now() })) {
    if (first) return availableAccount((await findPerson(db, { username: first.username })).id)
  }
  return 'treasury:unclaimed'
}

async function firstLines(): Promise<string[]> {
  const lines: string[] = []
  for await (const line of linesOf(HISTORY)) {
    if (lines.push(line) === HISTORY_LINES) break
  }
  return lines
}
