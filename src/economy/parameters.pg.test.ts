import { sql } from 'kysely'
import { expect, expectTypeOf, test } from 'vitest'

import { TEST_BLUEPRINT, TEST_START, testEconomy } from '../../test/helpers.ts'
import { listEvents } from '../core/audit.ts'
import { type Db, transaction } from '../core/db.ts'
import { addWeeks } from '../core/period.ts'
import { type Blueprint, defineParameters } from './define.ts'
import { parametersOf, setUpParameters } from './parameter-setup.ts'
import { listParameters, parameterAt, parameterHistory, parametersAt, setParameter } from './parameters.ts'

const REWARDS = defineParameters('rewards', {
  weekly_pool: {
    type: 'amount',
    description: 'What a week shares out.',
    first: '10000',
    bounds: { min: '0', max: '1000000' },
    governable: true,
    aliases: ['weekly_token_pool'],
  },
  quality_quorum: { type: 'integer', description: 'Reviews that count in full.', first: 3 },
  quality_max: { type: 'decimal', digits: 2, description: 'The best quality.', first: '3' },
  open: { type: 'boolean', description: 'Whether work is rewarded.', first: true },
  tiers: {
    type: 'table',
    description: 'What a stake earns, by its days.',
    columns: { days: { type: 'integer' }, apy: { type: 'decimal', digits: 4 }, minimum: { type: 'amount' } },
    key: 'days',
    bounds: { min: '1', max: '10' },
    first: [{ days: 30, apy: '0.05', minimum: '0.5' }],
  },
})
const BLUEPRINT: Blueprint = { ...TEST_BLUEPRINT, parameters: [{ of: REWARDS, asset: 'TOK' }] }
const LATER = addWeeks(TEST_START, 1)

async function set(db: Db, name: string, value: unknown, inForceFrom?: Date) {
  const options = { name, value, actor: 'cli:ada', now: TEST_START, ...(inForceFrom && { inForceFrom }) }
  return await transaction(db, async (tx) => await setParameter(tx, options))
}

async function weeklyPool(db: Db, at: Date): Promise<bigint> {
  const { weekly_pool } = await parametersAt(db, REWARDS, at)
  return weekly_pool
}

test('a module reads its parameters in its own units and types', async () => {
  await using t = await testEconomy({ blueprint: BLUEPRINT })
  const parameters = await parametersAt(t.db, REWARDS, TEST_START)
  expect(parameters).toEqual({
    weekly_pool: 1_000_000n,
    quality_quorum: 3,
    quality_max: 300,
    open: true,
    tiers: [{ days: 30, apy: 500, minimum: 50n }],
  })
  expectTypeOf(parameters.weekly_pool).toEqualTypeOf<bigint>()
  expectTypeOf(parameters.tiers).toEqualTypeOf<{ days: number; apy: number; minimum: bigint }[]>()
})

test('a first value is in force for all time before the economy, too', async () => {
  await using t = await testEconomy({ blueprint: BLUEPRINT })
  expect(await weeklyPool(t.db, new Date('2014-03-03T00:00:00Z'))).toBe(1_000_000n)
})

test('a blueprint may begin with other values than its module', async () => {
  const first = { weekly_pool: '7', tiers: [{ days: 1, apy: '1', minimum: '2' }] }
  await using t = await testEconomy({ blueprint: { ...BLUEPRINT, parameters: [{ of: REWARDS, asset: 'GEM', first }] } })
  expect(await parametersAt(t.db, REWARDS, TEST_START)).toMatchObject({ weekly_pool: 7n, tiers: [{ minimum: 2n }] })
})

test('a change holds from now on, and what was before stays readable', async () => {
  await using t = await testEconomy({ blueprint: BLUEPRINT })
  await set(t.db, 'weekly_pool', '5000.50')
  const before = new Date(TEST_START.getTime() - 1)
  expect(await weeklyPool(t.db, before)).toBe(1_000_000n)
  expect(await weeklyPool(t.db, TEST_START)).toBe(500_050n)
})

test('a change may be set to begin later, and another may be set meanwhile', async () => {
  await using t = await testEconomy({ blueprint: BLUEPRINT })
  await set(t.db, 'weekly_pool', '1', LATER)
  await set(t.db, 'weekly_pool', '2')
  await set(t.db, 'weekly_pool', '3', LATER)
  expect(await weeklyPool(t.db, TEST_START)).toBe(200n)
  expect(await weeklyPool(t.db, LATER)).toBe(300n)
  const history = await parameterHistory(t.db, { name: 'weekly_token_pool', at: TEST_START, limit: 3 })
  expect(history.map(({ value, in_force_from }) => [value, in_force_from])).toEqual([
    ['3', LATER],
    ['2', TEST_START],
    ['1', LATER],
  ])
  const older = await parameterHistory(t.db, { name: 'weekly_pool', at: TEST_START, limit: 3, before: history[2]!.id })
  expect(older).toMatchObject([{ value: '10000', actor: 'system' }])
})

test('a parameter is found and changed under its other name', async () => {
  await using t = await testEconomy({ blueprint: BLUEPRINT })
  expect(await set(t.db, 'weekly_token_pool', '77')).toMatchObject({ name: 'weekly_pool', value: '77' })
  expect(await parameterAt(t.db, 'weekly_token_pool', TEST_START)).toMatchObject({ name: 'weekly_pool', value: '77' })
})

test('each change is an audit event with what was before and after', async () => {
  await using t = await testEconomy({ blueprint: BLUEPRINT })
  await set(t.db, 'weekly_pool', '77.0', LATER)
  expect(await listEvents(t.db, { limit: 1 })).toMatchObject([
    {
      at: TEST_START,
      actor: 'cli:ada',
      action: 'parameter.set',
      subject: 'parameter:weekly_pool',
      diff: { before: { value: '10000' }, after: { value: '77', in_force_from: LATER.toISOString() } },
    },
  ])
})

test.each([
  ['weekly', '1', undefined, 'parameter_not_found'],
  ['weekly_pool', '-1', new Date(TEST_START.getTime() - 1), 'parameter_in_the_past'],
  ['weekly_pool', '1.005', undefined, 'parameter_invalid'],
  ['weekly_pool', '1000000.01', undefined, 'parameter_out_of_bounds'],
  ['tiers', [], undefined, 'parameter_out_of_bounds'],
])('setting %s to %j is refused and changes nothing', async (name, value, from, code) => {
  await using t = await testEconomy({ blueprint: BLUEPRINT })
  const before = await listParameters(t.db, LATER)
  await expect(set(t.db, name, value, from)).rejects.toMatchObject({ code })
  expect(await listParameters(t.db, LATER)).toEqual(before)
  expect(await listEvents(t.db, { limit: 9, action: 'parameter.set' })).toEqual([])
})

test.each([
  "update economy.parameter_value set value = '1'",
  'delete from economy.parameter_value',
  'truncate economy.parameter_value',
])('nobody may run: %s', async (statement) => {
  await using t = await testEconomy({ blueprint: BLUEPRINT })
  await expect(sql.raw(statement).execute(t.db)).rejects.toThrow('permission denied')
})

test('a later blueprint adds parameters and narrows bounds, and keeps what was set', async () => {
  await using t = await testEconomy({ blueprint: BLUEPRINT })
  await set(t.db, 'weekly_pool', '900000')
  const { weekly_pool, ...others } = REWARDS.definitions
  const definitions = {
    ...others,
    weekly_pool: { ...weekly_pool, first: '100', bounds: { min: '0', max: '500' } },
    added: { type: 'integer', description: 'New.', first: 1 },
  } as const
  const blueprint = { ...BLUEPRINT, parameters: [{ of: { module: 'rewards', definitions }, asset: 'TOK' }] }
  const setUp = async () =>
    await transaction(t.db, async (tx) => await setUpParameters(tx, { blueprint, actor: 'system', now: LATER }))
  await setUp()

  expect(await parameterAt(t.db, 'added', TEST_START)).toMatchObject({ value: 1 })
  expect(await weeklyPool(t.db, LATER)).toBe(90_000_000n)
  await expect(set(t.db, 'weekly_pool', '501')).rejects.toMatchObject({ code: 'parameter_out_of_bounds' })

  const events = await listEvents(t.db, { limit: 99 })
  await setUp()
  expect(await listEvents(t.db, { limit: 99 })).toEqual(events)
})

test('a parameter cannot become another kind of value under its old name', async () => {
  await using t = await testEconomy({ blueprint: BLUEPRINT })
  const definitions = { quality_max: { type: 'decimal', digits: 4, description: 'Finer.', first: '3' } } as const
  const blueprint = { ...BLUEPRINT, parameters: [{ of: { module: 'rewards', definitions }, asset: 'TOK' }] }
  const setUp = transaction(t.db, async (tx) => await setUpParameters(tx, { blueprint, actor: 'system', now: LATER }))
  await expect(setUp).rejects.toThrow('quality_max has become another kind')
})

test.each([
  ['an unknown asset', [{ of: REWARDS, asset: 'NONE' }], /There is no asset NONE/],
  ['an unknown first value', [{ of: REWARDS, asset: 'TOK', first: { pool: '1' } }], /has no parameter pool/],
  ['a first value out of bounds', [{ of: REWARDS, asset: 'TOK', first: { weekly_pool: '1e9' } }], /weekly_pool: Write/],
  [
    'the same module twice',
    [
      { of: REWARDS, asset: 'TOK' },
      { of: REWARDS, asset: 'TOK' },
    ],
    /share a name/,
  ],
  [
    'an unbounded parameter for proposals',
    [
      {
        of: defineParameters('x', { n: { type: 'integer', description: '', first: 1, governable: true } }),
        asset: 'TOK',
      },
    ],
    /may not change n: it has no bounds/,
  ],
])('a blueprint with %s is wrong', (_, parameters, sentence) => {
  expect(() => parametersOf({ assets: TEST_BLUEPRINT.assets, parameters })).toThrow(sentence)
})
