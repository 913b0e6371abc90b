import { base58 } from '@scure/base'
import { SolanaSignMessage, type SolanaSignMessageFeature } from '@solana/wallet-standard-features'
import { getWallets } from '@wallet-standard/app'
import type { Wallet } from '@wallet-standard/base'
import { StandardConnect, type StandardConnectFeature } from '@wallet-standard/features'
import { createStore, type EIP6963ProviderDetail } from 'mipd'
import { useSyncExternalStore } from 'react'

import { BrowserRefusal } from '../api/errors.ts'

/**
 * The wallets in this browser: Ethereum's kind as they announce themselves (EIP-6963), or else the one at `window.ethereum`
 * (EIP-1193), and Solana's by the Wallet Standard. One that comes late appears when it does.
 */
export function useWallets(): readonly BrowserWallet[] {
  return useSyncExternalStore(watch, walletsNow)
}

/**
 * Has a wallet show its address and sign the message that `challenge` asks of the server for that address; what it
 * answers is what the server takes as the proof. Throws a BrowserRefusal when the wallet, or whoever holds it, declines.
 */
export async function signChallenge(
  wallet: BrowserWallet,
  challenge: (of: { chain: Chain; address: string }) => Promise<{ message: string }>,
): Promise<{ message: string; signature: string }> {
  const { address, sign } = await asked(wallet.connect)
  const { message } = await challenge({ chain: wallet.chain, address })
  return { message, signature: await asked(async () => await sign(message)) }
}

export type Chain = 'evm' | 'solana'

export interface BrowserWallet {
  /** Unlike every other's in this browser. */
  id: string
  name: string
  /** As a `data:` address. */
  icon: string | undefined
  chain: Chain
  connect: () => Promise<WalletAccount>
}

interface WalletAccount {
  address: string
  /** 0x and hex digits for `evm`, base58 for `solana`. */
  sign: (message: string) => Promise<string>
}

const announced = createStore()
const standard = getWallets()
const watchers = new Set<() => void>()
let known: readonly BrowserWallet[] | undefined

announced.subscribe(changed)
standard.on('register', changed)
standard.on('unregister', changed)

function changed(): void {
  known = undefined
  for (const watcher of watchers) watcher()
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

function walletsNow(): readonly BrowserWallet[] {
  return (known ??= [...evmWallets(), ...standard.get().flatMap(solanaWallet)])
}

type EvmProvider = EIP6963ProviderDetail['provider']

function evmWallets(): BrowserWallet[] {
  const details = announced.getProviders()
  if (details.length > 0) return details.map(({ info, provider }) => evmWallet(provider, info))
  const injected = (window as { ethereum?: EvmProvider }).ethereum
  return injected ? [evmWallet(injected, { uuid: 'injected', name: 'Browser wallet', icon: undefined })] : []
}

function evmWallet(
  provider: EvmProvider,
  { uuid, name, icon }: { uuid: string; name: string; icon: string | undefined },
): BrowserWallet {
  return {
    id: `evm ${uuid}`,
    name,
    icon,
    chain: 'evm',
    connect: async () => {
      const [address] = await provider.request({ method: 'eth_requestAccounts' })
      if (address === undefined) throw new BrowserRefusal(NO_ACCOUNT)
      const sign = async (message: string) =>
        await provider.request({ method: 'personal_sign', params: [hex(message), address] })
      return { address, sign }
    },
  }
}

type SolanaFeatures = StandardConnectFeature & SolanaSignMessageFeature

function solanaWallet(wallet: Wallet): BrowserWallet[] {
  const { name, icon, features } = wallet
  if (!(StandardConnect in features && SolanaSignMessage in features)) return []
  const { [StandardConnect]: connecting, [SolanaSignMessage]: signing } = features as SolanaFeatures
  const connect = async (): Promise<WalletAccount> => {
    const { accounts } = await connecting.connect()
    const account = accounts.find((each) => each.features.includes(SolanaSignMessage))
    if (!account) throw new BrowserRefusal(NO_ACCOUNT)
    const sign = async (text: string) => {
      const [signed] = await signing.signMessage({ account, message: new TextEncoder().encode(text) })
      if (!signed) throw new BrowserRefusal(FAILED)
      return base58.encode(signed.signature)
    }
    return { address: account.address, sign }
  }
  return [{ id: `solana ${name}`, name, icon, chain: 'solana', connect }]
}

function hex(text: string): `0x${string}` {
  const digits = Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, '0'))
  return `0x${digits.join('')}`
}

/** What a wallet throws has a code at most (EIP-1193). */
async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof BrowserRefusal) throw error
    const code = (error as { code?: unknown } | null)?.code
    throw new BrowserRefusal(code === DECLINED ? REFUSED : code === PENDING ? WAITING : FAILED)
  }
}

const DECLINED = 4001
const PENDING = -32_002

const REFUSED = 'You declined in your wallet, and nothing was signed.'
const WAITING = 'Your wallet waits for an answer already. Open it, answer there, then try again.'
const FAILED = 'Your wallet did not sign. Unlock it, then try again.'
const NO_ACCOUNT = 'Your wallet showed no account. Choose one in it, then try again.'
