// What a test starts in a process of its own, to kill it: `import FILE`, `distribute THROUGH` or
// `sweep NOW`, which pays the stakes that are due by then one by one, in the economy at URL.
import { parseArgs } from 'node:util'

import { distributeThrough, importContributions } from '../src/contributions/contributions.ts'
import { systemClock } from '../src/core/clock.ts'
import { connect, transaction } from '../src/core/db.ts'
import { payDueStakes } from '../src/staking/payout.ts'

const { positionals } = parseArgs({ allowPositionals: true })
const [url, what, of] = positionals as [string, string, string]
const db = connect({ url, connections_max: 2, name: 'florin child' })
const options = { clock: systemClock, actor: 'cli:child', onProgress: () => void process.stdout.write('.') }
if (what === 'import') await importContributions(db, { ...options, from: of, onError: 'stop' })
else if (what === 'distribute') await distributeThrough(db, { ...options, through: new Date(of) })
else
  while (await transaction(db, async (tx) => await payDueStakes(tx, { now: new Date(of), limit: 1 })))
    options.onProgress()
await db.destroy()
