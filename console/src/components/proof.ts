import { type Answer, fetchRead } from '../api/client.ts'
import type { Step } from './verdict.tsx'

export type Proof = Answer<'/ledger/entries/{id}/proof'>
export type Receipt = Proof['receipts'][number]
export type EventProof = Answer<'/audit/{id}/proof'>

/**
 * Proves a posting in this page, by arithmetic alone: the server only hands out the files. What is trusted are the log's
 * verifier keys; compare them with ones that you had before, or from somebody else. Fails as the SDK's `verifyReceipt`.
 */
export async function provePosting(economy: string, { receipt, proof }: Files): Promise<Step[]> {
  const [{ verifyReceipt }, vkeys] = await Promise.all([verifier(), keysOf(economy)])
  const { entry, posting, position, checkpoint } = verifyReceipt({
    receipt: JSON.stringify(receipt),
    proof: proof.tlog_proof,
    vkeys,
  })
  const { origin, size, root } = checkpoint
  return [
    {
      name: `The entry ${entry.id} holds this posting`,
      shown: `number ${posting.no} of ${entry.postings_count}, from ${posting.from} to ${posting.to}`,
    },
    { name: `The entry is leaf ${position} of the log’s ${size}`, shown: `root ${base64(root)}` },
    { name: `${origin} has signed that root`, shown: vkeys.join(', ') },
  ]
}

/** The same for an audit event, with who did it and what changed as far as the receipt shows them. */
export async function proveEvent(economy: string, proof: EventProof): Promise<Step[]> {
  const [{ verifyEventReceipt }, vkeys] = await Promise.all([verifier(), keysOf(economy)])
  const { event, actor, position, checkpoint } = verifyEventReceipt({
    receipt: JSON.stringify(proof.receipt),
    proof: proof.tlog_proof,
    vkeys,
  })
  const { origin, size, root } = checkpoint
  return [
    { name: `${event.action} was done to ${event.subject}`, shown: `${event.id}, at ${event.at.toISOString()}` },
    { name: 'Who did it, and what it changed, are as they were recorded', shown: actor ?? 'erased' },
    { name: `The event is leaf ${position} of the log’s ${size}`, shown: `root ${base64(root)}` },
    { name: `${origin} has signed that root`, shown: vkeys.join(', ') },
  ]
}

interface Files {
  receipt: Receipt
  proof: Proof
}

/** The same for a block: that it is what its hash says, follows the one before it, and is the signed head. */
export async function proveBlock(economy: string, height: string): Promise<Step[]> {
  const at = async (of: bigint) => await fetchRead(economy, '/ledger/blocks/{height}', { path: { height: String(of) } })
  const number = BigInt(height)
  const [{ verifyBlock }, vkeys, block, previous] = await Promise.all([
    verifier(),
    keysOf(economy),
    at(number),
    number === 0n ? undefined : at(number - 1n),
  ])
  const { origin, size, root } = verifyBlock({ block, previous, vkeys })
  return [
    { name: 'The hash is that of the header', shown: block.hash },
    { name: previous ? `It follows block ${previous.height}` : 'It is the first', shown: block.previous_hash },
    { name: 'The checkpoint has this size and root', shown: `${size} leaves, root ${base64(root)}` },
    { name: `${origin} has signed the checkpoint`, shown: vkeys.join(', ') },
  ]
}

/** Its curves and hashes are fetched when somebody first verifies. */
const verifier = async () => await import('@florin/sdk/verify')

async function keysOf(economy: string): Promise<string[]> {
  return (await fetchRead(economy, '/ledger/log-keys')).data
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}
