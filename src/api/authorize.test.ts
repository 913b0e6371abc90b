import { expect, test } from 'vitest'

import { type Role, STAFF_ROLES } from '../core/actor.ts'
import { ACTIONS, authorize } from './authorize.ts'

const actor = (role: Role) => ({ id: 'key:1', role, principal: 'key:1' })

/** What a person does for themselves: its action begins so. */
const isOwn = (action: string) => action.startsWith('me.')

/** What only reads: its action ends so, by agreement. */
const isRead = (action: string) => action.endsWith('.read')

test.each(Object.entries(ACTIONS))('%s is for the roles of its row and no other', (action, roles) => {
  expect(new Set(roles).size).toBe(roles.length)
  for (const role of [...STAFF_ROLES, 'member'] as const) {
    const attempt = () => authorize(actor(role), action)
    if (roles.includes(role)) expect(attempt).not.toThrow()
    else expect(attempt).toThrow(expect.objectContaining({ status: 403, code: 'action_not_allowed' }))
  }
})

test('an owner may do everything', () => {
  const refused = Object.entries(ACTIONS).filter(([, roles]) => !roles.includes('owner'))

  expect(refused.filter(([action]) => !isOwn(action))).toEqual([])
})

test('what people do for themselves takes a person, who may be of staff', () => {
  const person = { ...actor('support'), person: '019ab0de-0000-7000-8000-000000000001' }
  for (const action of Object.keys(ACTIONS).filter(isOwn)) {
    expect(ACTIONS[action]).toEqual(['member'])
    expect(() => authorize(person, action)).not.toThrow()
  }
})

test('an auditor reads everything and changes nothing', () => {
  const allowed = Object.keys(ACTIONS).filter((action) => ACTIONS[action]?.includes('auditor'))

  expect(allowed.toSorted()).toEqual(
    Object.keys(ACTIONS)
      .filter((action) => isRead(action) && !isOwn(action))
      .toSorted(),
  )
})

test('support changes nothing either', () => {
  expect(Object.keys(ACTIONS).filter((action) => !isRead(action) && ACTIONS[action]?.includes('support'))).toEqual([])
})

test('an action without a row is a slip of ours, not a refusal', () => {
  expect(() => authorize(actor('owner'), 'ledger.burn')).toThrow('No row says who may do ledger.burn.')
})
