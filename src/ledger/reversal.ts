import { sql } from 'kysely'

import type { Tx } from '../core/db.ts'
import { Conflict, NotFound } from '../core/errors.ts'
import { parseSerialUuid, serialUuid } from '../core/id.ts'
import type { Chart } from './chart.ts'
import type { EntryItem, Metadata, Result } from './items.ts'
import { post } from './post.ts'

/**
 * Undoes an entry by a new one that moves everything back, in the opposite order; once. The entry itself stays.
 * Only kinds that are `reversible` and touch no account of a module can be undone so: a module undoes its own.
 * Fails: entry_not_found, entry_not_reversible, account_owned_by_module, then as `post`: entry_already_reversed, …
 */
export async function reverseEntry(
  tx: Tx,
  { id, reversibleKinds, chart, metadata, key, actor, principal, now }: Reverse,
): Promise<Result> {
  const { serial } = parseSerialUuid(id, 'entry_not_found')
  const entry = await tx
    .selectFrom('ledger.entry')
    .select(['id', 'kind', 'recorded_at', 'reverses'])
    .where('id', '=', serial)
    .executeTakeFirst()
  if (!entry || serialUuid(entry.id, entry.recorded_at) !== id) {
    throw new NotFound('entry_not_found', `There is no entry ${id}.`, { entry: id })
  }
  if (entry.reverses !== null || !reversibleKinds.has(entry.kind)) {
    const why = entry.reverses === null ? `Entries of the kind ${entry.kind} are` : 'A reversal is'
    throw new Conflict('entry_not_reversible', `${why} not undone by a reversal. Post the opposite instead.`, {
      entry: id,
    })
  }
  const item = {
    ...(await mirrorOf(tx, serial, chart)),
    reverses: serial,
    ...(metadata && { metadata }),
    ...(key && { key }),
  }
  const [result] = await post(tx, [{ ...item, reference: id }], {
    actor,
    principal: principal ?? actor,
    ...(now && { now }),
  })
  return result!
}

async function mirrorOf(tx: Tx, entry: bigint, chart: Chart): Promise<EntryItem> {
  const { rows } = await sql<{ from: string; to: string; asset: string; amount: bigint }>`
    select target.path as from, source.path as to, asset.code as asset, posting.amount
    from ledger.posting
    join ledger.account as source on source.id = posting.from_account
    join ledger.account as target on target.id = posting.to_account
    join ledger.asset on asset.id = source.asset
    where posting.entry = ${entry}
    order by posting.no desc
  `.execute(tx)
  for (const { from, to } of rows) {
    chart.refuseModuleAccount(from)
    chart.refuseModuleAccount(to)
  }
  return { kind: 'reversal', postings: rows }
}

/** What staff posts by hand can be undone by hand; a blueprint adds the kinds of its modules. */
export const REVERSIBLE_KINDS = ['transfer', 'deposit', 'withdrawal', 'adjustment']

interface Reverse {
  /** The public id of the entry to undo. */
  id: string
  reversibleKinds: ReadonlySet<string>
  chart: Chart
  metadata?: Metadata | undefined
  key?: string | undefined
  actor: string
  principal?: string | undefined
  now?: Date | undefined
}
