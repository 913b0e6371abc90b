// From a sign-up to a changed rule, over HTTP alone and with the SDK: somebody claims what they earned, proves it, stakes half
// of it and is paid more for it, and by their vote the weeks pay another pool. Nothing is kept.  npm run journey
import { setTimeout as sleep } from 'node:timers/promises'

import { type Client, createClient, createSignIn, items, unwrap, verifyReceipt } from '../../sdk/src/sdk.ts'
import { keepCookies } from '../../sdk/src/session.ts'
import { ownFlorin } from './own-florin.ts'

const ECONOMY = 'kontrib'
const PASSWORD = 'three blue bicycles'
/** A Sunday evening: a stake counts for the weeks that it was there from beginning to end. */
const START = new Date('2017-04-23T18:00:00Z')
/** For what happens by itself, and soon. */
const PATIENCE_MS = 30_000
const ASK_EVERY_MS = 100
/** How a proof is refused that is asked for too early. */
const NOT_SEALED = 409
/** Of KONTRIB. */
const SCALE = 9

await using florin = await ownFlorin({ start: START, note: (text) => console.log(text) })
const operator = createClient({ url: florin.url, economy: ECONOMY, key: florin.key })

// A member signs up, as in a browser, and becomes who earned something long ago.
const session = await signUp('ada')
await claimFirst(session)
const ada = await withKey(session)

// What she earned, the proof of it, and more for half of it.
const reward = await newestReward()
await prove(reward)
await stake(half(reward.token_amount))

// A week later she is paid with the multiplier of the stake, and proposes that weeks pay more.
itIs('2017-04-26')
await work()
itIs('2017-05-01')
await runWeeks()
const proposal = await propose('15000')
itIs('2017-05-02')
await becomes(proposal, 'active')
await vote(proposal)
await work()
itIs('2017-05-09')
await becomes(proposal, 'passed')
await work()
itIs('2017-05-11')
await becomes(proposal, 'executed')

// One of these weeks ended before the change, the other after it.
itIs('2017-05-15')
await runWeeks()
step(`florin verify: ${await florin.verify()}`)

async function signUp(username: string): Promise<Client> {
  const email = `${username}@wiki.example`
  const fetch = keepCookies()
  const signIn = createSignIn({ url: florin.url, economy: ECONOMY, fetch })
  unwrap(await signIn.POST('/sign-up/email', { body: { username, email, password: PASSWORD } }))
  // Without a mail server mails stay in the outbox. The link signs in, and leads to a page that nobody looks at here.
  const mails = unwrap(await operator.GET('/outbox')).data
  const link = /https?:\S+/.exec(mails.find(({ to }) => to === email)?.text ?? '')?.[0] ?? missing('mail')
  await fetch(new Request(link, { redirect: 'manual' }))
  const signedIn = createClient({ url: florin.url, economy: ECONOMY, fetch })
  const me = unwrap(await signedIn.GET('/me'))
  step(`${me.username} signs up, and opens the link that was mailed to ${email}.`)
  return signedIn
}

async function claimFirst(api: Client): Promise<void> {
  const query = { order: 'total_tokens_earned' as const, limit: 1 }
  const [first = missing('contributor')] = unwrap(await operator.GET('/contributors', { params: { query } })).data
  const { code } = unwrap(await operator.POST('/people/{id}/claim-codes', { params: { path: { id: first.user_id } } }))
  const { username } = unwrap(await api.POST('/me/claims', { body: { code } }))
  step(
    `With a code from the operator she claims the imported account ${username}, which has earned ${first.total_tokens_earned} KONTRIB.`,
  )
}

/** For what follows no browser is needed, and a key outlives a session. */
async function withKey(api: Client): Promise<Client> {
  const { key } = unwrap(await api.POST('/me/keys', { body: { name: 'journey', scopes: ['read', 'stake', 'vote'] } }))
  return createClient({ url: florin.url, economy: ECONOMY, key })
}

async function newestReward() {
  for await (const found of items((cursor) => ada.GET('/me/rewards', { params: { query: cursor } }))) {
    if (found.entry_id === null || found.posting === null) continue
    step(`Her newest reward, of ${week(found)}: ${found.token_amount} ${found.asset} for ${found.total_points} points.`)
    return { ...found, entry_id: found.entry_id, posting: found.posting }
  }
  return missing('reward')
}

async function prove({ entry_id: id, posting }: { entry_id: string; posting: number }): Promise<void> {
  const params = { path: { id }, query: { posting } }
  const { receipts, tlog_proof: proof } = unwrap(
    await until(
      async () => await ada.GET('/me/entries/{id}/proof', { params }),
      ({ response }) => response.status !== NOT_SEALED,
    ),
  )
  const vkeys = unwrap(await ada.GET('/ledger/log-keys')).data
  // From here on the server is not asked: these lines hold on a machine without a network.
  const proven = verifyReceipt({ receipt: JSON.stringify(receipts[0]), proof, vkeys })
  const { position, checkpoint } = proven
  step(
    `Verified offline: that posting is in leaf ${position} of the ${checkpoint.size} that ${checkpoint.origin} has signed.`,
  )
}

async function stake(amount: string): Promise<void> {
  const made = unwrap(await ada.POST('/me/stakes', { body: { amount, duration_days: 90 } }))
  step(
    `She stakes half of it, ${made.amount} ${made.asset}, until ${day(made.end_date)}; ${made.reward} on top are set aside, and her points count × ${made.multiplier}.`,
  )
}

/** The wiki's own server tells what people did, as they do it. */
async function work(): Promise<void> {
  const others = unwrap(await operator.GET('/contributors', { params: { query: { limit: 3 } } })).data
  for (const { username } of others) {
    const body = { type: 'major_edit', article: 'common/ledger', people: [username] }
    unwrap(await operator.POST('/contributions', { body }))
  }
}

async function runWeeks(): Promise<void> {
  const { data } = unwrap(await operator.POST('/distributions/run', { body: {} }))
  for (const run of data) {
    step(
      `The operator runs ${week(run)}: ${run.total_tokens} ${run.asset} of a pool of ${run.weekly_pool} go to ${run.user_count} people.`,
    )
    const paid = items((cursor) =>
      ada.GET('/me/rewards', { params: { query: { week_start: run.week_start, ...cursor } } }),
    )
    for await (const { total_points, staking_multiplier, token_amount, asset } of paid) {
      step(`  She is paid ${token_amount} ${asset} for ${total_points} points × ${staking_multiplier}.`)
    }
  }
}

async function propose(proposed_value: string): Promise<string> {
  const { value } = unwrap(await ada.GET('/parameters/{name}', { params: { path: { name: 'weekly_pool' } } }))
  const { id } = unwrap(
    await ada.POST('/proposals', {
      body: {
        title: 'Raise the weekly pool',
        description: 'To bring more people to write.',
        proposal_type: 'parameter_change',
        parameters: { parameter_name: 'weekly_pool', current_value: value, proposed_value },
      },
    }),
  )
  const { voting_start } = unwrap(await ada.POST('/proposals/{id}/submit', { params: { path: { id } } }))
  step(
    `She proposes a weekly pool of ${proposed_value} in place of ${String(value)} KONTRIB; voting opens on ${day(voting_start ?? missing('date'))}.`,
  )
  return id
}

async function vote(id: string): Promise<void> {
  const body = { choice: 'for' as const, reason: 'More is better.' }
  const { power, balance, staked } = unwrap(await ada.POST('/proposals/{id}/votes', { params: { path: { id } }, body }))
  step(
    `She votes for it with a power of ${power} KONTRIB: the ${balance} that she has, and twice the ${staked} that she staked.`,
  )
}

async function becomes(id: string, status: 'active' | 'passed' | 'executed'): Promise<void> {
  const params = { path: { id } }
  const { votes_for, quorum_required } = await until(
    async () => unwrap(await ada.GET('/proposals/{id}', { params })),
    (now) => now.status === status,
  )
  step(
    `The proposal is ${status}: ${votes_for} KONTRIB for it, of ${quorum_required ?? missing('quorum')} that it takes.`,
  )
}

/** Asks again until it is so: what falls due by the clock, and what is sealed into the log, happens within a second. */
async function until<Answer>(ask: () => Promise<Answer>, holds: (answer: Answer) => boolean): Promise<Answer> {
  const patience = AbortSignal.timeout(PATIENCE_MS)
  for (;;) {
    const answer = await ask()
    if (holds(answer)) return answer
    patience.throwIfAborted()
    await sleep(ASK_EVERY_MS)
  }
}

function itIs(time: string): void {
  florin.moveTo(new Date(time))
  step(`It is ${day(time)}.`)
}

/** Of an amount as the API writes it, with the nine decimals of KONTRIB; rounded down. */
function half(amount: string): string {
  const [whole = '', part = ''] = amount.split('.')
  const minor = String(BigInt(whole + part.padEnd(SCALE, '0')) / 2n).padStart(SCALE + 1, '0')
  return `${minor.slice(0, -SCALE)}.${minor.slice(-SCALE)}`
}

function week({ week_start }: { week_start: string }): string {
  return `the week of ${day(week_start)}`
}

function day(time: string): string {
  return new Date(time).toLocaleDateString('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  })
}

function missing(what: string): never {
  throw new Error(`There is no ${what}.`)
}

function step(text: string): void {
  console.log(text)
}
