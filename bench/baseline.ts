import { Client } from 'pg'

import { must } from '../src/core/assert.ts'
import { closedLoop, type Measured } from './measure.ts'
import { uniform } from './random.ts'

/**
 * What everything else is measured against: pgbench's default transaction (TPC-B-like, as the documentation of PostgreSQL
 * gives it under "pgbench, What is the Transaction Actually Performed in pgbench?") at scale 10, over 8 connections with
 * prepared statements, each statement a round trip of its own. It runs from Node, in this process, so that it says what
 * this machine, this PostgreSQL and this driver can do when asked one statement after the other.
 */
export async function prepareBaseline(url: string): Promise<Baseline> {
  const clients = await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const client = new Client({ connectionString: url, application_name: 'florin bench' })
      // When the server is stopped in the middle, there is nothing to be done about it here.
      client.on('error', () => undefined)
      await client.connect()
      return client
    }),
  )
  const first = must(clients[0], 'There are connections')
  await first.query(TABLES)
  await first.query('vacuum analyze')
  return {
    async measure(seconds) {
      // As pgbench does before it begins.
      await first.query('vacuum pgbench_branches')
      await first.query('vacuum pgbench_tellers')
      await first.query('truncate pgbench_history')
      const call = async (caller: number) => {
        await transact(must(clients[caller], 'A connection for each caller'))
        return 1
      }
      return await closedLoop({ callers: CONNECTIONS, seconds, call })
    },
    async close() {
      await Promise.all(clients.map(async (client) => await client.end()))
    },
  }
}

export interface Baseline {
  /** Transactions a second. */
  measure(seconds: number): Promise<Measured>
  close(): Promise<void>
}

const CONNECTIONS = 8
const SCALE = 10
const ACCOUNTS = 100_000 * SCALE
const TELLERS = 10 * SCALE

/** As `pgbench --initialize --scale 10` makes them; the fillers are of its widths. */
const TABLES = `
  create table pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
  create table pgbench_tellers (tid int not null, bid int, tbalance int, filler char(84));
  create table pgbench_accounts (aid int not null, bid int, abalance int, filler char(84));
  create table pgbench_branches (bid int not null, bbalance int, filler char(88));
  insert into pgbench_branches (bid, bbalance) select bid, 0 from generate_series(1, ${SCALE}) as bid;
  insert into pgbench_tellers (tid, bid, tbalance)
  select tid, (tid - 1) / 10 + 1, 0 from generate_series(1, ${TELLERS}) as tid;
  insert into pgbench_accounts (aid, bid, abalance, filler)
  select aid, (aid - 1) / 100000 + 1, 0, '' from generate_series(1, ${ACCOUNTS}) as aid;
  alter table pgbench_branches add primary key (bid);
  alter table pgbench_tellers add primary key (tid);
  alter table pgbench_accounts add primary key (aid);
`

async function transact(client: Client): Promise<void> {
  const aid = 1 + uniform(ACCOUNTS)
  const bid = 1 + uniform(SCALE)
  const tid = 1 + uniform(TELLERS)
  const delta = uniform(10_001) - 5_000
  await client.query({ name: 'begin', text: 'begin' })
  await client.query({ name: 'account', text: UPDATE_ACCOUNT, values: [delta, aid] })
  await client.query({ name: 'balance', text: 'select abalance from pgbench_accounts where aid = $1', values: [aid] })
  await client.query({ name: 'teller', text: UPDATE_TELLER, values: [delta, tid] })
  await client.query({ name: 'branch', text: UPDATE_BRANCH, values: [delta, bid] })
  await client.query({ name: 'history', text: INSERT_HISTORY, values: [tid, bid, aid, delta] })
  await client.query({ name: 'end', text: 'end' })
}

const UPDATE_ACCOUNT = 'update pgbench_accounts set abalance = abalance + $1 where aid = $2'
const UPDATE_TELLER = 'update pgbench_tellers set tbalance = tbalance + $1 where tid = $2'
const UPDATE_BRANCH = 'update pgbench_branches set bbalance = bbalance + $1 where bid = $2'
const INSERT_HISTORY =
  'insert into pgbench_history (tid, bid, aid, delta, mtime) values ($1, $2, $3, $4, current_timestamp)'
