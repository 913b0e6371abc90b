import type { Selectable } from 'kysely'

import { type Db, transaction, type Tx } from '../core/db.ts'
import type { AuthMail } from '../core/schema.gen.ts'

/** Leaves a mail to be sent once the transaction is committed. */
export async function writeMail(tx: Tx, { to, subject, text, now }: WriteMail): Promise<void> {
  const mail = { recipient: to, subject, text, created_at: now, next_try_at: now }
  await tx.insertInto('auth.mail').values(mail).execute()
}

/**
 * Sends what is due. A mail is taken in one transaction, sent outside of any, and noted as sent in another: after a crash
 * in between it may go twice, and never not at all. What is refused is tried again after 1, 2, 4, … minutes, TRIES_MAX
 * times.
 */
export async function sendMails(db: Db, { mailer, now, onError }: SendMails): Promise<number> {
  let sent = 0
  for (const mail of await takeDue(db, now)) {
    try {
      await mailer.send({ to: mail.recipient, subject: mail.subject, text: mail.text ?? '' })
      await noteSent(db, { id: mail.id, now })
      sent++
    } catch (error) {
      onError(error)
    }
  }
  return sent
}

/** Mails that were not sent, as where no mail server is set, newest first. */
export async function listMails(db: Db, { before, limit }: { before?: bigint; limit: number }): Promise<Mail[]> {
  const query = db.selectFrom('auth.mail').selectAll().orderBy('id', 'desc').limit(limit)
  return await (before === undefined ? query : query.where('id', '<', before)).execute()
}

/** What sends mail: SMTP, by configuration. */
export interface Mailer {
  send(mail: { to: string; subject: string; text: string }): Promise<void>
  close(): void
}

export type Mail = Selectable<AuthMail>

interface WriteMail {
  to: string
  subject: string
  text: string
  now: Date
}

interface SendMails {
  mailer: Mailer
  now: Date
  onError: (error: unknown) => void
}

const TRIES_MAX = 8
const MINUTE_MS = 60_000
const AT_ONCE_MAX = 20

async function takeDue(db: Db, now: Date): Promise<Mail[]> {
  return await transaction(db, async (tx) => {
    const due = await tx
      .selectFrom('auth.mail')
      .selectAll()
      .where('next_try_at', '<=', now)
      .orderBy('next_try_at')
      .limit(AT_ONCE_MAX)
      .forUpdate()
      .skipLocked()
      .execute()
    for (const { id, tries } of due) {
      const next = tries + 1 < TRIES_MAX ? new Date(now.getTime() + MINUTE_MS * 2 ** tries) : null
      await tx
        .updateTable('auth.mail')
        .set({ tries: tries + 1, next_try_at: next })
        .where('id', '=', id)
        .execute()
    }
    return due
  })
}

async function noteSent(db: Db, { id, now }: { id: bigint; now: Date }): Promise<void> {
  await transaction(db, async (tx) => {
    await tx
      .updateTable('auth.mail')
      .set({ sent_at: now, next_try_at: null, text: null })
      .where('id', '=', id)
      .execute()
  })
}
