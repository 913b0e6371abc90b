// What a test starts in a process of its own, to kill it: `import FILE` or `distribute THROUGH`, in the economy at URL.
import { parseArgs } from 'node:util'

import { distributeThrough, importContributions } from '../src/contributions/contributions.ts'
import { systemClock } from '../src/core/clock.ts'
import { connect } from '../src/core/db.ts'

const { positionals } = parseArgs({ allowPositionals: true })
const [url, what, of] = positionals as [string, string, string]
const db = connect({ url, connections_max: 2, name: 'florin child' })
const options = { clock: systemClock, actor: 'cli:child', onProgress: () => void process.stdout.write('.') }
if (what === 'import') await importContributions(db, { ...options, from: of, onError: 'stop' })
else await distributeThrough(db, { ...options, through: new Date(of) })
await db.destroy()
