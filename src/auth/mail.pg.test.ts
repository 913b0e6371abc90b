import { expect, test } from 'vitest'

import { testEconomy } from '../../test/helpers.ts'
import { transaction } from '../core/db.ts'
import { listMails, sendMails, writeMail } from './mail.ts'

const MINUTE_MS = 60_000

/** A mail server that refuses as often as it is told to, and an economy with one mail to be sent. */
async function scene({ refusals = 0 } = {}) {
  const economy = await testEconomy()
  const { db, clock } = economy
  const got: string[] = []
  const errors: unknown[] = []
  let left = refusals
  const mailer = {
    send: async ({ to, text }: { to: string; text: string }) => {
      if (left-- > 0) throw new Error('450 later')
      got.push(`${to}: ${text}`)
    },
    close: () => undefined,
  }
  await transaction(db, async (tx) => {
    await writeMail(tx, { to: 'ada@wiki.example', subject: 'Hello', text: 'A link', now: clock.now() })
  })
  const send = async () => await sendMails(db, { mailer, now: clock.now(), onError: (error) => errors.push(error) })
  const wait = (ms: number) => clock.set(new Date(clock.now().getTime() + ms))
  return { ...economy, [Symbol.asyncDispose]: economy[Symbol.asyncDispose], got, errors, send, wait }
}

test('a mail is sent once, and its text is forgotten', async () => {
  await using t = await scene()

  expect(await Promise.all([t.send(), t.send(), t.send()])).toContain(1)
  expect(t.got).toEqual(['ada@wiki.example: A link'])
  t.wait(100 * MINUTE_MS)
  expect(await t.send()).toBe(0)
  expect(await listMails(t.db, { limit: 10 })).toMatchObject([
    { subject: 'Hello', text: null, sent_at: expect.any(Date) },
  ])
})

test('a mail that the server refuses is tried again later, and later', async () => {
  await using t = await scene({ refusals: 2 })

  expect(await t.send()).toBe(0)
  expect(await t.send()).toBe(0)
  t.wait(MINUTE_MS)
  expect(await t.send()).toBe(0)
  expect(t.errors).toHaveLength(2)
  t.wait(MINUTE_MS)
  expect(await t.send()).toBe(0)
  t.wait(MINUTE_MS)
  expect(await t.send()).toBe(1)
})

test('a mail that nobody takes is given up', async () => {
  await using t = await scene({ refusals: 100 })
  for (let i = 0; i < 20; i++) {
    await t.send()
    t.wait(300 * MINUTE_MS)
  }
  expect(t.errors).toHaveLength(8)
})

test('a mail of a transaction that fails was never written', async () => {
  await using t = await scene()
  const failing = transaction(t.db, async (tx) => {
    await writeMail(tx, { to: 'eve@wiki.example', subject: 'Hello', text: 'No', now: t.clock.now() })
    throw new Error('rolled back')
  })
  await expect(failing).rejects.toThrow('rolled back')
  await t.send()
  expect(t.got).toEqual(['ada@wiki.example: A link'])
})
