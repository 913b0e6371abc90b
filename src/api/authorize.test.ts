import { expect, test } from 'vitest'

import { STAFF_ROLES } from '../core/actor.ts'
import { ACTIONS, authorize } from './authorize.ts'

const actor = (role: (typeof STAFF_ROLES)[number]) => ({ id: 'key:1', role, principal: 'key:1' })

/** What only reads: its action ends so, by agreement. */
const isRead = (action: string) => action.endsWith('.read')

test.each(Object.entries(ACTIONS))('%s is for the roles of its row and no other', (action, roles) => {
  expect(new Set(roles).size).toBe(roles.length)
  for (const role of STAFF_ROLES) {
    const attempt = () => authorize(actor(role), action)
    if (roles.includes(role)) expect(attempt).not.toThrow()
    else expect(attempt).toThrow(expect.objectContaining({ status: 403, code: 'action_not_allowed' }))
  }
})

test('an owner may do everything', () => {
  expect(Object.entries(ACTIONS).filter(([, roles]) => !roles.includes('owner'))).toEqual([])
})

test('an auditor reads everything and changes nothing', () => {
  const allowed = Object.keys(ACTIONS).filter((action) => ACTIONS[action]?.includes('auditor'))

  expect(allowed.toSorted()).toEqual(Object.keys(ACTIONS).filter(isRead).toSorted())
})

test('support changes nothing either', () => {
  expect(Object.keys(ACTIONS).filter((action) => !isRead(action) && ACTIONS[action]?.includes('support'))).toEqual([])
})

test('an action without a row is a slip of ours, not a refusal', () => {
  expect(() => authorize(actor('owner'), 'ledger.burn')).toThrow('No row says who may do ledger.burn.')
})
