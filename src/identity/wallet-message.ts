import { Invalid } from '../core/errors.ts'
import { type Chain, evmAddress, solanaKey } from './wallet-rules.ts'

/**
 * Reads what a wallet signed: a message of ERC-4361 ("Sign-In with Ethereum"), or the one of Solana's wallets, which has
 * the same lines and may leave out most. Every line is where it belongs or the message is none, so that no text in it can
 * pass for another line; a nonce and the time of issue are needed of both. Fails: wallet_message_invalid.
 */
export function readSignInMessage(text: string): SignInMessage {
  const [head = '', address = '', ...rest] = text.split('\n')
  const [, scheme, domain, kind] = HEAD.exec(head) ?? []
  if (domain === undefined || CONTROL.test(text) || text.length > MESSAGE_LENGTH_MAX) throw invalid('its first line')
  const chain: Chain = kind === 'Ethereum' ? 'evm' : 'solana'
  const known = chain === 'evm' ? evmAddress(address) === address : solanaKey(address) !== undefined
  if (!known) throw invalid('its address')
  const fields = readFields(fieldLines(rest, chain))
  const { URI: uri, Version: version, 'Chain ID': chainId, Nonce: nonce } = fields
  const bare = chain === 'evm' && (uri === undefined || version === undefined || chainId === undefined)
  if (bare || (version !== undefined && version !== '1')) throw invalid('URI, Version or Chain ID')
  if (nonce === undefined || !NONCE.test(nonce)) throw invalid('Nonce')
  const issuedAt = timeOf(fields['Issued At'], 'Issued At')
  if (!issuedAt) throw invalid('Issued At')
  return {
    text,
    chain,
    scheme,
    domain,
    address,
    uri,
    chainId,
    nonce,
    issuedAt,
    expiresAt: timeOf(fields['Expiration Time'], 'Expiration Time'),
    notBefore: timeOf(fields['Not Before'], 'Not Before'),
  }
}

/** The message for a wallet to sign, as `readSignInMessage` reads it. */
export function writeSignInMessage({ origin, chain, address, statement, nonce, now, expiresAt }: WriteMessage): string {
  const site = new URL(origin)
  return [
    `${site.host} wants you to sign in with your ${chain === 'evm' ? 'Ethereum' : 'Solana'} account:`,
    address,
    '',
    statement,
    '',
    `URI: ${site.origin}`,
    'Version: 1',
    `Chain ID: ${chain === 'evm' ? '1' : 'mainnet'}`,
    `Nonce: ${nonce}`,
    `Issued At: ${now.toISOString()}`,
    `Expiration Time: ${expiresAt.toISOString()}`,
  ].join('\n')
}

export interface SignInMessage {
  /** All of it, as it was signed. */
  text: string
  chain: Chain
  scheme: string | undefined
  domain: string
  address: string
  uri: string | undefined
  chainId: string | undefined
  nonce: string
  issuedAt: Date
  expiresAt: Date | undefined
  notBefore: Date | undefined
}

export interface WriteMessage {
  origin: string
  chain: Chain
  address: string
  statement: string
  nonce: string
  now: Date
  expiresAt: Date
}

export const MESSAGE_LENGTH_MAX = 2_000
const HEAD = /^(?:(https?):\/\/)?([^\s/?#@]{1,255}) wants you to sign in with your (Ethereum|Solana) account:$/
const CONTROL = /[^\P{Cc}\n]/u
const NONCE = /^[A-Za-z0-9]{8,64}$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/
const LABELS = [
  'URI',
  'Version',
  'Chain ID',
  'Nonce',
  'Issued At',
  'Expiration Time',
  'Not Before',
  'Request ID',
] as const

type Fields = Partial<Record<(typeof LABELS)[number], string>>

/** After the address: an empty line, a statement or none, an empty line, and the fields. */
function fieldLines([first, second, third, ...rest]: string[], chain: Chain): string[] {
  if (first !== '' || second === undefined) throw invalid('the line after the address')
  if (second === '') return [third ?? '', ...rest]
  // Solana's wallets leave the second empty line out where there is no statement.
  const bare = chain === 'solana' && LABELS.some((label) => second.startsWith(`${label}: `))
  if (bare) return [second, ...(third === undefined ? [] : [third]), ...rest]
  if (third !== '') throw invalid('the line after the statement')
  return rest
}

/** Each at most once and in their order, and nothing else but resources at the end. */
function readFields(lines: readonly string[]): Fields {
  const fields: Fields = {}
  let at = 0
  for (const label of LABELS) {
    const line = lines[at]
    if (line?.startsWith(`${label}: `) !== true) continue
    fields[label] = line.slice(label.length + 2)
    at++
  }
  const [title, ...resources] = lines.slice(at)
  const closed = title === undefined || (title === 'Resources:' && resources.every((line) => line.startsWith('- ')))
  if (!closed) throw invalid(`the line "${title.slice(0, 40)}"`)
  return fields
}

function timeOf(text: string | undefined, label: string): Date | undefined {
  if (text === undefined) return undefined
  const time = new Date(text)
  if (!TIME.test(text) || Number.isNaN(time.getTime())) throw invalid(label)
  return time
}

function invalid(what: string): Error {
  return new Invalid(
    'wallet_message_invalid',
    `This is no sign-in message of a wallet: ${what} is not as it should be.`,
  )
}
