import { createEmailVerificationToken } from 'better-auth/api'
import { describe, expect, test } from 'vitest'

import { type Browser, PASSWORD, TEST_SECRET, testPeople, type TestPeople } from '../../test/sign-in.ts'
import { testWallet } from '../../test/wallets.ts'
import { BODIES } from './bodies.ts'

// What holds for each endpoint of signing in, whatever it is sent.

const EMAIL = 'ada@wiki.example'
const NEW_PASSWORD = 'four green bicycles'
const WALLET = testWallet('evm')
const SIGNED = { response: { id: 'x', response: {} } }

/** What each takes; the walk changes one field at a time. */
const GOOD: Record<string, Record<string, unknown>> = {
  '/sign-up/email': { username: 'bob', email: 'bob@wiki.example', password: PASSWORD, callbackURL: '/x' },
  '/sign-in/email': { email: EMAIL, password: PASSWORD, rememberMe: true, callbackURL: '/x' },
  '/sign-in/wallet/challenge': { chain: 'evm', address: WALLET.address },
  '/sign-in/wallet': { message: 'x', signature: 'y' },
  '/sign-out': {},
  '/send-verification-email': { email: EMAIL, callbackURL: '/x' },
  '/request-password-reset': { email: EMAIL, redirectTo: '/x' },
  '/reset-password': { token: 'x', newPassword: NEW_PASSWORD },
  '/change-password': { currentPassword: PASSWORD, newPassword: NEW_PASSWORD },
  '/change-email': { newEmail: 'new@wiki.example', callbackURL: '/x' },
  '/two-factor/enable': { password: PASSWORD },
  '/two-factor/disable': { password: PASSWORD },
  '/two-factor/get-totp-uri': { password: PASSWORD },
  '/two-factor/generate-backup-codes': { password: PASSWORD },
  '/two-factor/verify-totp': { code: '123456', trustDevice: true },
  '/two-factor/verify-backup-code': { code: '123456', trustDevice: true },
  '/passkey/verify-registration': { ...SIGNED, name: 'Laptop' },
  '/passkey/verify-authentication': SIGNED,
  '/passkey/delete-passkey': { id: 'x' },
  '/passkey/update-passkey': { id: 'x', name: 'Laptop' },
}

/** Those that are for who is signed in. */
const OWN = [
  '/change-password',
  '/change-email',
  '/two-factor/enable',
  '/two-factor/disable',
  '/two-factor/get-totp-uri',
  '/two-factor/generate-backup-codes',
  '/passkey/verify-registration',
  '/passkey/delete-passkey',
  '/passkey/update-passkey',
]

const WRONG = [7, ['x'], { $ne: null }, 'x'.repeat(20_000), '']

/** All that may change, but for the time. */
async function everything({ db }: TestPeople): Promise<unknown> {
  const tables = ['login', 'session', 'account', 'verification', 'two_factor', 'passkey', 'mail', 'attempt'] as const
  const rows = await Promise.all(
    tables.map(async (table) => await db.selectFrom(`auth.${table}`).selectAll().execute()),
  )
  return [rows, await db.selectFrom('audit.event').select('id').execute()]
}

describe('every endpoint', () => {
  test('is in the walk', () => {
    expect(Object.keys(GOOD).toSorted()).toEqual(Object.keys(BODIES).toSorted())
  })

  test('refuses a field of another type, too long, or that it does not know, and changes nothing', async () => {
    await using t = await testPeople()
    const ada = await t.member()
    const before = await everything(t)
    const refused = async (path: string, body: object, what: string) => {
      const { json } = await ada.post(`/auth${path}`, body)
      expect(json, `${path} ${what}`).toMatchObject({ status: 400, code: 'request_invalid' })
    }
    for (const [path, good] of Object.entries(GOOD)) {
      await refused(path, [], 'a list')
      await refused(path, { ...good, no_such_field: 1 }, 'an unknown field')
      for (const field of Object.keys(good)) {
        // Of a name that is empty or long, another code tells.
        const wrong = field === 'username' ? WRONG.slice(0, 4) : WRONG
        for (const value of wrong)
          await refused(path, { ...good, [field]: value }, `${field}: ${JSON.stringify(value)}`)
      }
    }
    expect(await everything(t)).toEqual(before)
  })

  test('refuses to send anybody to a page of others', async () => {
    await using t = await testPeople()
    const away = [
      'https://evil.example',
      '//evil.example',
      '/\\evil.example',
      '/%2fevil.example',
      'evil',
      'javascript:x',
    ]
    for (const [path, good] of Object.entries(GOOD)) {
      const field = ['callbackURL', 'redirectTo'].find((each) => each in good)
      for (const place of field === undefined ? [] : away) {
        const { json } = await t.browser().post(`/auth${path}`, { ...good, [field!]: place })
        expect(json, `${path} ${place}`).toMatchObject({ code: 'request_invalid' })
      }
    }
  })

  test('refuses the pages of others, and whoever is signed in stays so', async () => {
    await using t = await testPeople()
    const ada = await t.member()
    for (const [path, good] of Object.entries(GOOD)) {
      const { json } = await ada.post(`/auth${path}`, good, { origin: 'https://evil.example' })
      expect(json, path).toMatchObject({ status: 403, code: 'origin_not_allowed' })
    }
    expect((await ada.get('/me')).status).toBe(200)
  })

  test('that is for somebody who is signed in is for nobody else, nor for a session that was ended', async () => {
    await using t = await testPeople()
    const ada = await t.member()
    await ada.delete('/me/sessions')
    await t.db.deleteFrom('auth.attempt').execute()
    const before = await everything(t)
    for (const browser of [ada, t.browser()]) {
      for (const path of OWN) {
        const { status } = await browser.post(`/auth${path}`, GOOD[path])
        expect(status, path).toBe(401)
      }
      for (const path of ['/passkey/generate-register-options', '/passkey/list-user-passkeys']) {
        expect((await browser.get(`/auth${path}`)).status, path).toBe(401)
      }
      expect((await browser.get('/auth/get-session')).text).toBe('null')
    }
    // What was tried is counted, and nothing else is there.
    await t.db.deleteFrom('auth.attempt').execute()
    expect(await everything(t)).toEqual(before)
  })
})

describe('a link', () => {
  const secretOf = async (secret: string, lasts_s = 3_600) =>
    await createEmailVerificationToken(secret, EMAIL, undefined, lasts_s)
  const header = (token: string) => token.split('.')[0] ?? ''
  const unsigned = Buffer.from('{"alg":"none"}').toString('base64url')

  test('of a mail that was made up, has expired, or is not whole says so and proves nothing', async () => {
    await using t = await testPeople()
    await t.browser().post('/auth/sign-up/email', GOOD['/sign-up/email'])
    const good = await secretOf(TEST_SECRET)
    const cases = [
      ['', 'INVALID_TOKEN'],
      ['x'.repeat(3_000), 'INVALID_TOKEN'],
      [await secretOf('the secret of somebody else, who may sign as well'), 'INVALID_TOKEN'],
      [good.replace(header(good), unsigned).replace(/[^.]+$/, ''), 'INVALID_TOKEN'],
      [await secretOf(TEST_SECRET, -1), 'TOKEN_EXPIRED'],
      // As better-auth itself makes them, for an address and not for a sign-up.
      [good, 'link_replaced'],
    ] as const
    for (const [token, error] of cases) {
      const browser = t.browser()
      const { headers } = await browser.get(`/auth/verify-email?token=${token}&callbackURL=/x`)
      expect(headers['location'], token.slice(0, 20)).toBe(`/x?error=${error}`)
      expect(browser.cookies.size).toBe(0)
    }
    const proven = await t.db.selectFrom('auth.login').select('id').where('email_verified', '=', true).execute()
    expect(proven).toEqual([])
  })

  test('to a new password works for an hour', async () => {
    await using t = await testPeople()
    await t.member()
    const eve = t.browser()
    await eve.post('/auth/request-password-reset', GOOD['/request-password-reset'])
    const token = /reset-password\/([^?]+)/.exec((await t.mail()).path)?.[1]
    await t.db
      .updateTable('auth.verification')
      .set({ expires_at: new Date(Date.now() - 1) })
      .execute()
    expect((await eve.post('/auth/reset-password', { token, newPassword: NEW_PASSWORD })).json).toMatchObject({
      status: 400,
      code: 'invalid_token',
    })
    expect((await eve.post('/auth/sign-in/email', { email: EMAIL, password: PASSWORD })).status).toBe(200)
  })
})

describe('what is somebody else’s', () => {
  const KEY = { id: '', name: 'Laptop', public_key: 'x', counter: 0, device_type: 'x', backed_up: false }

  async function passkeyOf(t: TestPeople, name: string): Promise<string> {
    const { id } = await t.db.selectFrom('auth.login').select('id').where('name', '=', name).executeTakeFirstOrThrow()
    const passkey = { ...KEY, id: `passkey of ${name}`, user_id: id, credential_id: name }
    await t.db.insertInto('auth.passkey').values(passkey).execute()
    return passkey.id
  }

  test('cannot be named or taken away, and is answered as what there is not', async () => {
    await using t = await testPeople()
    const [ada, bob] = [await t.member(), await t.member('bob')]
    const id = await passkeyOf(t, 'ada')
    for (const [path, body] of [
      ['/auth/passkey/delete-passkey', { id }],
      ['/auth/passkey/update-passkey', { id, name: 'Mine' }],
    ] as const) {
      const [theirs, none] = [await bob.post(path, body), await bob.post(path, { ...body, id: 'nothing' })]
      expect(theirs.status, path).toBeGreaterThanOrEqual(400)
      expect([theirs.status, codeOf(theirs)], path).toEqual([none.status, codeOf(none)])
    }
    expect((await ada.get('/auth/passkey/list-user-passkeys')).json).toMatchObject([{ id, name: 'Laptop' }])
  })

  test('keeps its text as it is, in an answer that no browser takes for a page', async () => {
    await using t = await testPeople()
    const ada = await t.member()
    const id = await passkeyOf(t, 'ada')
    const name = '<img src=x onerror=alert(1)>'
    expect((await ada.post('/auth/passkey/update-passkey', { id, name })).status).toBe(200)
    const { headers, json } = await ada.get('/auth/passkey/list-user-passkeys')
    expect(json).toMatchObject([{ name }])
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-content-type-options': 'nosniff',
    })
  })
})

describe('at once', () => {
  test('two sign in: each has a session of its own, and ends it alone', async () => {
    await using t = await testPeople()
    await t.member()
    const [phone, laptop]: Browser[] = [t.browser(), t.browser()]
    const body = { email: EMAIL, password: PASSWORD }
    const answers = await Promise.all(
      [phone!, laptop!].map(async (each) => await each.post('/auth/sign-in/email', body)),
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect(phone!.cookies.get(t.auth.cookie)).not.toBe(laptop!.cookies.get(t.auth.cookie))
    await phone!.post('/auth/sign-out')
    expect([(await phone!.get('/me')).status, (await laptop!.get('/me')).status]).toEqual([401, 200])
  })

  test('a link to a new password is used twice: one of the two is chosen', async () => {
    await using t = await testPeople()
    await t.member()
    await t.browser().post('/auth/request-password-reset', GOOD['/request-password-reset'])
    const token = /reset-password\/([^?]+)/.exec((await t.mail()).path)?.[1]
    const chosen = ['four green bicycles', 'nine red bicycles']
    const answers = await Promise.all(
      chosen.map(async (newPassword) => await t.browser().post('/auth/reset-password', { token, newPassword })),
    )
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 400])
    const winner = chosen[answers.findIndex(({ status }) => status === 200)]
    expect((await t.browser().post('/auth/sign-in/email', { email: EMAIL, password: winner })).status).toBe(200)
  })

  test('a session is ended while it is used: what began before may finish, what comes after is refused', async () => {
    await using t = await testPeople()
    const ada = await t.member()
    const phone = t.browser()
    await phone.post('/auth/sign-in/email', { email: EMAIL, password: PASSWORD })
    const asked = Array.from({ length: 8 }, async () => await phone.get('/me'))
    const [ended, ...answers] = await Promise.all([ada.delete('/me/sessions?others_only=true'), ...asked])
    expect(ended.json).toEqual({ ended: 1 })
    expect(answers.every(({ status }) => status === 200 || status === 401)).toBe(true)
    expect((await phone.get('/me')).json).toMatchObject({ code: 'session_ended' })
    expect((await phone.post('/auth/change-password', GOOD['/change-password'])).status).toBe(401)
  })
})

function codeOf({ json }: { json: unknown }): string {
  return (json as { code: string }).code
}
