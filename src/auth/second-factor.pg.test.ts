import { expect, test } from 'vitest'

import { type Browser, PASSWORD, testPeople } from '../../test/sign-in.ts'
import { codeOf } from '../../test/totp.ts'
import { listEvents } from '../core/audit.ts'

const ADA = { email: 'ada@wiki.example', password: PASSWORD }

/** Turns it on for somebody who is signed in. */
async function enable(browser: Browser): Promise<{ totpURI: string; backupCodes: string[] }> {
  const enabled = await browser.post('/auth/two-factor/enable', { password: PASSWORD })
  const given = enabled.json as { totpURI: string; backupCodes: string[] }
  // better-auth reads the machine's clock.
  const verified = await browser.post('/auth/two-factor/verify-totp', { code: codeOf(given.totpURI, Date.now()) })
  expect(verified.status).toBe(200)
  return given
}

test('a second factor is asked for once it is on, and the password alone is no session', async () => {
  await using t = await testPeople()
  const ada = await t.member()
  const { totpURI } = await enable(ada)
  expect((await ada.get('/me')).status).toBe(200)

  const phone = t.browser()
  expect((await phone.post('/auth/sign-in/email', ADA)).json).toMatchObject({ twoFactorRedirect: true })
  expect((await phone.get('/me')).status).toBe(401)
  expect((await phone.post('/auth/two-factor/verify-totp', { code: '000000' })).json).toMatchObject({
    status: 401,
    code: 'invalid_code',
  })
  expect((await phone.post('/auth/two-factor/verify-totp', { code: codeOf(totpURI, Date.now()) })).status).toBe(200)
  expect((await phone.get('/me')).json).toMatchObject({ username: 'ada' })

  const eve = t.browser()
  expect((await eve.post('/auth/two-factor/verify-totp', { code: codeOf(totpURI, Date.now()) })).status).toBe(401)
  const events = (await listEvents(t.db, { limit: 50 })).map(({ action }) => action)
  expect(events).toContain('two_factor.enable')
})

test('a backup code works once', async () => {
  await using t = await testPeople()
  const { backupCodes } = await enable(await t.member())
  const [code] = backupCodes
  const [first, again] = [t.browser(), t.browser()]
  for (const browser of [first, again]) await browser.post('/auth/sign-in/email', ADA)

  expect((await first.post('/auth/two-factor/verify-backup-code', { code })).status).toBe(200)
  expect((await again.post('/auth/two-factor/verify-backup-code', { code })).json).toMatchObject({
    code: 'invalid_backup_code',
  })
  expect((await first.get('/me')).status).toBe(200)
  expect((await again.get('/me')).status).toBe(401)
})

test('neither secret nor backup codes are readable in the database', async () => {
  await using t = await testPeople()
  const { totpURI, backupCodes } = await enable(await t.member())
  const rows = JSON.stringify(await t.db.selectFrom('auth.two_factor').selectAll().execute())

  expect(rows).not.toContain(new URL(totpURI).searchParams.get('secret'))
  for (const code of backupCodes) expect(rows).not.toContain(code)
})

test('codes are guessed ten times, over however many attempts to sign in', async () => {
  await using t = await testPeople()
  await enable(await t.member())
  const codes: unknown[] = []
  for (let round = 0; round < 4; round++) {
    const eve = t.browser()
    await eve.post('/auth/sign-in/email', ADA)
    for (let i = 0; i < 4; i++) {
      const { json } = await eve.post('/auth/two-factor/verify-totp', { code: '000000' })
      codes.push((json as { code: string }).code)
    }
  }
  expect(codes.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 'invalid_code'))
  expect(codes.slice(10)).toEqual(Array.from({ length: 6 }, () => 'account_temporarily_locked'))
})

test('it is turned off with the password alone', async () => {
  await using t = await testPeople()
  const ada = await t.member()
  await enable(ada)
  expect((await ada.post('/auth/two-factor/disable', { password: 'wrong horse' })).json).toMatchObject({
    code: 'invalid_password',
  })
  expect((await ada.post('/auth/two-factor/disable', { password: PASSWORD })).status).toBe(200)
  expect((await t.browser().post('/auth/sign-in/email', ADA)).json).toMatchObject({ user: { email: ADA.email } })
  const [event] = await listEvents(t.db, { limit: 1, action: 'two_factor.disable' })
  expect(event).toBeDefined()
})
