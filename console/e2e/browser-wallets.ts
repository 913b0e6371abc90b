import { base58 } from '@scure/base'
import type { Page } from 'playwright-core'

import { testWallet, type TestWallet } from '../../test/wallets.ts'

/**
 * Gives a page two wallets, as extensions of a browser would: one that announces itself by EIP-6963, and one by the Wallet
 * Standard. They sign in this process, with keys of their own, until `decline` says otherwise.
 */
export async function giveWallets(page: Page, number: number): Promise<GivenWallets> {
  const given = { evm: testWallet('evm', number), solana: testWallet('solana', number), decline: false }
  await page.exposeFunction('signByEvm', (text: string) => (given.decline ? null : given.evm.sign(text)))
  await page.exposeFunction('signBySolana', (text: string) => Array.from(base58.decode(given.solana.sign(text))))
  await page.addInitScript(announce, {
    evm: given.evm.address.toLowerCase(),
    solana: given.solana.address,
    publicKey: Array.from(base58.decode(given.solana.address)),
  })
  return given
}

export interface GivenWallets {
  evm: TestWallet
  solana: TestWallet
  decline: boolean
}

/** Runs in the page, before anything of ours. */
function announce({ evm, solana, publicKey }: { evm: string; solana: string; publicKey: number[] }): void {
  const signing = globalThis as unknown as {
    signByEvm(text: string): Promise<string | null>
    signBySolana(text: string): Promise<number[]>
  }
  const icon =
    'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1v1H0z"/></svg>'
  const provider = {
    request: async ({ method, params }: { method: string; params?: string[] }) => {
      if (method === 'eth_requestAccounts') return [evm]
      const bytes = (params?.[0] ?? '').slice(2).match(/../g) ?? []
      const text = new TextDecoder().decode(Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 16)))
      const signature = await signing.signByEvm(text)
      if (signature === null) throw Object.assign(new Error('User rejected the request.'), { code: 4001 })
      return signature
    },
  }
  const info = { uuid: '5f1a6b1e-0000-4000-8000-000000000001', name: 'Fox', icon, rdns: 'example.fox' }
  const detail = Object.freeze({ info, provider })
  const say = () => window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }))
  window.addEventListener('eip6963:requestProvider', say)
  say()

  const account = {
    address: solana,
    publicKey: Uint8Array.from(publicKey),
    chains: ['solana:mainnet'],
    features: ['solana:signMessage'],
  }
  const wallet = {
    version: '1.0.0',
    name: 'Ghost',
    icon,
    chains: ['solana:mainnet'],
    accounts: [account],
    features: {
      'standard:connect': { version: '1.0.0', connect: async () => await Promise.resolve({ accounts: [account] }) },
      'solana:signMessage': {
        version: '1.1.0',
        signMessage: async ({ message }: { message: Uint8Array }) => {
          const signature = Uint8Array.from(await signing.signBySolana(new TextDecoder().decode(message)))
          return [{ signedMessage: message, signature }]
        },
      },
    },
  }
  const register = ({ register: add }: { register: (wallet: unknown) => void }) => add(wallet)
  window.addEventListener('wallet-standard:app-ready', (event) =>
    register((event as CustomEvent<Parameters<typeof register>[0]>).detail),
  )
  window.dispatchEvent(new CustomEvent('wallet-standard:register-wallet', { detail: register }))
}
