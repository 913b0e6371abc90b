import { fromBase64, HASH_BYTES, ProofError } from './bytes.ts'

/** Reads a receipt strictly: all its fields and no others, each number in its one spelling. Fails: receipt_malformed. */
export function readReceipt(text: string): Receipt {
  return read(text, RECEIPT) as Receipt
}

/** The same for the receipt of an audit event. Fails: receipt_malformed. */
export function readEventReceipt(text: string): EventReceipt {
  return read(text, EVENT_RECEIPT) as EventReceipt
}

export interface Receipt {
  format: 'florin-receipt@v1'
  leaf: string
  posting: {
    no: number
    salt: string
    from: string
    to: string
    asset: string
    scale: number
    amount: string
    from_line: ReceiptLine
    to_line: ReceiptLine
  }
  path: string[]
  metadata?: { salt: string; value: unknown }
  actor?: { salt: string; value: string | null }
}

export interface EventReceipt {
  format: 'florin-event-receipt@v1'
  leaf: string
  actor?: { salt: string; value: string | null }
  diff?: { salt: string; value: unknown }
}

export type ReceiptLine = { digest: string } | { salt: string; version: string; balance: string }

type Check = (value: unknown) => boolean
type Shape = Record<string, Check>

const text: Check = (value) => typeof value === 'string' && value.isWellFormed()
const spelled =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value)
const between =
  (max: number): Check =>
  (value) =>
    Number.isInteger(value) && Number(value) >= 0 && Number(value) <= max
const base64 =
  (length?: number): Check =>
  (value) => {
    const bytes = typeof value === 'string' ? fromBase64(value) : undefined
    return bytes !== undefined && (length === undefined || bytes.length === length)
  }
const object =
  (shape: Shape): Check =>
  (value) =>
    matches(value, shape)

const SALT_BYTES = 16
const LENGTH_MAX = 1_000_000
const PATH_MAX = 32

const salt = base64(SALT_BYTES)
const line: Check = (value) =>
  matches(value, { digest: base64(HASH_BYTES) }) ||
  matches(value, { salt, version: spelled(/^[1-9]\d{0,18}$/), balance: spelled(/^(0|-?[1-9]\d{0,37})$/) })

const shownJson: Check = (value) => matches(value, { salt, value: () => true })
const shownName: Check = (value) => matches(value, { salt, value: (name) => name === null || text(name) })

const RECEIPT: Shape = {
  format: (value) => value === 'florin-receipt@v1',
  leaf: base64(),
  posting: object({
    no: between(2 ** 32 - 1),
    salt,
    from: text,
    to: text,
    asset: text,
    scale: between(255),
    amount: spelled(/^[1-9]\d{0,37}$/),
    from_line: line,
    to_line: line,
  }),
  path: (value) => Array.isArray(value) && value.length <= PATH_MAX && value.every(base64()),
  metadata: shownJson,
  actor: shownName,
}

const EVENT_RECEIPT: Shape = {
  format: (value) => value === 'florin-event-receipt@v1',
  leaf: base64(),
  actor: shownName,
  diff: shownJson,
}

/** What a receipt shows only where it was asked for. */
const DISCLOSED = new Set(['metadata', 'actor', 'diff'])

function read(json: string, shape: Shape): unknown {
  const receipt = json.length > LENGTH_MAX ? undefined : parseJson(json)
  if (matches(receipt, shape)) return receipt
  throw new ProofError('receipt_malformed', 'This is no receipt, or one with fields that this reader does not know.')
}

function matches(value: unknown, shape: Shape): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const fields = new Map<string, unknown>(Object.entries(value))
  for (const name of fields.keys()) if (!Object.hasOwn(shape, name)) return false
  return Object.entries(shape).every(([name, check]) =>
    fields.has(name) ? check(fields.get(name)) : DISCLOSED.has(name),
  )
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
