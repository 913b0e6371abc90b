import { expect, test } from 'vitest'

import { softAuthenticator } from '../../test/authenticator.ts'
import { type Browser, testPeople } from '../../test/sign-in.ts'
import { listEvents } from '../core/audit.ts'

const SITE = { origin: 'http://localhost', rpId: 'localhost' }

async function challengeFor(browser: Browser, what: 'register' | 'authenticate'): Promise<string> {
  const { json } = await browser.get(`/auth/passkey/generate-${what}-options`)
  return (json as { challenge: string }).challenge
}

async function addPasskey(browser: Browser, errors: unknown[] = [], verifies = true) {
  const authenticator = softAuthenticator({ ...SITE, verifies })
  const response = authenticator.register(await challengeFor(browser, 'register'))
  const added = await browser.post('/auth/passkey/verify-registration', { response, name: 'Laptop' })
  expect(added.status, added.text + JSON.stringify(errors)).toBe(200)
  return authenticator
}

test('a passkey signs in without a password, once for each challenge', async () => {
  await using t = await testPeople()
  const ada = await t.member()
  const authenticator = await addPasskey(ada, t.errors)
  expect((await ada.get('/auth/passkey/list-user-passkeys')).json).toMatchObject([{ name: 'Laptop' }])

  const phone = t.browser()
  const response = authenticator.signIn(await challengeFor(phone, 'authenticate'))
  const before = new Map(phone.cookies)
  const signedIn = await phone.post('/auth/passkey/verify-authentication', { response })
  expect(signedIn.status, signedIn.text).toBe(200)
  expect((await phone.get('/me')).json).toMatchObject({ username: 'ada' })

  // The same answer to the same challenge, with the cookies that went with it.
  const eve = t.browser()
  for (const [name, value] of before) eve.cookies.set(name, value)
  expect((await eve.post('/auth/passkey/verify-authentication', { response })).status).toBeGreaterThanOrEqual(400)
  expect((await eve.get('/me')).status).toBe(401)
})

test.each([
  ['took a finger or a PIN is two factors by itself', true, 200],
  ['took neither is one, and the second is asked for', false, 401],
] as const)('a passkey that %s', async (_, verifies, status) => {
  await using t = await testPeople()
  const authenticator = await addPasskey(await t.member(), t.errors, verifies)
  await t.db.updateTable('auth.login').set({ two_factor_enabled: true }).execute()
  const phone = t.browser()
  const response = authenticator.signIn(await challengeFor(phone, 'authenticate'))
  const { json } = await phone.post('/auth/passkey/verify-authentication', { response })
  expect('twoFactorRedirect' in (json as object)).toBe(!verifies)
  expect((await phone.get('/me')).status).toBe(status)
})

test('a passkey answers our own pages alone', async () => {
  await using t = await testPeople()
  const authenticator = await addPasskey(await t.member())
  const eve = t.browser()
  const response = authenticator.signIn(await challengeFor(eve, 'authenticate'), 'https://evil.example')

  expect((await eve.post('/auth/passkey/verify-authentication', { response })).status).toBeGreaterThanOrEqual(400)
  expect((await eve.get('/me')).status).toBe(401)
})

test('a passkey of somebody else cannot be taken away, one’s own can, and both are written down', async () => {
  await using t = await testPeople()
  const ada = await t.member()
  await addPasskey(ada, t.errors)
  const [passkey] = (await ada.get('/auth/passkey/list-user-passkeys')).json as { id: string }[]
  const bob = await t.member('bob')

  expect((await bob.post('/auth/passkey/delete-passkey', { id: passkey!.id })).status).toBeGreaterThanOrEqual(400)
  expect((await ada.get('/auth/passkey/list-user-passkeys')).json).toHaveLength(1)
  expect((await ada.post('/auth/passkey/delete-passkey', { id: passkey!.id })).status).toBe(200)
  expect((await ada.get('/auth/passkey/list-user-passkeys')).json).toEqual([])
  const events = (await listEvents(t.db, { limit: 50 })).map(({ action }) => action)
  expect(events).toEqual(expect.arrayContaining(['passkey.add', 'passkey.remove']))
})

test('what is no passkey is refused, and nothing is kept of it', async () => {
  await using t = await testPeople()
  const ada = await t.member()
  const authenticator = softAuthenticator({ ...SITE, rpId: 'evil.example' })
  await challengeFor(ada, 'register')
  const garbage = { id: 'x', rawId: 'x', type: 'public-key', response: {}, clientExtensionResults: {} }
  for (const response of [garbage, authenticator.register('a challenge of my own')]) {
    const answer = await ada.post('/auth/passkey/verify-registration', { response })
    expect(answer.status).toBe(400)
    await challengeFor(ada, 'register')
  }
  const foreign = authenticator.register(await challengeFor(ada, 'register'))
  expect((await ada.post('/auth/passkey/verify-registration', { response: foreign })).json).toMatchObject({
    code: 'passkey_refused',
  })
  expect(await t.db.selectFrom('auth.passkey').select('id').execute()).toEqual([])
})
