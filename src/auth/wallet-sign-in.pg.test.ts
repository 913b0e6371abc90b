import { describe, expect, test } from 'vitest'

import { type Browser, PASSWORD, testPeople } from '../../test/sign-in.ts'
import { type TestWallet, testWallet } from '../../test/wallets.ts'
import { listEvents } from '../core/audit.ts'

const ADA = { email: 'ada@wiki.example', password: PASSWORD }
const MINUTE_MS = 60_000

async function challenge(browser: Browser, { chain, address }: TestWallet): Promise<string> {
  const { json } = await browser.post('/auth/sign-in/wallet/challenge', { chain, address })
  return (json as { message: string }).message
}

const signed = ({ sign }: TestWallet, message: string) => ({ message, signature: sign(message) })

async function signIn(browser: Browser, wallet: TestWallet) {
  return await browser.post('/auth/sign-in/wallet', signed(wallet, await challenge(browser, wallet)))
}

async function link(browser: Browser, wallet: TestWallet) {
  const { chain, address } = wallet
  const asked = await browser.post('/me/wallets/challenges', { chain, address })
  const { message } = asked.json as { message: string }
  return await browser.post('/me/wallets', signed(wallet, message))
}

describe.each(['evm', 'solana'] as const)('a wallet of %s', (chain) => {
  test('signs in whoever linked it, by a session like any other', async () => {
    await using t = await testPeople()
    const wallet = testWallet(chain)
    expect((await link(await t.member(), wallet)).status).toBe(201)

    const phone = t.browser()
    const answer = await signIn(phone, wallet)
    expect(answer.json).toMatchObject({ user: { email: ADA.email } })
    expect((await phone.get('/me')).json).toMatchObject({ username: 'ada' })
    const token = decodeURIComponent(phone.cookies.get(t.auth.cookie) ?? '').split('.')[0] ?? ''
    const sessions = await t.db.selectFrom('auth.session').selectAll().execute()
    expect(token).toHaveLength(32)
    expect(JSON.stringify(sessions) + answer.text).not.toContain(token)
    const [event] = await listEvents(t.db, { limit: 1 })
    expect(event).toMatchObject({ action: 'session.begin', diff: { after: { address: '127.0.0.1' } } })
    await t.db.deleteFrom('auth.session').execute()
    expect((await phone.get('/me')).json).toMatchObject({ code: 'session_ended' })
  })

  test('signs a message that is good once, whoever is faster, and for ten minutes', async () => {
    await using t = await testPeople()
    const wallet = testWallet(chain)
    await link(await t.member(), wallet)
    const proof = signed(wallet, await challenge(t.browser(), wallet))
    const both = await Promise.all([1, 2].map(async () => await t.browser().post('/auth/sign-in/wallet', proof)))
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])

    const late = signed(wallet, await challenge(t.browser(), wallet))
    t.clock.set(new Date(t.clock.now().getTime() + 10 * MINUTE_MS))
    expect((await t.browser().post('/auth/sign-in/wallet', late)).json).toMatchObject({
      code: 'wallet_message_expired',
    })
  })

  test('is told nothing of whether it is linked until it has signed', async () => {
    await using t = await testPeople()
    const [linked, other] = [testWallet(chain), testWallet(chain, 2)]
    await link(await t.member(), linked)
    const asked = async ({ address }: TestWallet) => {
      const answer = await t.browser().post('/auth/sign-in/wallet/challenge', { chain, address })
      return answer.text.replaceAll(address, 'ADDRESS').replace(/Nonce: [0-9a-f]+/, 'Nonce')
    }
    expect(await asked(other)).toBe(await asked(linked))
    const browser = t.browser()
    expect((await signIn(browser, other)).json).toMatchObject({ status: 401, code: 'wallet_not_linked' })
    expect(browser.cookies.has(t.auth.cookie)).toBe(false)
  })
})

describe('a challenge', () => {
  test('is for what it was asked for: to link is not to sign in, nor the other way round', async () => {
    await using t = await testPeople()
    const wallet = testWallet('evm')
    const ada = await t.member()
    await link(ada, wallet)
    const { chain, address } = wallet
    const { message } = (await ada.post('/me/wallets/challenges', { chain, address })).json as { message: string }
    expect((await t.browser().post('/auth/sign-in/wallet', signed(wallet, message))).json).toMatchObject({
      code: 'wallet_nonce_unknown',
    })
    const other = testWallet('solana', 2)
    const toSignIn = signed(other, await challenge(ada, other))
    expect((await ada.post('/me/wallets', toSignIn)).json).toMatchObject({ code: 'wallet_nonce_unknown' })
  })

  test.each([
    ['another site', [/wiki\.example wants/, 'evil.example wants'], 'wallet_site_differs'],
    ['another address of a site', [/URI: .*/, 'URI: https://evil.example'], 'wallet_site_differs'],
    ['another chain', [/Chain ID: .*/, 'Chain ID: 5'], 'wallet_chain_unknown'],
    ['a nonce that somebody made up', [/Nonce: .*/, 'Nonce: 0123456789abcdef'], 'wallet_nonce_unknown'],
    ['another purpose', [/Sign in to .*/, 'Claim your prize.'], 'wallet_nonce_unknown'],
    ['more time', [/\nExpiration Time: .*/, ''], 'wallet_nonce_unknown'],
  ] as const)('that was changed to name %s is refused', async (_, [line, by], code) => {
    await using t = await testPeople()
    const wallet = testWallet('evm')
    await link(await t.member(), wallet)
    const message = (await challenge(t.browser(), wallet)).replace(line, by)
    expect((await t.browser().post('/auth/sign-in/wallet', signed(wallet, message))).json).toMatchObject({ code })
  })

  test('for one wallet is signed in vain by another', async () => {
    await using t = await testPeople()
    const [own, others] = [testWallet('evm'), testWallet('evm', 2)]
    await link(await t.member(), own)
    const message = await challenge(t.browser(), own)
    const refused = await t.browser().post('/auth/sign-in/wallet', { message, signature: others.sign(message) })
    expect(refused.json).toMatchObject({ code: 'wallet_signature_invalid' })
    const swapped = signed(others, message.replace(own.address, others.address))
    expect((await t.browser().post('/auth/sign-in/wallet', swapped)).json).toMatchObject({
      code: 'wallet_nonce_unknown',
    })
  })

  test.each([
    [{ chain: 'bitcoin', address: 'x' }, 'request_invalid'],
    [{ chain: 'evm', address: 'x'.repeat(65) }, 'request_invalid'],
    [{ chain: 'evm', address: { $ne: null } }, 'request_invalid'],
    [{ chain: 'evm', address: testWallet('evm').address, person: 'ada' }, 'request_invalid'],
    [{ chain: 'evm', address: testWallet('solana').address }, 'wallet_address_invalid'],
    [{ chain: 'solana', address: '<script>' }, 'wallet_address_invalid'],
  ])('is not made for %j', async (body, code) => {
    await using t = await testPeople()
    expect((await t.browser().post('/auth/sign-in/wallet/challenge', body)).json).toMatchObject({ code })
    expect(await t.db.selectFrom('identity.wallet_nonce').select('nonce').execute()).toEqual([])
  })
})

describe('signing in with a wallet', () => {
  test('takes a second factor from whoever has one', async () => {
    await using t = await testPeople()
    const wallet = testWallet('solana')
    const ada = await t.member()
    await link(ada, wallet)
    await t.db.updateTable('auth.login').set({ two_factor_enabled: true }).execute()
    const phone = t.browser()
    expect((await signIn(phone, wallet)).json).toMatchObject({ twoFactorRedirect: true })
    expect((await phone.get('/me')).status).toBe(401)
  })

  test('is over when the wallet is unlinked', async () => {
    await using t = await testPeople()
    const wallet = testWallet('evm')
    await link(await t.member(), wallet)
    const proof = signed(wallet, await challenge(t.browser(), wallet))
    await t.db.deleteFrom('identity.wallet').execute()
    expect((await t.browser().post('/auth/sign-in/wallet', proof)).json).toMatchObject({ code: 'wallet_not_linked' })
  })

  test('fails ten times for one wallet, and then waits', async () => {
    await using t = await testPeople()
    const wallet = testWallet('evm')
    await link(await t.member(), wallet)
    const proof = signed(wallet, await challenge(t.browser(), wallet))
    const wrong = { ...proof, signature: testWallet('evm', 2).sign(proof.message) }
    const codes: unknown[] = []
    for (let i = 0; i < 11; i++) {
      const { json } = await t.browser().post('/auth/sign-in/wallet', wrong)
      codes.push((json as { code: string }).code)
    }
    const expected = Array.from({ length: 10 }, () => 'wallet_signature_invalid')
    expect(codes).toEqual([...expected, 'too_many_attempts'])
    expect((await t.browser().post('/auth/sign-in/wallet', proof)).status).toBe(429)
    const [event] = await listEvents(t.db, { limit: 1, action: 'sign_in.lock' })
    expect(event).toMatchObject({ subject: expect.stringMatching(/^person:/), diff: { after: { limit: 'wallet' } } })
  })

  test('and its challenges, is for no page of others, and not for an economy that is read-only', async () => {
    await using t = await testPeople()
    await using closed = await testPeople({ state: 'read_only' })
    const { chain, address } = testWallet('evm')
    for (const [path, body] of [
      ['/auth/sign-in/wallet/challenge', { chain, address }],
      ['/auth/sign-in/wallet', { message: 'x', signature: 'y' }],
    ] as const) {
      const cross = await t.browser().post(path, body, { origin: 'https://evil.example' })
      expect(cross.json).toMatchObject({ status: 403, code: 'origin_not_allowed' })
      const answer = await closed.browser().post(path, body)
      expect(answer.json).toMatchObject({ status: 409, code: 'economy_read_only' })
    }
  })
})
