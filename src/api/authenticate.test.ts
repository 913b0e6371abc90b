import { expect, test } from 'vitest'

import type { Actor } from '../core/actor.ts'
import { TooMany } from '../core/errors.ts'
import { createAuthenticator, REMEMBER_MS } from './authenticate.ts'

const OWNER: Actor = { id: 'key:1', role: 'owner', principal: 'key:1' }
const KEY = 'fl_0123456789abcdef'

function scene() {
  const known = new Map<string, Actor>([[KEY, OWNER]])
  const t = { now_ms: 0, lookups: 0, known, fail: false, answer: Promise.resolve(), economy: {} }
  const authenticator = createAuthenticator<object>({
    monotonic_ms: () => t.now_ms,
    lookup: async (_, key) => {
      t.lookups++
      if (t.fail) throw new Error('no database')
      const found = known.get(key)
      await t.answer
      return found
    },
  })
  const ask = async (key = KEY, economy = t.economy) =>
    await authenticator.authenticate(economy, `Bearer ${key}`, async () => undefined)
  return { ...t, t, ask, forget: () => authenticator.forget(t.economy), authenticator }
}

test('a key is looked up once a second, however many ask with it at once', async () => {
  const { t, ask } = scene()

  expect(await Promise.all(Array.from({ length: 50 }, async () => await ask()))).toEqual(
    Array.from({ length: 50 }, () => OWNER),
  )
  t.now_ms = REMEMBER_MS - 1
  await ask()
  expect(t.lookups).toBe(1)
  t.now_ms = REMEMBER_MS
  await ask()
  expect(t.lookups).toBe(2)
})

test('a revoked key dies at once where it was revoked, and within a second elsewhere', async () => {
  const { t, ask, forget } = scene()
  await ask()
  t.known.delete(KEY)

  expect(await ask()).toEqual(OWNER)
  forget()
  await expect(ask()).rejects.toMatchObject({ code: 'key_invalid' })

  t.known.set(KEY, OWNER)
  forget()
  await ask()
  t.known.delete(KEY)
  t.now_ms += REMEMBER_MS
  await expect(ask()).rejects.toMatchObject({ code: 'key_invalid' })
})

test('a lookup that was under way when keys changed is believed by nobody who asks afterwards', async () => {
  const { t, ask, forget } = scene()
  const { promise, resolve } = Promise.withResolvers<void>()
  t.answer = promise
  const before = ask()
  while (t.lookups === 0) await Promise.resolve()
  t.known.delete(KEY)
  forget()
  const after = ask()
  resolve()

  expect(await before).toEqual(OWNER)
  await expect(after).rejects.toMatchObject({ code: 'key_invalid' })
  await expect(ask()).rejects.toMatchObject({ code: 'key_invalid' })
})

test('a wrong key is not looked up again and again either', async () => {
  const { t, ask } = scene()
  for (let i = 0; i < 5; i++) await expect(ask('fl_nobody_0123456789')).rejects.toMatchObject({ status: 401 })

  expect(t.lookups).toBe(1)
})

test('a database that does not answer says nothing about the key', async () => {
  const { t, ask } = scene()
  t.fail = true
  await expect(ask()).rejects.toThrow('no database')
  t.fail = false

  expect(await ask()).toEqual(OWNER)
})

test('a key of one economy is nothing in another', async () => {
  const { t, ask } = scene()
  await ask()
  t.known.delete(KEY)

  await expect(ask(KEY, {})).rejects.toMatchObject({ code: 'key_invalid' })
})

test('who guesses too often is refused before the database is asked; a remembered key is not', async () => {
  const { t, ask, authenticator } = scene()
  await ask()
  const refuse = async () => {
    throw new TooMany('too_many_requests', 'Slower.')
  }

  expect(await authenticator.authenticate(t.economy, `Bearer ${KEY}`, refuse)).toEqual(OWNER)
  await expect(authenticator.authenticate(t.economy, 'Bearer fl_guess_0123456789', refuse)).rejects.toMatchObject({
    status: 429,
  })
  expect(t.lookups).toBe(1)
})

test.each([undefined, '', 'Basic abc', 'fl_0123456789abcdef', 'Bearer', 'Bearerfl_0123456789abcdef'])(
  'the header %j holds no key',
  async (header) => {
    const { t, authenticator } = scene()
    const asked = authenticator.authenticate(t.economy, header, async () => undefined)

    await expect(asked).rejects.toMatchObject({ status: 401, code: 'authentication_required' })
    expect(t.lookups).toBe(0)
  },
)

test.each([
  'fl_',
  'fl_short',
  `fl_${'a'.repeat(500)}`,
  'fl_0123456789abcde\u0000',
  'FL_0123456789abcdef',
  "fl_0123456789' or 1=1",
])('%j is refused without asking the database', async (key) => {
  const { t, ask } = scene()

  await expect(ask(key)).rejects.toMatchObject({ status: 401, code: 'key_invalid' })
  expect(t.lookups).toBe(0)
})
