import type { Answer } from '../api/client.ts'
import { type Bytes, fromBase64, join, lp, same, sha256, toBase64, u32, u64, utf8 } from './bytes.ts'
import { type Checkpoint, isSigned, parseCheckpoint } from './checkpoint.ts'
import { leafHash, rootFrom } from './merkle.ts'

type Proof = Answer<'/ledger/entries/{id}/proof'>
export type Receipt = Proof['receipts'][number]

/** One thing that was checked, in words, with what it came to. */
export interface Check {
  name: string
  holds: boolean
  shown: string
}

/**
 * Checks a receipt with its proof file in this page, by arithmetic alone (docs/log.md, section 11). What it trusts is the
 * verifier key: compare that with one that you had before, or from somebody else.
 */
export async function verifyReceipt({ receipt, tlogProof, vkeys }: VerifyReceipt): Promise<Check[]> {
  const data = fromBase64(receipt.leaf)
  const leaf = decodeLeaf(data)
  const { index, path, checkpoint } = parseProofFile(tlogProof)
  const postingsRoot = await rootFrom({
    leaf: await leafHash(await postingData(receipt.posting)),
    index: BigInt(receipt.posting.no),
    size: BigInt(leaf.postings),
    path: receipt.path.map(fromBase64),
  })
  const hash = await leafHash(data)
  const root = await rootFrom({ leaf: hash, index, size: checkpoint.size, path })
  return [
    {
      name: 'The posting belongs to the entry',
      holds: postingsRoot !== undefined && same(postingsRoot, leaf.postingsRoot),
      shown: `postings root ${toBase64(leaf.postingsRoot)}`,
    },
    {
      name: `The entry is leaf ${index} of the log’s ${checkpoint.size}`,
      holds: root !== undefined && same(root, checkpoint.root),
      shown: `leaf hash ${toBase64(hash)}, ${path.length} steps to root ${toBase64(checkpoint.root)}`,
    },
    {
      name: `${checkpoint.origin} has signed that root`,
      holds: await isSigned(checkpoint, vkeys),
      shown: vkeys.join(', '),
    },
  ]
}

interface VerifyReceipt {
  receipt: Receipt
  tlogProof: string
  vkeys: readonly string[]
}

/** Section 3: of an entry's leaf, what the check needs. */
function decodeLeaf(data: Bytes): { postings: number; postingsRoot: Bytes } {
  const view = new DataView(data.buffer)
  if (data[0] !== 1 || data[1] !== 1) throw new Error('The leaf is no entry of version 1.')
  let at = 2 + UUID_BYTES
  for (const _ of ['kind', 'reference']) at += 4 + view.getUint32(at)
  at += TIMES_BYTES
  return { postings: view.getUint32(at), postingsRoot: data.slice(at + 4, at + 4 + HASH_BYTES) }
}

async function postingData(posting: Receipt['posting']): Promise<Bytes> {
  const { no, salt, from, to, asset, scale, amount, from_line, to_line } = posting
  return join(
    Uint8Array.of(1),
    fromBase64(salt),
    u32(no),
    lp(from),
    lp(to),
    lp(asset),
    Uint8Array.of(scale),
    lp(amount),
    await lineDigest(from_line),
    await lineDigest(to_line),
  )
}

async function lineDigest(line: Receipt['posting']['to_line']): Promise<Bytes> {
  if ('digest' in line) return fromBase64(line.digest)
  return await sha256(join(fromBase64(line.salt), u64(BigInt(line.version)), utf8(line.balance)))
}

function parseProofFile(text: string): { index: bigint; path: Bytes[]; checkpoint: Checkpoint } {
  const [, index = '', path = '', note = ''] = PROOF_FILE.exec(text) ?? []
  const checkpoint = parseCheckpoint(note)
  if (checkpoint === undefined || index === '') throw new Error('The proof file is malformed.')
  return { index: BigInt(index), path: path.split('\n').filter(Boolean).map(fromBase64), checkpoint }
}

const PROOF_FILE = /^c2sp\.org\/tlog-proof@v1\nindex (\d+)\n((?:[A-Za-z0-9+/=]+\n)*)\n([\s\S]+)$/
const UUID_BYTES = 16
const TIMES_BYTES = 16
const HASH_BYTES = 32
