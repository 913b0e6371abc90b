import { base58 } from '@scure/base'
import { expect, test } from 'vitest'

import { readSignInMessage } from './wallet-message.ts'
import { checkMessage, checkSignature, evmAddress } from './wallet-rules.ts'

const AT = new Date('2021-09-30T16:25:30Z')
const ORIGIN = 'https://service.example'

const TAIL = ['URI: https://service.example/login', 'Version: 1', 'Chain ID: 1', 'Nonce: 32891756ab']
const EVM = [
  'service.example wants you to sign in with your Ethereum account:',
  '0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826',
  '',
  'Sign in to the log.',
  '',
  ...TAIL,
  'Issued At: 2021-09-30T16:25:24Z',
].join('\n')
/** By the key keccak256("cow"). */
const EVM_SIGNATURE =
  '0x40aec4628ab900cdef493ac2a60604b9c539252ea6f33fc9f113550cc8176395619b96782b2d28d35ea2cd782aa2adaaf7fe2a54902bf0097faa50ed7d66fb581b'

const SOLANA = EVM.replace('Ethereum', 'Solana')
  .replace('0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826', 'FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF')
  .replace('Chain ID: 1', 'Chain ID: mainnet')
  .replace('24Z', '24.000Z')
/** By the seed 00…1f. */
const SOLANA_SIGNATURE = base58.encode(
  Buffer.from(
    '8397d68213f8f3474c76f3309e0cfa25a1aebc2b42a7ae8e4b4a0187e5bd9df83ef69f352708eba567ef4242f807d8431b5c7866ae2d59475aa644c0d2365e01',
    'hex',
  ),
)

test.each([
  ['ERC-4361', EVM, EVM_SIGNATURE, 'evm'],
  ['Solana', SOLANA, SOLANA_SIGNATURE, 'solana'],
])('the vector of %s proves its wallet', (_, text, signature, chain) => {
  const message = readSignInMessage(text)
  expect(message).toMatchObject({ chain, domain: 'service.example', nonce: '32891756ab' })
  checkMessage(message, { origin: ORIGIN, now: AT })
  checkSignature(message, signature)
})

test.each([
  '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
  '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB',
  '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb',
])('%s is written with the capitals that check it', (address) => {
  expect(evmAddress(address.toLowerCase())).toBe(address)
})

const flipped = (hex: string) => hex.replace(/.{2}$/, (v) => (v === '1b' ? '1c' : '1b'))
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const twin = (signature: string) => {
  const s = N - BigInt(`0x${signature.slice(66, 130)}`)
  return flipped(`${signature.slice(0, 66)}${s.toString(16).padStart(64, '0')}${signature.slice(130)}`)
}

test.each([
  ['of another text', EVM.replace('log.', 'Log.'), EVM_SIGNATURE],
  ['with the other recovery bit', EVM, flipped(EVM_SIGNATURE)],
  ['with the high s, which recovers the same wallet', EVM, twin(EVM_SIGNATURE)],
  ['that is none', EVM, '0x'],
  ['of zeros', EVM, `0x${'0'.repeat(128)}1b`],
  ['of another chain', EVM, SOLANA_SIGNATURE],
  ['of another text by Solana', SOLANA.replace('log.', 'Log.'), SOLANA_SIGNATURE],
  ['that is no base58', SOLANA, '0OIl'],
])('a signature %s proves nothing', (_, text, signature) => {
  expect(() => checkSignature(readSignInMessage(text), signature)).toThrow(
    expect.objectContaining({ code: 'wallet_signature_invalid' }),
  )
})

test('a message may have no statement, and more lines, in their places', () => {
  const bare = EVM.replace('Sign in to the log.\n\n', '\n')
  expect(readSignInMessage(bare)).toMatchObject({ nonce: '32891756ab' })
  const end = `${EVM}\nExpiration Time: 2021-09-30T17:00:00Z\nNot Before: 2021-09-30T16:00:00Z\nRequest ID: 7\nResources:\n- https://a.example`
  expect(readSignInMessage(end).expiresAt).toEqual(new Date('2021-09-30T17:00:00Z'))
  const solana = SOLANA.split('\n').filter((line) => /wants|^FAe4|^$|^Nonce|^Issued/.test(line))
  solana.splice(2, 1)
  expect(readSignInMessage(solana.join('\n'))).toMatchObject({ chain: 'solana', uri: undefined })
})

test.each([
  ['a line feed at the end', `${EVM}\n`],
  ['one empty line for no statement', EVM.replace('\nSign in to the log.\n', '')],
  ['a nonce of seven letters', EVM.replace('32891756ab', '3289175')],
  ['a nonce in its statement alone', EVM.replace(/Nonce: .*\n/, '').replace('Sign in', 'Nonce: 32891756ab')],
  ['two nonces', EVM.replace('Nonce', 'Nonce: 11111111ab\nNonce')],
  ['its lines in another order', EVM.replace('Version: 1\nChain ID: 1', 'Chain ID: 1\nVersion: 1')],
  ['an address in other capitals', EVM.replace('0xCD2a', '0xcd2a')],
  ['no URI', EVM.replace(/URI: .*\n/, '')],
  ['no time of issue', EVM.replace(/\nIssued At: .*/, '')],
  ['a time that is none', EVM.replace('2021-09-30T16', '2021-13-30T16')],
  ['another version', EVM.replace('Version: 1', 'Version: 2')],
  ['carriage returns', EVM.replaceAll('\n', '\r\n')],
  ['something behind it', `${EVM}\nAlso: this`],
  ['another chain in words', EVM.replace('Ethereum', 'Bitcoin')],
  ['nothing in it', ''],
])('a message with %s is none', (_, text) => {
  expect(() => readSignInMessage(text)).toThrow(expect.objectContaining({ code: 'wallet_message_invalid' }))
})

test.each([
  ['of another host', EVM.replace('service.example wants', 'evil.example wants'), AT, 'wallet_site_differs'],
  [
    'whose host only begins as ours',
    EVM.replace('service.example wants', 'service.example.evil wants'),
    AT,
    'wallet_site_differs',
  ],
  ['with another scheme', `http://${EVM}`, AT, 'wallet_site_differs'],
  ['that leads elsewhere', EVM.replace('URI: https://service', 'URI: https://evil'), AT, 'wallet_site_differs'],
  ['of an unknown chain', EVM.replace('Chain ID: 1', 'Chain ID: 5'), AT, 'wallet_chain_unknown'],
  ['of eleven minutes ago', EVM, new Date('2021-09-30T16:36:25Z'), 'wallet_message_expired'],
  ['of the future', EVM, new Date('2021-09-30T16:24:00Z'), 'wallet_message_expired'],
  ['whose time is over', `${EVM}\nExpiration Time: 2021-09-30T16:25:30Z`, AT, 'wallet_message_expired'],
  ['whose time has not come', `${EVM}\nNot Before: 2021-09-30T16:25:31Z`, AT, 'wallet_message_expired'],
])('a message %s is refused', (_, text, now, code) => {
  expect(() => checkMessage(readSignInMessage(text), { origin: ORIGIN, now })).toThrow(
    expect.objectContaining({ code }),
  )
})
