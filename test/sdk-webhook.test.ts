// What a receiver with the SDK believes: what the server signed, and what the public package signs.
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'

import { verifyWebhook } from '../sdk/src/sdk.ts'
import { newSigningKey, secretText, signedHeaders } from '../src/webhooks/webhook-rules.ts'

const EVENT = {
  type: 'parameter.set',
  timestamp: '2026-01-05T00:00:00.000Z',
  id: '1',
  position: '7',
  subject: 'a',
  data: {},
}
const BODY = JSON.stringify(EVENT)

test('what the server signs is believed, under the old secret too while it is changed', () => {
  const keys = [newSigningKey(), newSigningKey()]
  const headers = signedHeaders({ id: 'evt_1', body: BODY, keys, now: new Date() })
  for (const key of keys) expect(verifyWebhook(secretText(key), { headers, body: BODY })).toEqual(EVENT)
})

test('what the public package signs is believed', () => {
  const secret = secretText(newSigningKey())
  const now = new Date()
  const headers = {
    'webhook-id': 'evt_1',
    'webhook-timestamp': `${Math.floor(now.getTime() / 1_000)}`,
    'webhook-signature': new Webhook(secret).sign('evt_1', now, BODY),
  }
  expect(verifyWebhook(secret, { headers, body: BODY })).toEqual(EVENT)
})

test('an altered body, another secret, another id, an old message and one without a signature are not', () => {
  const key = newSigningKey()
  const secret = secretText(key)
  const headers = signedHeaders({ id: 'evt_1', body: BODY, keys: [key], now: new Date() })
  const old = signedHeaders({ id: 'evt_1', body: BODY, keys: [key], now: new Date(Date.now() - 6 * 60_000) })
  const received = [
    [secret, { headers, body: BODY.replace('7', '8') }],
    [secretText(newSigningKey()), { headers, body: BODY }],
    [secret, { headers: { ...headers, 'webhook-id': 'evt_2' }, body: BODY }],
    [secret, { headers: old, body: BODY }],
    [secret, { headers: {}, body: BODY }],
  ] as const
  for (const [known, message] of received) expect(() => verifyWebhook(known, message)).toThrow()
})
