import { describe, expect, test } from 'vitest'

import { PASSWORD, testPeople, type TestPeople } from '../../test/sign-in.ts'
import { listEvents } from '../core/audit.ts'
import { transaction } from '../core/db.ts'
import { createPerson } from '../identity/identity.ts'
import { SIGN_UP_MS } from './sign-ups.ts'
import { sweepAuth } from './sweep.ts'

const ADA = { username: 'ada', email: 'ada@wiki.example', password: PASSWORD }
const NEW = { ...ADA, password: 'four green bicycles' }

describe('signing up', () => {
  test('makes a person under the chosen name, who is signed in once the address is proven', async () => {
    await using t = await testPeople()
    const ada = t.browser()
    const up = await ada.post('/auth/sign-up/email', ADA)

    expect(up.text).not.toContain('token')
    expect(up.status).toBe(200)
    expect((await ada.get('/me')).json).toMatchObject({ status: 401, code: 'authentication_required' })
    expect((await ada.post('/auth/sign-in/email', credentials(ADA))).json).toMatchObject({
      status: 403,
      code: 'email_not_verified',
    })
    const mail = await t.mail()
    expect(mail).toMatchObject({ to: 'ada@wiki.example', subject: 'Test: confirm your address' })
    const opened = await ada.open(mail.path)
    expect(opened.status).toBe(302)
    expect((await ada.get('/me')).json).toMatchObject({ username: 'ada' })

    expect((await ada.post('/auth/sign-out')).status).toBe(200)
    expect((await ada.get('/me')).status).toBe(401)
    expect((await ada.post('/auth/sign-in/email', credentials(ADA))).json).toMatchObject({
      user: { email: 'ada@wiki.example' },
    })
    expect((await ada.get('/me')).json).toMatchObject({ username: 'ada' })
  })

  test('under a name that somebody has, an imported contributor too, is refused and leaves nothing', async () => {
    await using t = await testPeople()
    await transaction(t.db, async (tx) => {
      await createPerson(tx, { username: 'ada', actor: 'cli:test', now: t.clock.now() })
    })

    expect((await t.browser().post('/auth/sign-up/email', ADA)).json).toMatchObject({
      status: 409,
      code: 'username_taken',
    })
    expect(await t.db.selectFrom('auth.login').select('id').execute()).toEqual([])
  })

  test('with an address that is known is answered as with any other, and makes nobody', async () => {
    await using t = await testPeople()
    await t.member()
    const known = await t.browser().post('/auth/sign-up/email', { ...ADA, username: 'eve' })
    const unknown = await t
      .browser()
      .post('/auth/sign-up/email', { ...ADA, username: 'bob', email: 'bob@wiki.example' })

    expect(known.status).toBe(unknown.status)
    const shape = ({ json }: typeof known) => JSON.stringify(json).replaceAll(/"[^"]*"(?=[,}])/g, '""')
    expect(shape(known)).toBe(shape(unknown))
    const shapeOfCookies = ({ headers }: typeof known) => String(headers['set-cookie']).replace(/=[^;]*;/, '=;')
    expect(shapeOfCookies(known)).toBe(shapeOfCookies(unknown))
    const logins = await t.db.selectFrom('auth.login').select('name').orderBy('name').execute()
    expect(logins).toEqual([{ name: 'ada' }, { name: 'bob' }])
  })

  test.each([
    ['short', 'password_too_short'],
    ['a'.repeat(300), 'password_too_long'],
    ['password1234', 'password_common'],
    ['Ada', 'password_too_short'],
    ['ada@wiki.example', 'password_common'],
  ])('with the password %j is refused with %s', async (password, code) => {
    await using t = await testPeople()
    expect((await t.browser().post('/auth/sign-up/email', { ...ADA, password })).json).toMatchObject({
      status: 422,
      code,
    })
  })

  test.each([
    [{ ...ADA, username: ' ada' }, 'username_invalid'],
    [{ ...ADA, username: '\u202Eada' }, 'username_invalid'],
    [{ ...ADA, email: 'nowhere' }, 'request_invalid'],
    [{ ...ADA, role: 'owner' }, 'request_invalid'],
    [{ ...ADA, email: { $ne: null } }, 'request_invalid'],
    [[], 'request_invalid'],
  ])('%j is refused with %s', async (body, code) => {
    await using t = await testPeople()
    expect((await t.browser().post('/auth/sign-up/email', body)).json).toMatchObject({ code })
  })
})

describe('a sign-up that is not proven', () => {
  test('is nobody: no person, and no hold on its name or address', async () => {
    await using t = await testPeople()
    await t.browser().post('/auth/sign-up/email', ADA)
    expect(await t.db.selectFrom('identity.person').select('username').execute()).toEqual([])

    const grace = t.browser()
    expect((await grace.post('/auth/sign-up/email', { ...ADA, email: 'grace@wiki.example' })).status).toBe(200)
    await grace.open((await t.mail()).path)
    expect((await grace.get('/me')).json).toMatchObject({ username: 'ada' })
    await grace.post('/auth/change-email', { newEmail: ADA.email })
    await grace.open((await t.mail()).path)
    await grace.open((await t.mail()).path)
    expect((await t.browser().post('/auth/sign-in/email', credentials(ADA))).json).toMatchObject({
      user: { name: 'ada' },
    })
    expect(await t.db.selectFrom('auth.login').select('email').execute()).toEqual([{ email: ADA.email }])
  })

  test('is replaced by the next with its address: another name and password, and the old link is dead', async () => {
    await using t = await testPeople()
    const [eve, ada] = [t.browser(), t.browser()]
    const first = await eve.post('/auth/sign-up/email', { ...ADA, username: 'eve' })
    const old = await t.mail()
    const second = await ada.post('/auth/sign-up/email', { ...NEW, email: 'Ada@wiki.example' })
    expect(second.status).toBe(first.status)

    expect((await eve.open(old.path)).headers['location']).toBe('/console/test/confirm?error=link_replaced')
    expect((await eve.post('/auth/sign-in/email', credentials(ADA))).json).toMatchObject({
      code: 'invalid_email_or_password',
    })
    expect((await ada.open((await t.mail()).path)).headers['location']).toBe('/console/test/confirm')
    expect((await ada.get('/me')).json).toMatchObject({ username: 'ada' })
    expect(await t.db.selectFrom('auth.login').select('name').execute()).toEqual([{ name: 'ada' }])
    const [event] = await listEvents(t.db, { limit: 1, action: 'sign_up.replace' })
    expect(event).toMatchObject({ actor: 'system', diff: { before: { username: 'eve' } } })
  })

  test('is one, of however many at once with its address', async () => {
    await using t = await testPeople()
    const answers = await Promise.all(
      ['a', 'b', 'c'].map(async (username) => await t.browser().post('/auth/sign-up/email', { ...ADA, username })),
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(await t.db.selectFrom('auth.login').select('id').execute()).toHaveLength(1)
    expect(t.errors).toEqual([])
  })

  test('loses its name to who proves theirs first, and is told to choose another', async () => {
    await using t = await testPeople()
    const [ada, late] = [t.browser(), t.browser()]
    await late.post('/auth/sign-up/email', { ...ADA, email: 'late@wiki.example' })
    const { path } = await t.mail()
    await ada.post('/auth/sign-up/email', ADA)
    await ada.open((await t.mail()).path)

    expect((await late.open(path)).headers['location']).toBe('/console/test/confirm?error=username_taken')
    expect((await late.get('/me')).status).toBe(401)
    const other = { ...ADA, username: 'late', email: 'late@wiki.example' }
    await late.post('/auth/sign-up/email', other)
    await late.open((await t.mail()).path)
    expect((await late.get('/me')).json).toMatchObject({ username: 'late' })
  })

  test('is gone after two days, with an event, and its link leads nowhere', async () => {
    await using t = await testPeople()
    const ada = t.browser()
    await ada.post('/auth/sign-up/email', ADA)
    const { path } = await t.mail()
    const { created_at } = await t.db.selectFrom('auth.login').select('created_at').executeTakeFirstOrThrow()
    const sweepAfter = async (ms: number) => {
      await transaction(t.db, async (tx) => await sweepAuth(tx, { now: new Date(created_at.getTime() + ms) }))
      return await t.db.selectFrom('auth.account').select('id').execute()
    }
    expect(await sweepAfter(SIGN_UP_MS - 1)).toHaveLength(1)
    expect(await sweepAfter(SIGN_UP_MS)).toEqual([])
    expect((await ada.open(path)).headers['location']).toBe('/console/test/confirm?error=link_replaced')
    const [event] = await listEvents(t.db, { limit: 1, action: 'sign_up.expire' })
    expect(event).toMatchObject({ actor: 'system', diff: { before: { username: 'ada' } } })
  })

  test('of a member never expires', async () => {
    await using t = await testPeople()
    const ada = await t.member()
    const now = new Date(Date.now() + 10 * SIGN_UP_MS)
    await transaction(t.db, async (tx) => await sweepAuth(tx, { now }))
    expect((await ada.post('/auth/sign-in/email', credentials(ADA))).status).toBe(200)
  })
})

describe('the link that proves an address', () => {
  /** What somebody else chose for that address before, and the link that came by mail. */
  async function hijacked(t: TestPeople): Promise<{ eve: ReturnType<TestPeople['browser']>; path: string }> {
    const eve = t.browser()
    await eve.post('/auth/sign-up/email', ADA)
    return { eve, path: (await t.mail()).path }
  }

  test('signs nobody in where the password was not given, and proves nothing by being opened', async () => {
    await using t = await testPeople()
    const { eve, path } = await hijacked(t)
    const ada = t.browser()
    const { headers } = await ada.open(path)
    expect(headers['location']).toMatch(/^\/console\/test\/confirm\?token=[\w-]{32}$/)
    expect((await ada.get('/me')).status).toBe(401)
    // As a filter of mails does that opens every link.
    expect((await eve.post('/auth/sign-in/email', credentials(ADA))).json).toMatchObject({ code: 'email_not_verified' })
  })

  test('has a new password chosen there, and the first one is dead before anybody is signed in', async () => {
    await using t = await testPeople()
    const { eve, path } = await hijacked(t)
    const ada = t.browser()
    const token = String((await ada.open(path)).headers['location']).split('token=')[1]
    const chosen = await ada.post('/auth/reset-password', { token, newPassword: NEW.password })
    expect(chosen.status).toBe(200)

    expect((await eve.post('/auth/sign-in/email', credentials(ADA))).json).toMatchObject({
      code: 'invalid_email_or_password',
    })
    expect((await eve.open(path)).headers['location']).toBe('/console/test/confirm')
    expect((await eve.get('/me')).status).toBe(401)
    expect((await ada.post('/auth/sign-in/email', credentials(NEW))).status).toBe(200)
    expect((await ada.get('/me')).json).toMatchObject({ username: 'ada' })
    const again = await ada.post('/auth/reset-password', { token, newPassword: ADA.password })
    expect(again.json).toMatchObject({ code: 'invalid_token' })
  })

  test('signs in where the password was given later', async () => {
    await using t = await testPeople()
    await t.browser().post('/auth/sign-up/email', ADA)
    const phone = t.browser()
    expect((await phone.post('/auth/sign-in/email', credentials(ADA))).json).toMatchObject({
      code: 'email_not_verified',
    })
    await phone.open((await t.mail()).path)
    expect((await phone.get('/me')).json).toMatchObject({ username: 'ada' })
  })

  test('is not helped by the cookie of another sign-up, nor by one that was made up', async () => {
    await using t = await testPeople()
    const { path } = await hijacked(t)
    const ada = t.browser()
    await ada.post('/auth/sign-up/email', { ...ADA, username: 'bob', email: 'bob@wiki.example' })
    expect((await ada.open(path)).headers['location']).toContain('?token=')
    const { id } = await t.db.selectFrom('auth.login').select('id').where('name', '=', 'ada').executeTakeFirstOrThrow()
    ada.cookies.set('florin_test.sign_up', `${id}.${ada.cookies.get('florin_test.sign_up')?.split('.')[1]}`)
    expect((await ada.open(path)).headers['location']).toContain('?token=')
  })

  test('leads to no page of others, whatever it is changed to say', async () => {
    await using t = await testPeople()
    const { path } = await hijacked(t)
    for (const away of ['https://evil.example/', '//evil.example', '/\\evil.example']) {
      const { status, headers } = await t
        .browser()
        .open(path.replace(/callbackURL=.*/, `callbackURL=${encodeURIComponent(away)}`))
      expect([status, headers['location']], away).toEqual([403, undefined])
    }
  })

  test('is not the only proof: a new password by mail is another', async () => {
    await using t = await testPeople()
    const { eve } = await hijacked(t)
    const ada = t.browser()
    await ada.post('/auth/request-password-reset', { email: ADA.email, redirectTo: '/password' })
    const token = /reset-password\/([^?]+)/.exec((await t.mail()).path)?.[1]
    await ada.post('/auth/reset-password', { token, newPassword: NEW.password })
    expect((await ada.post('/auth/sign-in/email', credentials(NEW))).status).toBe(200)
    expect((await eve.post('/auth/sign-in/email', credentials(ADA))).status).toBe(401)
  })
})

/** What signing in takes. */
function credentials({ email, password }: { email: string; password: string }) {
  return { email, password }
}
