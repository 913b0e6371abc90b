import { z } from 'zod'

import { record } from '../core/audit.ts'
import type { Clock } from '../core/clock.ts'
import { type Db, transaction, transactionWithLast } from '../core/db.ts'
import { ownerOfWallet, personOfLogin, walletOfMessage } from '../identity/identity.ts'
import { type AttemptRule, countedBy, type Named } from './attempt-rules.ts'
import { givingBack, takeAttempt } from './attempts.ts'
import type { Session } from './sessions.ts'

/**
 * Counts a request against its rule, and has it answered unless that is refused. Whoever has just reached a limit is in the
 * audit trail. Fails: too_many_attempts.
 */
export async function limited<Answer extends { status: number }>(
  { db, clock }: { db: Db; clock: Clock },
  { rule, body, address, net, session }: LimitedRequest,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const named = namedIn(body)
  const counted = countedBy(rule, { named, address: net, login: session?.login })
  const refusal = await transaction(db, async (tx) => {
    const now = clock.now()
    const taken = await takeAttempt(tx, { counted, rule, now })
    for (const each of taken.locked) {
      const person = each.by === 'account' ? (session?.actor.person ?? (await personNamed(tx, named))) : undefined
      const subject = person === undefined ? `address:${address}` : `person:${person}`
      const after = { limit: rule.name, address }
      await record(tx, { at: now, actor: 'system', action: 'sign_in.lock', subject, diff: { after } })
    }
    return taken.refusal
  })
  if (refusal) throw refusal
  const answered = await ask()
  if (rule.counts === 'failures' && answered.status < 400) {
    await transactionWithLast(db, async () => {
      return await Promise.resolve({ result: undefined, last: givingBack(db, counted) })
    })
  }
  return answered
}

interface LimitedRequest {
  rule: AttemptRule
  body: unknown
  /** Of the caller. */
  address: string
  net: string
  session: Session | undefined
}

const zNamed = z.union([
  z.object({ email: z.string() }),
  z.object({ chain: z.enum(['evm', 'solana']), address: z.string() }),
  z.object({ message: z.string() }),
])

/** Whom a request says that it is about, whether there is anybody or not. */
function namedIn(body: unknown): Named | undefined {
  const { data } = zNamed.safeParse(body)
  return data && 'message' in data ? walletOfMessage(data.message) : data
}

async function personNamed(db: Db, named: Named | undefined): Promise<string | undefined> {
  if (!named) return undefined
  if (!('email' in named)) return (await ownerOfWallet(db, named))?.person
  const email = named.email.trim().toLowerCase()
  const login = await db.selectFrom('auth.login').select('id').where('email', '=', email).executeTakeFirst()
  return login && (await personOfLogin(db, login.id))
}
