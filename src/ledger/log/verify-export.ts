import type { z } from 'zod'

import { type AppError, Invalid } from '../../core/errors.ts'
import { type Checkpoint, readCheckpoint } from './checkpoint.ts'
import { hashAuditLeaf, hashEntryLeaf, type LoggedEntry, type LoggedPosting } from './encode.ts'
import {
  type ExportedBlock,
  type ExportedEntry,
  type ExportedEvent,
  type ExportLine,
  zBody,
  zHeader,
} from './export-format.ts'
import { parseVkey, type Verifier } from './keys.ts'
import { postingFromJson } from './posting-json.ts'
import { appendLeaves, EMPTY_EDGE, type TreeEdge } from './tree.ts'
import { BlockChecker, type CheckedBlock } from './verify-blocks.ts'

/**
 * Verifies an exported log from the file alone: each leaf's hash from its plain content, the tree, every block and
 * signature, and the books themselves: that each account's lines continue each other without a gap, and that every
 * balance is what came in less what went out. No server, no database.
 *
 * What the file says of its own keys proves nothing: trust comes from `expected` heads that the reader kept, or from
 * `vkeys` that the reader has from elsewhere, and one of them must be given.
 * Fails: trust_missing, export_malformed (with the line's number). What is wrong in a readable file is a finding.
 */
export async function verifyExport(
  lines: AsyncIterable<string>,
  { expected, vkeys, onProgress }: VerifyExport,
): Promise<VerifiedExport> {
  if (expected.length === 0 && vkeys.length === 0) {
    throw new Invalid(
      'trust_missing',
      'Say which checkpoint or which key you trust: without one, any consistent file verifies.',
    )
  }
  const findings: { code: string; detail: string }[] = []
  const check = new ExportCheck({ expected, vkeys }, (code, detail) => {
    if (findings.length < FINDINGS_MAX) findings.push({ code, detail })
  })
  let number = 0
  for await (const text of lines) {
    number++
    if (number === 1) check.header(parse(text, zHeader, number))
    else check.line(parse(text, zBody, number))
    if (number % 10_000 === 0) onProgress?.(number)
  }
  check.finish()
  return { ...check.summary(), findings }
}

export interface VerifyExport {
  expected: readonly Checkpoint[]
  vkeys: readonly Verifier[]
  onProgress?: (lines: number) => void
}

export interface VerifiedExport {
  economy: string
  leaves: bigint
  entries: number
  blocks: number
  accounts: number
  head: Checkpoint | null
  findings: { code: string; detail: string }[]
}

const FINDINGS_MAX = 100
/** Leaves between two blocks are hashed into the tree at least this often. */
const PENDING_LEAVES_MAX = 16_384

class ExportCheck {
  readonly #trust: { expected: readonly Checkpoint[]; vkeys: readonly Verifier[] }
  readonly #find: (code: string, detail: string) => void
  readonly #accounts = new Map<string, { version: bigint; balance: bigint }>()
  #blockCheck: BlockChecker | undefined
  #edge: TreeEdge = EMPTY_EDGE
  #pending: Buffer[] = []
  #economy = ''
  #entries = 0
  #blocks = 0
  #head: Checkpoint | null = null

  constructor(
    trust: { expected: readonly Checkpoint[]; vkeys: readonly Verifier[] },
    find: (code: string, detail: string) => void,
  ) {
    this.#trust = trust
    this.#find = find
  }

  header({ economy, vkeys }: { economy: string; vkeys: string[] }): void {
    this.#economy = economy
    const own = vkeys.map(parseVkey)
    const { expected, vkeys: trusted } = this.#trust
    // Where the reader has a key for an origin, the file's own word for it does not count.
    const log = [...trusted, ...own.filter(({ name }) => !trusted.some((key) => key.name === name))]
    this.#blockCheck = new BlockChecker({ add: this.#find }, { log, expected })
  }

  line(line: ExportLine): void {
    if ('entry' in line) this.#leaf(line.leaf, this.#hashEntry(line.entry))
    else if ('event' in line) this.#leaf(line.leaf, hashEvent(line.event))
    else if ('block' in line) this.#block(line.block)
  }

  finish(): void {
    this.#grow([])
    this.#blockCheck?.finish(this.#edge)
  }

  summary() {
    return {
      economy: this.#economy,
      leaves: this.#edge.size,
      entries: this.#entries,
      blocks: this.#blocks,
      accounts: this.#accounts.size,
      head: this.#head,
    }
  }

  #leaf(position: string, hash: Buffer): void {
    const expected = this.#edge.size + BigInt(this.#pending.length)
    if (position !== `${expected}`)
      this.#find('leaf_missing', `Leaf ${position} stands where leaf ${expected} belongs.`)
    this.#pending.push(hash)
    if (this.#pending.length >= PENDING_LEAVES_MAX) this.#grow([])
  }

  #block(json: ExportedBlock): void {
    this.#blocks++
    this.#grow([blockOf(json)])
    this.#head = readCheckpoint(json.checkpoint)
  }

  /** Adds the waiting leaves to the tree, with a stop at every head that is to be checked. */
  #grow(blocks: CheckedBlock[]): void {
    const leaves = Buffer.concat(this.#pending)
    this.#pending = []
    const checker = this.#blockCheck
    if (!checker) return
    const stops = checker.boundaries(this.#edge.size, BigInt(leaves.length / 32), blocks)
    for (const { from, to } of stops) {
      this.#edge = appendLeaves(this.#edge, leaves.subarray(Number(from) * 32, Number(to) * 32)).edge
      checker.check(this.#edge)
    }
    if (stops.length === 0) checker.check(this.#edge)
  }

  #hashEntry(json: ExportedEntry): Buffer {
    this.#entries++
    const entry = entryOf(json)
    for (const posting of entry.postings) this.#replay(json.id, posting)
    return hashEntryLeaf(entry)
  }

  /** The books of the file: each line of an account must continue the one before. */
  #replay(id: string, posting: LoggedPosting): void {
    const { from, to, asset, amount } = posting
    this.#continueAccount(id, `${from} ${asset}`, {
      version: posting.fromVersion,
      balance: posting.fromBalance,
      change: -amount,
    })
    this.#continueAccount(id, `${to} ${asset}`, {
      version: posting.toVersion,
      balance: posting.toBalance,
      change: amount,
    })
  }

  #continueAccount(
    id: string,
    account: string,
    { version, balance, change }: { version: bigint; balance: bigint; change: bigint },
  ): void {
    const before = this.#accounts.get(account) ?? { version: 0n, balance: 0n }
    if (version !== before.version + 1n) {
      this.#find('line_missing', `${account}: the entry ${id} has line ${version}, after line ${before.version}.`)
    } else if (balance !== before.balance + change) {
      this.#find(
        'balance_wrong',
        `${account}: after the entry ${id} the balance is not ${before.balance + change} but ${balance}.`,
      )
    }
    this.#accounts.set(account, { version, balance })
  }
}

function parse<Line>(text: string, schema: z.ZodType<Line>, number: number): Line {
  const parsed = schema.safeParse(parseJson(text, number))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw malformed(number, `${issue?.path.join('.') || 'the line'}: ${issue?.message ?? 'cannot be read'}`)
}

function parseJson(text: string, number: number): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw malformed(number, 'it is no JSON')
  }
}

function malformed(line: number, why: string): AppError {
  return new Invalid('export_malformed', `Line ${line} is not of an exported log: ${why}.`, { line })
}

function entryOf(json: ExportedEntry): LoggedEntry {
  const { redacted } = json
  return {
    uuid: uuidBytes(json.id),
    kind: json.kind,
    reference: json.reference,
    effectiveAt: new Date(json.effective_at),
    recordedAt: new Date(json.recorded_at),
    postings: json.postings.map(postingFromJson),
    secrets: redacted
      ? {
          postingKey: Buffer.from(redacted.posting_key, 'base64'),
          metadataDigest: Buffer.from(redacted.metadata_digest, 'base64'),
          actorDigest: Buffer.from(redacted.actor_digest, 'base64'),
        }
      : { salt: Buffer.from(json.salt ?? '', 'base64'), metadata: json.metadata ?? null, actor: json.actor ?? null },
  }
}

function hashEvent(json: ExportedEvent): Buffer {
  const secrets = { salt: Buffer.from(json.salt, 'base64'), actor: json.actor, diff: json.diff ?? null }
  return hashAuditLeaf({
    uuid: uuidBytes(json.id),
    action: json.action,
    subject: json.subject,
    at: new Date(json.at),
    secrets,
  })
}

function blockOf(json: ExportedBlock): CheckedBlock {
  return {
    height: BigInt(json.height),
    previous_hash: Buffer.from(json.previous_hash, 'base64'),
    tree_size: BigInt(json.tree_size),
    root: Buffer.from(json.root, 'base64'),
    time: new Date(json.time),
    difficulty: BigInt(json.difficulty),
    nonce: BigInt(json.nonce),
    origin: json.origin,
    hash: Buffer.from(json.hash, 'base64'),
    checkpoint: json.checkpoint,
  }
}

function uuidBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex')
}
