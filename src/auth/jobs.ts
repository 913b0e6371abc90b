import type { Db } from '../core/db.ts'
import { transaction } from '../core/db.ts'
import type { Job } from '../core/jobs.ts'
import type { Auth } from './auth.ts'
import { sendMails } from './mail.ts'
import { sweepAuth } from './sweep.ts'

/** What signing in leaves to be done: mails to be sent, where there is a mail server, and what has expired. */
export function authJobs({ mailer }: Pick<Auth, 'mailer'>, onError: (error: unknown) => void): Job<{ db: Db }>[] {
  const sweep = {
    name: 'auth.sweep',
    every_ms: 60_000,
    run: async ({ db }: { db: Db }, { now }: { now: Date }) => {
      await transaction(db, async (tx) => await sweepAuth(tx, { now }))
    },
  }
  if (!mailer) return [sweep]
  const send = {
    name: 'auth.send_mails',
    every_ms: 1_000,
    run: async ({ db }: { db: Db }, { now }: { now: Date }) => await sendMails(db, { mailer, now, onError }),
  }
  return [sweep, send]
}
