// What the database itself refuses, to whoever writes SQL by hand: the server's own role, the owner, a member.
import { sql } from 'kysely'
import type { Client } from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'

import { openWallets, transfer } from '../../test/books.ts'
import { TEST_START, type TestEconomy, testEconomy } from '../../test/helpers.ts'
import { transaction, type Tx } from '../core/db.ts'
import { newUuid } from '../core/id.ts'
import { quoteName } from '../core/migrate.ts'
import { withSession } from '../core/session.ts'
import { ensureAccounts } from './accounts.ts'
import { closeBooks } from './closing.ts'
import { postEach } from './post.ts'

const ANN = newUuid(TEST_START)
const BOB = newUuid(TEST_START)
/** Tables to which is only added, and a change to each. */
const APPEND_ONLY = {
  entry: `kind = 'other'`,
  posting: 'amount = amount + 1',
  key: 'entry = entry + 1',
  closing: `actor = 'other'`,
  leaf: 'position = position + 1',
  block: 'nonce = nonce + 1',
  redaction: `actor = 'other'`,
}

let t: TestEconomy
beforeAll(async () => {
  t = await testEconomy()
  const { a, b } = await openWallets(t.db, { a: 10n, b: 0n })
  await transaction(t.db, async (tx) => {
    const accounts = [ANN, BOB].map((owner) => ({ path: `users:${owner}:available`, owner }))
    await ensureAccounts(tx, { asset: 'TOK', accounts, now: TEST_START })
    await postEach(tx, [transfer(a, b, 1n, { key: 'k', metadata: { note: 'n' } })], {
      actor: 'key:test',
      now: TEST_START,
    })
  })
  await transaction(t.db, async (tx) => {
    await closeBooks(tx, { before: new Date('2025-01-01T00:00:00.000Z'), actor: 'key:test', now: TEST_START })
  })
})
afterAll(async () => await t[Symbol.asyncDispose]())

test.each(Object.entries(APPEND_ONLY))('neither the server nor the owner changes ledger.%s', async (table, change) => {
  const statements = [`update ledger.${table} set ${change}`, `delete from ledger.${table}`, `truncate ledger.${table}`]
  for (const statement of statements) {
    await expect(sql.raw(statement).execute(t.db), statement).rejects.toThrow('permission denied')
  }
  await asOwner(async (owner) => {
    for (const statement of statements) await expect(owner.query(statement), statement).rejects.toThrow('append-only')
  })
})

test('an entry loses its personal data, all at once, and only when its redaction is written', async () => {
  const erase = async (tx: Tx, what: string) => await sql.raw(`update ledger.entry set ${what}`).execute(tx)
  const all = 'salt = null, metadata = null, actor = null'
  await expect(transaction(t.db, async (tx) => await erase(tx, all))).rejects.toThrow('append-only')
  await expect(
    transaction(t.db, async (tx) => {
      await sql`
        insert into ledger.redaction (entry, posting_key, metadata_digest, actor_digest, redacted_at, actor)
        select id, decode(repeat('00', 16), 'hex'), decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'),
          recorded_at, 'key:test'
        from ledger.entry
      `.execute(tx)
      await erase(tx, 'metadata = null')
    }),
  ).rejects.toThrow('append-only')
})

test.each([
  [
    'an account below its floor',
    `update ledger.account set balance = floor - 1 where floor is not null`,
    'account_floor',
  ],
  ['an account above its ceiling', `update ledger.account set ceiling = balance - 1`, 'account_ceiling'],
  [
    'a closed account with money',
    `update ledger.account set status = 'closed' where balance > 0`,
    'account_closed_is_empty',
  ],
  ['reserves below zero', `update ledger.account set reserved = -1`, 'account_reserved_check'],
  [
    'an entry that takes effect after it was recorded',
    `insert into ledger.entry (id, effective_at, recorded_at, kind)
     values (nextval('ledger.entry_id'), '2026-01-02', '2026-01-01', 'x')`,
    'entry_effective_not_later',
  ],
  [
    'a second posting at one version of an account',
    `insert into ledger.posting
     select entry, no + 1::smallint, from_account, from_version, from_balance, to_account, to_version, to_balance, amount
     from ledger.posting`,
    'posting_from_version_key',
  ],
  [
    'a hold that captures more than it holds',
    `insert into ledger.hold (id, account, amount, captured, created_at)
     select gen_random_uuid(), id, 1, 2, '2026-01-01' from ledger.account limit 1`,
    'hold_check',
  ],
])('the database itself refuses %s', async (_, statement, constraint) => {
  await expect(sql.raw(statement).execute(t.db)).rejects.toMatchObject({
    code: expect.stringMatching(/^23/),
    constraint,
  })
})

test('the server may neither alter tables nor switch off what guards them', async () => {
  for (const statement of [
    'drop table ledger.entry',
    'alter table ledger.entry disable trigger all',
    'alter table ledger.entry disable row level security',
    'alter table ledger.account add column note text',
    `set session_replication_role = 'replica'`,
    'create table ledger.other (id int)',
  ]) {
    await expect(sql.raw(statement).execute(t.db), statement).rejects.toThrow(/must be owner|permission denied/)
  }
})

test('a member sees the accounts that are their own and nobody else’s', async () => {
  const accountsOf = async (user: string | undefined) =>
    await asMember(user, async (tx) =>
      (await tx.selectFrom('ledger.account').select('owner').execute()).map((row) => row.owner),
    )
  expect(await accountsOf(ANN)).toEqual([ANN])
  expect(await accountsOf(BOB)).toEqual([BOB])
  expect(await accountsOf(newUuid(TEST_START))).toEqual([])
  expect(await accountsOf('')).toEqual([])
  expect(await accountsOf(undefined)).toEqual([])
})

test('a member reads assets and blocks, and can write nothing', async () => {
  expect(await asMember(ANN, async (tx) => await tx.selectFrom('ledger.asset').select('code').execute())).toHaveLength(
    2,
  )
  expect(await asMember(ANN, async (tx) => await tx.selectFrom('ledger.block').select('height').execute())).toEqual([])
  for (const statement of [
    'select * from ledger.entry',
    'select * from ledger.posting',
    'select * from ledger.line',
    'select * from ledger.hold',
    'select * from ledger.key',
    'update ledger.account set balance = 1',
    `update ledger.account set owner = '${ANN}'`,
    'delete from ledger.account',
    `select nextval('ledger.entry_id')`,
  ]) {
    const reading = asMember(ANN, async (tx) => await sql.raw(statement).execute(tx))
    await expect(reading, statement).rejects.toThrow('permission denied')
  }
})

async function asMember<T>(user: string | undefined, work: (tx: Tx) => Promise<T>): Promise<T> {
  const { member } = inject('postgres').roles
  return await transaction(t.db, async (tx) => {
    if (user !== undefined) await sql`select set_config('app.user_id', ${user}, true)`.execute(tx)
    await sql`set local role ${sql.id(member)}`.execute(tx)
    return await work(tx)
  })
}

async function asOwner(work: (client: Client) => Promise<void>): Promise<void> {
  await withSession({ url: t.adminUrl }, async (client) => {
    await client.query(`set role ${quoteName(inject('postgres').roles.owner)}`)
    await work(client)
  })
}
