import { ed25519 } from '@noble/curves/ed25519.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { base58 } from '@scure/base'

import { evmAddress } from '../src/identity/wallet-rules.ts'

/** A wallet of that chain that signs as people's do. Each number is another wallet, and always the same. */
export function testWallet(chain: 'evm' | 'solana', number = 1): TestWallet {
  const key = new Uint8Array(32).fill(number)
  return chain === 'evm' ? evmWallet(key) : solanaWallet(key)
}

export interface TestWallet {
  chain: 'evm' | 'solana'
  address: string
  sign: (message: string) => string
}

function evmWallet(key: Uint8Array): TestWallet {
  const digest = keccak_256(secp256k1.getPublicKey(key, false).subarray(1))
  return {
    chain: 'evm',
    address: evmAddress(`0x${hex(digest.subarray(12))}`) ?? '',
    sign: (message) => {
      const bytes = Buffer.from(message)
      const signed = Buffer.concat([Buffer.from(`\x19Ethereum Signed Message:\n${bytes.length}`), bytes])
      const options = { prehash: false, format: 'recovered' } as const
      const [recovery, ...rs] = secp256k1.sign(keccak_256(signed), key, options)
      return `0x${hex(Uint8Array.from(rs))}${recovery === 0 ? '1b' : '1c'}`
    },
  }
}

function solanaWallet(key: Uint8Array): TestWallet {
  return {
    chain: 'solana',
    address: base58.encode(ed25519.getPublicKey(key)),
    sign: (message) => base58.encode(ed25519.sign(Buffer.from(message), key)),
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
