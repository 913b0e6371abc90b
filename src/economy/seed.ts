import { assert } from '../core/assert.ts'
import { record } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import { parseAmount } from '../core/money.ts'
import { addAsset, ensureAccounts } from '../ledger/accounts.ts'
import { issuanceAccount } from '../ledger/chart.ts'
import { startLog } from '../ledger/log/log.ts'
import { post } from '../ledger/post.ts'
import type { Blueprint, BlueprintAsset } from './define.ts'
import { setUpParameters } from './parameter-setup.ts'

/**
 * Fills a new economy with what its blueprint says, all in one transaction: its assets, parameters and log, and what is
 * issued at its beginning. Moves: issuance:{asset} -> each allocation's account, one entry of the kind `genesis` for
 * each asset.
 */
export async function seedEconomy(tx: Tx, { name, blueprint, origin, actor, now }: SeedEconomy): Promise<void> {
  await startLog(tx, { origin })
  for (const { code, name: title, scale, maxSupply } of blueprint.assets) {
    await addAsset(tx, { code, name: title, scale, maxSupply: parseAmount(maxSupply, scale), actor, now })
  }
  await setUpParameters(tx, { blueprint, actor, now })
  for (const setUp of blueprint.setUp ?? []) await setUp(tx, { now })
  const diff = { after: { blueprint: blueprint.name, origin } }
  await record(tx, { at: now, actor, action: 'economy.create', subject: `economy:${name}`, diff })

  const issued = blueprint.assets.filter(({ genesis }) => genesis.length > 0)
  for (const { code, genesis } of issued) {
    await ensureAccounts(tx, { asset: code, accounts: genesis.map(({ to }) => ({ path: to })), now })
  }
  if (issued.length > 0) await post(tx, issued.map(genesisEntry), { actor, now })
}

export interface SeedEconomy {
  name: string
  blueprint: Blueprint
  /** The name of its log. */
  origin: string
  actor: string
  now: Date
}

function genesisEntry({ code, scale, genesis }: BlueprintAsset) {
  const postings = genesis.map(({ to, amount }) => {
    const units = parseAmount(amount, scale)
    assert(units > 0n, `The genesis of ${code} allocates nothing to ${to}.`)
    return { from: issuanceAccount(code), to, asset: code, amount: units }
  })
  return { kind: 'genesis', reference: code, effectiveAt: BEGINNING, postings }
}

/** Before all that an imported history may bring: what it is paid from was there when it took effect. */
const BEGINNING = new Date(0)
