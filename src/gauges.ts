import { sql } from 'kysely'
import { Gauge, type Registry } from 'prom-client'

import type { App, RunningEconomy } from './app.ts'
import { must } from './core/assert.ts'
import type { Db } from './core/db.ts'

/**
 * What `/metrics` shows of each economy that is open here, asked when it is asked for: how much is sealed, how much waits
 * to be, what is still to be delivered to webhooks, and the jobs at work.
 */
export function registerGauges(registry: Registry, app: App): void {
  // All gauges are asked side by side, and answer from one look.
  let looking: Promise<Figures[]> | undefined
  const look = () => {
    looking ??= lookAtAll(app).finally(() => {
      looking = undefined
    })
    return looking
  }
  for (const [figure, { name, help }] of Object.entries(GAUGES)) {
    const gauge = new Gauge({
      name,
      help,
      labelNames: ['economy'],
      registers: [],
      async collect() {
        const figures = await look()
        this.reset()
        for (const { economy, values } of figures) {
          const value = values[figure]
          if (value !== undefined) this.set({ economy }, value)
        }
      },
    })
    registry.registerMetric(gauge)
  }
}

async function lookAtAll(app: App): Promise<Figures[]> {
  const economies = await app.economies.running()
  return await Promise.all(
    economies.map(async (economy) => {
      // A database that does not answer is told by /readyz; the jobs are here.
      const figures = await figuresOf(economy.db).catch(() => ({}))
      return { economy: economy.name, values: { ...figures, ...jobsOf(economy) } }
    }),
  )
}

interface Figures {
  economy: string
  values: Record<string, number>
}

function jobsOf({ jobs }: RunningEconomy): { running: number; failed: number } {
  const status = jobs.status()
  return {
    running: status.filter((job) => job.running).length,
    failed: status.filter((job) => job.last_failed_at !== null && job.last_failed_at === job.last_run_at).length,
  }
}

/** Figures for a graph: a double holds all of them exactly up to 2^53. */
async function figuresOf(db: Db): Promise<{ size: number; backlog: number; pending: number }> {
  const { rows } = await sql<{ size: number; backlog: number; pending: number }>`
    select
      coalesce((select max(tree_size) from ledger.block), 0)::float8 as size,
      (
        select count(*)
        from (
          select
          from ledger.entry
          where entry.id > log.entry_watermark
            and not exists (select from ledger.leaf where leaf.ref = entry.id and leaf.kind = 1)
          limit ${COUNTED_MAX}::int
        ) as entries
      )::float8
      + (
        select count(*)
        from (
          select
          from audit.event
          where event.id > log.event_watermark
            and not exists (select from ledger.leaf where leaf.ref = event.id and leaf.kind = 2)
          limit ${COUNTED_MAX}::int
        ) as events
      )::float8 as backlog,
      (select count(*) from webhooks.delivery where status = 'pending')::float8 as pending
    from ledger.log
  `.execute(db)
  return must(rows[0], 'The log is one row')
}

const COUNTED_MAX = 100_000

const GAUGES = {
  size: { name: 'florin_log_size', help: 'Leaves that are sealed.' },
  backlog: {
    name: 'florin_log_backlog',
    help: `Entries, and audit events, that are not sealed yet; at most ${COUNTED_MAX} of each are counted.`,
  },
  pending: { name: 'florin_webhooks_pending', help: 'Messages that are still to be delivered.' },
  running: { name: 'florin_jobs_running', help: 'Jobs at work at this moment.' },
  failed: { name: 'florin_jobs_failed', help: 'Jobs whose last run failed.' },
}
