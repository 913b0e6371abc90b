import { expect, test } from 'vitest'

import { counterpartyOf, reasonOf } from './statement-words.ts'

const line = { kind: 'member_transfer', counterparty: 'users:1:available', username: 'bob', incoming: true }

test.each([
  [line, 'From bob'],
  [{ ...line, incoming: false }, 'To bob'],
  [{ ...line, counterparty: 'treasury:main', username: null, incoming: false }, 'Fee of a transfer'],
  [{ ...line, kind: 'weekly_reward', counterparty: 'treasury:rewards', username: null }, 'Weekly reward'],
  [{ ...line, kind: 'stake_early_exit' }, 'Stake early exit'],
])('a line says why it is there: %j', (facts, words) => {
  expect(reasonOf(facts)).toBe(words)
})

test.each([
  [{ counterparty: 'users:1:available', username: 'bob', own: false }, 'bob'],
  [{ counterparty: 'users:1:staked', username: 'ann', own: true }, 'Own account: staked'],
  [{ counterparty: 'treasury:rewards', username: null, own: false }, 'Rewards treasury'],
  [{ counterparty: 'world:bank', username: null, own: false }, 'Outside'],
  [{ counterparty: 'shops:bakery', username: null, own: false }, 'shops:bakery'],
])('and who is on the other side: %j', (facts, words) => {
  expect(counterpartyOf(facts)).toBe(words)
})
