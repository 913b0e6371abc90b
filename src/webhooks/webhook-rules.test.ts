import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'

import { isPublic, readTarget } from './address-rules.ts'
import { newSigningKey, nextDelayMs, outcomeOf, secretText, signedHeaders } from './webhook-rules.ts'

const NOW = new Date(1_614_265_330_000)

test('the signature is that of the standard’s worked example', () => {
  const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')
  const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
  const headers = signedHeaders({ id, body: '{"test": 2432232314}', keys: [key], now: NOW })
  expect(headers).toEqual({
    'webhook-id': id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('while a secret is changed, receivers with either verify', () => {
  const keys = [newSigningKey(), newSigningKey()]
  const body = '{"type":"a.b"}'
  const headers = signedHeaders({ id: 'evt_1', body, keys, now: new Date() })
  for (const key of keys) expect(new Webhook(secretText(key)).verify(body, headers)).toEqual({ type: 'a.b' })
  expect(() => new Webhook(secretText(newSigningKey())).verify(body, headers)).toThrow('No matching signature')
  expect(() => new Webhook(secretText(keys[0]!)).verify(`${body} `, headers)).toThrow('No matching signature')
})

test('it is tried ten times within three and a half days, never all at the same moment', () => {
  const delays = Array.from({ length: 10 }, (_, i) => nextDelayMs(i + 1, 0))
  expect(delays.map((ms) => (ms === undefined ? 'over' : ms / 1_000))).toEqual([
    5,
    300,
    1_800,
    7_200,
    18_000,
    36_000,
    50_400,
    72_000,
    86_400,
    'over',
  ])
  expect(nextDelayMs(1, 1)).toBe(5_500)
})

test.each([
  [200, undefined, { outcome: 'delivered' }],
  [204, undefined, { outcome: 'delivered' }],
  [301, undefined, { outcome: 'retry' }],
  [400, undefined, { outcome: 'retry' }],
  [410, undefined, { outcome: 'gone' }],
  [500, '60', { outcome: 'retry' }],
  [429, '60', { outcome: 'retry', wait_ms: 60_000 }],
  [503, 'Thu, 25 Feb 2021 15:03:10 GMT', { outcome: 'retry', wait_ms: 60_000 }],
  [503, '999999999', { outcome: 'retry', wait_ms: 86_400_000 }],
  [503, 'soon', { outcome: 'retry' }],
  [undefined, undefined, { outcome: 'retry' }],
])('%s with Retry-After %s: %j', (http_status, retry_after, expected) => {
  expect(outcomeOf({ http_status, retry_after }, NOW)).toEqual(expected)
})

test.each([
  '127.0.0.1',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '::1',
  '::',
  'fe80::1',
  'fc00::1',
  'fd12:3456::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '64:ff9b::a00:1',
  '2002:a00:1::',
  'not an address',
])('%s is not of the public Internet', (address) => {
  expect(isPublic(address)).toBe(false)
})

test.each(['1.1.1.1', '93.184.216.34', '2606:4700:4700::1111'])('%s is', (address) => {
  expect(isPublic(address)).toBe(true)
})

test.each([
  ['http://shop.example/events', 'webhook_url_invalid'],
  ['ftp://shop.example/', 'webhook_url_invalid'],
  ['https://user:pass@shop.example/', 'webhook_url_invalid'],
  ['https://shop.example/#a', 'webhook_url_invalid'],
  ['shop.example', 'webhook_url_invalid'],
  ['https://127.0.0.1/', 'webhook_address_private'],
  ['https://2130706433/', 'webhook_address_private'],
  ['https://0x7f.1/', 'webhook_address_private'],
  ['https://[::1]/', 'webhook_address_private'],
  ['https://[::ffff:7f00:1]/', 'webhook_address_private'],
])('%s is refused: %s', (url, code) => {
  expect(() => readTarget(url, { private_allowed: false })).toThrow(expect.objectContaining({ code }))
})
