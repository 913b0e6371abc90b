import { sql } from 'kysely'

import { assert, must } from '../src/core/assert.ts'
import { pgArray, transaction } from '../src/core/db.ts'
import { DAY_MS } from '../src/core/period.ts'
import { propose, submitProposal } from '../src/governance/governance.ts'
import { GOVERNANCE_INVARIANTS } from '../src/governance/invariants.ts'
import { advanceProposals } from '../src/governance/jobs.ts'
import { castVote } from '../src/governance/votes.ts'
import { availableAccount } from '../src/ledger/chart.ts'
import { checkInvariants } from '../src/ledger/invariants.ts'
import { post } from '../src/ledger/post.ts'
import type { Bench, Benchmark } from './harness.ts'
import { HttpConnection } from './http-connection.ts'
import { type Measured, oneByOne, stopwatch } from './measure.ts'
import { addPeople } from './people.ts'
import type { BenchEconomy } from './place.ts'
import { count } from './report.ts'
import { postingKey, startServer, withKey } from './server-process.ts'
import { ACTOR, ASSET, FUNDS, openWalletsOf } from './workload.ts'

/** A proposal that a hundred thousand people vote on. */
export const tally: Benchmark = {
  name: 'tally',
  about:
    'A proposal with 100,000 votes of 100,000 people, whose wallets are in the sealed books: how long until its page says how it stands, asked over HTTP of the server in a process of its own, one after the other; one more vote, in this process; all votes counted anew from their rows, as `florin verify` does; and the decision when voting ends, once. The votes are put in by SQL.',
  async run(bench) {
    const start = new Date(bench.place.app.clock.now().getTime() - OPENED_MS - DELAY_MS)
    await bench.withEconomy(async (economy) => await measure(bench, economy, start), { now: start })
  },
}

async function measure(bench: Bench, economy: BenchEconomy, start: Date): Promise<void> {
  const votes = bench.size(100_000)
  bench.note(`opening ${count(votes)} wallets`)
  const people = await addPeople(economy, votes + LATE_VOTERS, start)
  await openWalletsOf(economy, { owners: people, now: start })
  bench.note(`putting in ${count(votes)} votes`)
  const proposal = await openProposal(economy, { proposer: people[0]!, start })
  await putInVotes(economy, { proposal, voters: people.slice(0, votes) })
  await economy.rest()

  const note = `${count(votes)} votes`
  const figure = (name: string, { times }: Measured) =>
    bench.figure({ case: name, value: times.p99_ms, unit: 'ms', times, bars: [BAR], note })
  bench.note('reading')
  figure('the proposal as it stands, p99', await readIt(bench, economy, proposal))
  bench.note('voting')
  figure('one more vote, p99', await voteOn(economy, { proposal, voters: people.slice(votes) }))
  bench.note('counting')
  figure('counted anew from every vote, p99', await recountOf(bench, economy, proposal))
  bench.note('deciding')
  const { seconds } = await stopwatch(async () => {
    await advanceProposals(economy.db, {
      governance: governanceOf(economy),
      now: new Date(economy.clock.now().getTime() + WEEK_MS),
    })
  })
  const { status } = await economy.db.selectFrom('governance.proposal').select('status').executeTakeFirstOrThrow()
  assert(status === 'passed', `The proposal is ${status}.`)
  bench.figure({ case: 'decided', value: seconds * 1_000, unit: 'ms', bars: [BAR], note })
  const broken = await transaction(economy.db, async (tx) => await checkInvariants(tx, GOVERNANCE_INVARIANTS))
  assert(broken.length === 0, broken.map(({ invariant, detail }) => `${invariant}: ${detail}`).join('; '))
}

const BAR = { below: 100 }
const WEEK_MS = 7 * DAY_MS
const DELAY_MS = DAY_MS
/** So long ago, and so open while a server looks on. */
const OPENED_MS = 2 * DAY_MS
const TIMES = 500
const LATE_VOTERS = 500

/** Its vote is open: what the sealed books say that people have is what they vote with. */
async function openProposal(
  economy: BenchEconomy,
  { proposer: person, start }: { proposer: string; start: Date },
): Promise<string> {
  const { db, chart, log } = economy
  const governance = governanceOf(economy)
  // Enough for a quorum, so that it passes at any size.
  const amount = 40_000n * FUNDS
  const postings = [{ from: 'treasury:main', to: availableAccount(person), asset: ASSET, amount }]
  await transaction(db, async (tx) => await post(tx, [{ kind: 'funding', postings }], { actor: ACTOR, now: start }))
  await log.sealer.sealAll()
  const by = { person, governance, actor: `person:${person}`, now: start }
  const id = await transaction(db, async (tx) => {
    const draft = { type: 'feature_request', title: 'A reading list', description: 'For everybody.', parameters: {} }
    const proposed = await propose(tx, { ...draft, ...by, chart })
    await submitProposal(tx, { id: proposed, ...by })
    return proposed
  })
  await advanceProposals(db, { governance, now: new Date(start.getTime() + DELAY_MS) })
  return id
}

/** Two for it, one against it, one who abstains. */
async function putInVotes(
  { db }: BenchEconomy,
  { proposal, voters }: { proposal: string; voters: readonly string[] },
): Promise<void> {
  await transaction(db, async (tx) => {
    await sql`
      insert into governance.vote (proposal, voter, choice, power, balance, staked, cast_at)
      select
        proposal.id, voter.id, (array['against', 'for', 'abstain', 'for'])[1 + voter.no % 4],
        account.balance, account.balance, 0, proposal.voting_start + voter.no * interval '1 second'
      from governance.proposal
      cross join unnest(${pgArray(voters)}::uuid[]) with ordinality as voter (id, no)
      join ledger.account on account.path = 'users:' || voter.id || ':available'
      where proposal.id = ${proposal}::uuid
    `.execute(tx)
    await sql`
      update governance.proposal
      set votes_for = vote.yes, votes_against = vote.no, votes_abstain = vote.abstain, voters = vote.voters
      from (${countVotes(proposal)}) as vote
      where proposal.id = ${proposal}::uuid
    `.execute(tx)
  })
}

function countVotes(proposal: string) {
  return sql<Votes>`
    select
      count(*)::int as voters,
      sum(power) filter (where choice = 'for') as yes,
      sum(power) filter (where choice = 'against') as no,
      sum(power) filter (where choice = 'abstain') as abstain
    from governance.vote
    where proposal = ${proposal}::uuid
  `
}

interface Votes {
  voters: number
  yes: bigint
  no: bigint
  abstain: bigint
}

async function readIt(bench: Bench, economy: BenchEconomy, proposal: string): Promise<Measured> {
  const server = await startServer(bench.place)
  try {
    const connection = await HttpConnection.open(server.address, withKey(await postingKey(economy)))
    const measured = await oneByOne(bench.size(TIMES), async () => {
      const { status, body } = await connection.get(`/v1/${economy.name}/proposals/${proposal}`)
      if (status !== 200) throw new Error(`The server answered ${body.slice(0, 300)}`)
    })
    connection.close()
    return measured
  } finally {
    await server.stop()
  }
}

async function voteOn(
  economy: BenchEconomy,
  { proposal, voters }: { proposal: string; voters: readonly string[] },
): Promise<Measured> {
  const left = voters.values()
  const vote = { proposal, choice: 'for', reason: undefined, governance: governanceOf(economy) } as const
  return await oneByOne(Math.floor(voters.length / 2), async () => {
    const person = must(left.next().value, 'There are voters enough.')
    await transaction(economy.db, async (tx) => await castVote(tx, { ...vote, person, now: economy.clock.now() }))
  })
}

async function recountOf(bench: Bench, { db }: BenchEconomy, proposal: string): Promise<Measured> {
  return await oneByOne(bench.size(TIMES) / 5, async () => await countVotes(proposal).execute(db))
}

function governanceOf({ blueprint }: BenchEconomy) {
  return must(blueprint.governance, 'A wiki decides by vote.')
}
