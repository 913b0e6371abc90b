import { describe, expect, test } from 'vitest'

import { TEST_START } from '../../test/helpers.ts'
import { PASSWORD, testPeople } from '../../test/sign-in.ts'
import { listEvents } from '../core/audit.ts'
import { transaction } from '../core/db.ts'
import { createPerson } from '../identity/identity.ts'

const ADA = { username: 'ada', email: 'ada@wiki.example', password: PASSWORD }

describe('a session', () => {
  test('is in the database without what would let anybody use it', async () => {
    await using t = await testPeople()
    const ada = await t.member()
    const cookie = ada.cookies.get(t.auth.cookie) ?? ''
    const token = decodeURIComponent(cookie).split('.')[0] ?? ''
    const { rows } = await t.db
      .selectFrom('auth.session')
      .selectAll()
      .execute()
      .then((found) => ({ rows: found }))

    expect(token).toHaveLength(32)
    expect(JSON.stringify(rows)).not.toContain(token)
    // Who has read the database shows what it holds in vain.
    const eve = t.browser()
    eve.cookies.set(t.auth.cookie, `${rows[0]!.token}.${cookie.split('.')[1]}`)
    expect((await eve.get('/me')).json).toMatchObject({ status: 401, code: 'session_ended' })
    expect((await ada.get('/auth/get-session')).text).not.toContain(token)
  })

  test('is dead at once when it is ended, while it is used', async () => {
    await using t = await testPeople()
    const ada = await t.member()
    const phone = t.browser()
    await phone.post('/auth/sign-in/email', credentials(ADA))
    expect((await phone.get('/me')).status).toBe(200)

    const { json } = await ada.get('/me/sessions')
    const sessions = (json as { data: { id: string; current: boolean }[] }).data
    expect(sessions.map(({ current }) => current)).toEqual([false, true])
    expect((await ada.delete(`/me/sessions/${sessions[0]!.id}`)).json).toEqual({ ended: 1 })
    expect((await phone.get('/me')).json).toMatchObject({ status: 401, code: 'session_ended' })
    expect((await phone.get('/auth/get-session')).text).toBe('null')
    expect((await ada.get('/me')).status).toBe(200)
    expect((await ada.delete(`/me/sessions/${sessions[0]!.id}`)).json).toMatchObject({ code: 'session_not_found' })
  })

  test('is one of several, which are ended together: all others, or all', async () => {
    await using t = await testPeople()
    const ada = await t.member()
    const others = [t.browser(), t.browser()]
    for (const other of others) await other.post('/auth/sign-in/email', credentials(ADA))

    expect((await ada.delete('/me/sessions?others_only=true')).json).toEqual({ ended: 2 })
    for (const other of others) expect((await other.get('/me')).status).toBe(401)
    expect((await ada.delete('/me/sessions')).json).toEqual({ ended: 1 })
    expect((await ada.get('/me')).status).toBe(401)
  })

  test('of somebody else cannot be ended', async () => {
    await using t = await testPeople()
    const ada = await t.member()
    const bob = await t.member('bob')
    const { data } = (await bob.get('/me/sessions')).json as { data: { id: string }[] }

    expect((await ada.delete(`/me/sessions/${data[0]!.id}`)).json).toMatchObject({ code: 'session_not_found' })
    expect((await bob.get('/me')).status).toBe(200)
  })

  test('that has expired is none, nor is one that somebody made up', async () => {
    await using t = await testPeople()
    const ada = await t.member()
    const cookie = ada.cookies.get(t.auth.cookie) ?? ''
    const eve = t.browser()
    const forged = ['a.b', 'x', '%', '', `${'a'.repeat(32)}.${cookie.split('.')[1]}`, `${cookie}x`, 'a'.repeat(5_000)]
    for (const value of forged) {
      eve.cookies.set(t.auth.cookie, value)
      expect((await eve.get('/me')).status, value.slice(0, 40)).toBe(401)
    }
    const { expires_at } = await t.db.selectFrom('auth.session').select('expires_at').executeTakeFirstOrThrow()
    t.clock.set(expires_at)
    expect((await ada.get('/me')).json).toMatchObject({ status: 401, code: 'session_ended' })
  })

  test('of one economy is nothing in another', async () => {
    await using t = await testPeople()
    await using other = await testPeople({ name: 'other' })
    const ada = await t.member()
    const there = other.browser()
    there.cookies.set(t.auth.cookie, ada.cookies.get(t.auth.cookie) ?? '')
    expect((await there.get('/me')).json).toMatchObject({ code: 'authentication_required' })
    there.cookies.set(other.auth.cookie, ada.cookies.get(t.auth.cookie) ?? '')
    expect((await there.get('/me')).json).toMatchObject({ code: 'session_ended' })
  })

  test('changes nothing for a page of somebody else', async () => {
    await using t = await testPeople()
    const ada = await t.member()
    const refused = { status: 403, code: 'origin_not_allowed' }
    for (const headers of [
      {},
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'none' },
      { origin: 'http://localhost', 'sec-fetch-site': 'same-site' },
      { origin: 'http://localhost.evil.example' },
    ] as Record<string, string>[]) {
      expect((await ada.delete('/me/sessions', headers)).json, JSON.stringify(headers)).toMatchObject(refused)
      expect((await ada.post('/auth/sign-out', {}, headers)).json, JSON.stringify(headers)).toMatchObject(refused)
    }
    const login = await t.browser().post('/auth/sign-in/email', credentials(ADA), { origin: 'https://evil.example' })
    expect(login.json).toMatchObject(refused)
    expect((await ada.get('/me')).status).toBe(200)
  })

  test('shows when and with what it was seen last', async () => {
    await using t = await testPeople()
    const ada = await t.member()
    const later = new Date(t.clock.now().getTime() + 3_600_000)
    t.clock.set(later)
    await ada.get('/me')
    const { data } = (await ada.get('/me/sessions', { 'user-agent': 'Firefox' })).json as { data: object[] }
    expect(data[0]).toMatchObject({ last_seen_at: later.toISOString(), address: '127.0.0.1', current: true })
  })
})

describe('a password', () => {
  test('is guessed ten times; then the account is locked for a while, whether there is one or not', async () => {
    await using t = await testPeople()
    await t.member()
    const eve = t.browser()
    const codes: Record<string, string[]> = {}
    for (const email of ['ada@wiki.example', 'nobody@wiki.example']) {
      codes[email] = []
      for (let i = 0; i < 11; i++) {
        const { json } = await eve.post('/auth/sign-in/email', { email, password: 'wrong horse' })
        codes[email].push((json as { code: string }).code)
      }
    }
    const expected = [...Array.from({ length: 10 }, () => 'invalid_email_or_password'), 'too_many_attempts']
    expect(codes).toEqual({ 'ada@wiki.example': expected, 'nobody@wiki.example': expected })
    expect((await eve.post('/auth/sign-in/email', credentials(ADA))).json).toMatchObject({
      status: 429,
      code: 'too_many_attempts',
      params: { retry_after_s: 900 },
    })
    const [event] = await listEvents(t.db, { limit: 1, action: 'sign_in.lock', actor: 'system' })
    expect(event).toBeDefined()

    t.clock.set(new Date(t.clock.now().getTime() + 900_000))
    expect((await eve.post('/auth/sign-in/email', credentials(ADA))).status).toBe(200)
  })

  test('that is guessed many times at once is guessed ten times', async () => {
    await using t = await testPeople()
    await t.member()
    const answers = await Promise.all(
      Array.from({ length: 30 }, async () => {
        return await t.browser().post('/auth/sign-in/email', credentials({ ...ADA, password: 'wrong horse' }))
      }),
    )
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10)
  })

  test('that was forgotten is chosen anew by mail, once, and ends every session', async () => {
    await using t = await testPeople()
    const ada = await t.member()
    const eve = t.browser()
    const asked = await eve.post('/auth/request-password-reset', { email: ADA.email, redirectTo: '/reset' })
    const nobody = await eve.post('/auth/request-password-reset', {
      email: 'nobody@wiki.example',
      redirectTo: '/reset',
    })
    expect(asked.text).toBe(nobody.text)
    const mail = await t.mail()
    expect(mail.subject).toBe('Test: choose a new password')
    const token = /reset-password\/([^?]+)/.exec(mail.path)?.[1]
    expect((await eve.open(mail.path)).headers['location']).toContain(`/reset?token=${token}`)
    const verifications = await t.db.selectFrom('auth.verification').selectAll().execute()
    expect(JSON.stringify(verifications)).not.toContain(token)

    const newPassword = 'four green bicycles'
    expect((await eve.post('/auth/reset-password', { token, newPassword: 'password1' })).json).toMatchObject({
      code: 'password_common',
    })
    expect((await eve.post('/auth/reset-password', { token, newPassword })).status).toBe(200)
    expect((await ada.get('/me')).status).toBe(401)
    expect((await eve.post('/auth/reset-password', { token, newPassword })).json).toMatchObject({
      code: 'invalid_token',
    })
    expect((await eve.post('/auth/sign-in/email', credentials(ADA))).status).toBe(401)
    expect((await eve.post('/auth/sign-in/email', credentials({ ...ADA, password: newPassword }))).status).toBe(200)
  })

  test('that is changed ends the other sessions', async () => {
    await using t = await testPeople()
    const ada = await t.member()
    const phone = t.browser()
    await phone.post('/auth/sign-in/email', credentials(ADA))
    const newPassword = 'four green bicycles'
    const wrong = await ada.post('/auth/change-password', { currentPassword: 'wrong horse', newPassword })
    expect(wrong.json).toMatchObject({
      code: 'invalid_password',
      detail: 'This is not your password. Type it once more.',
    })
    const own = { currentPassword: PASSWORD, newPassword: ADA.email }
    expect((await ada.post('/auth/change-password', own)).json).toMatchObject({ code: 'password_common' })
    expect((await ada.post('/auth/change-password', { currentPassword: PASSWORD, newPassword })).status).toBe(200)
    expect((await ada.get('/me')).status).toBe(200)
    expect((await phone.get('/me')).status).toBe(401)
    const events = await listEvents(t.db, { limit: 50 })
    expect(events.map(({ action }) => action)).toContain('password.change')
  })
})

test('an address of mail is changed by links to both', async () => {
  await using t = await testPeople()
  const ada = await t.member()
  await ada.post('/auth/change-email', { newEmail: 'ada@new.example', callbackURL: '/' })
  const first = await t.mail()
  expect(first).toMatchObject({ to: 'ada@wiki.example', subject: 'Test: your address is to change' })
  await ada.open(first.path)
  const second = await t.mail()
  expect(second).toMatchObject({ to: 'ada@new.example', subject: 'Test: confirm your address' })
  // Whose the new address is proves nothing about whose the account is.
  const theirs = t.browser()
  expect((await theirs.open(second.path)).headers['location']).toBe('/?error=sign_in_first')
  expect((await theirs.get('/me')).status).toBe(401)
  await ada.open(second.path)
  expect(
    (await t.browser().post('/auth/sign-in/email', credentials({ ...ADA, email: 'ada@new.example' }))).status,
  ).toBe(200)
  const [event] = await listEvents(t.db, { limit: 1, action: 'email.change' })
  expect(event?.diff).toEqual({ after: { email: 'ada@new.example' } })
})

test('what better-auth has besides is not there', async () => {
  await using t = await testPeople()
  const ada = await t.member()
  for (const path of ['/list-sessions', '/ok', '/error', '/get-session/x', '/sign-in/social', '/delete-user']) {
    expect((await ada.get(`/auth${path}`)).status, path).not.toBe(200)
    expect((await ada.post(`/auth${path}`)).status, path).toBe(404)
  }
  const away = { ...ADA, callbackURL: 'https://evil.example/' }
  expect((await t.browser().post('/auth/sign-in/email', away)).json).toMatchObject({ code: 'request_invalid' })
})

test('staff see with what somebody signs in, and nothing that would let them in', async () => {
  await using t = await testPeople()
  const ada = await t.member()
  const { id } = (await ada.get('/me')).json as { id: string }
  const path = `/people/${id}/sign-in`
  const seen = (await t.shell.send({ path: `/v1/test${path}` })).json
  expect(seen).toEqual({
    email_verified: true,
    password: true,
    second_factor: false,
    passkeys: 0,
    sessions: 1,
    last_seen_at: TEST_START.toISOString(),
  })
  expect((await ada.get(path)).status).toBe(403)

  const imported = await transaction(t.db, async (tx) => await createPerson(tx, { username: 'old', now: TEST_START }))
  const nobody = (await t.shell.send({ path: `/v1/test/people/${imported.id}/sign-in` })).json
  expect(nobody).toMatchObject({ email_verified: false, password: false, sessions: 0, last_seen_at: null })
})

test('the outbox shows owners what nobody sends', async () => {
  await using t = await testPeople()
  await t.member()
  const { json } = await t.shell.send({ path: '/v1/test/outbox' })
  expect(json).toMatchObject({ data: [{ to: 'ada@wiki.example', subject: 'Test: confirm your address' }] })
})

/** What signing in takes. */
function credentials({ email, password }: { email: string; password: string }) {
  return { email, password }
}
