import { expect, test } from 'vitest'

import { type Role, SCOPES, STAFF_ROLES } from '../core/actor.ts'
import { ACTIONS, authorize, SCOPE_OF, scopeFor } from './authorize.ts'

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

test('a personal key does what its scopes say, and nothing that is not entered for one', () => {
  const person = '019ab0de-0000-7000-8000-000000000001'
  const forMembers = Object.keys(ACTIONS).filter((action) => ACTIONS[action]?.includes('member'))
  for (const action of forMembers) {
    const needed = scopeFor(action)
    for (const scope of SCOPES) {
      const attempt = () => authorize({ ...actor('member'), person, scopes: [scope] }, action)
      if (scope === needed) expect(attempt, action).not.toThrow()
      else
        expect(attempt, action).toThrow(
          expect.objectContaining({ code: needed ? 'scope_missing' : 'sign_in_required' }),
        )
    }
  }
  expect(scopeFor('me.manage_keys')).toBeUndefined()
  expect(Object.keys(SCOPE_OF).filter((action) => !isOwn(action) || isRead(action))).toEqual([])
})

test('a personal key reads nothing that a member may not', () => {
  const key = { ...actor('member'), person: '019ab0de-0000-7000-8000-000000000001', scopes: SCOPES }
  const open = Object.keys(ACTIONS).filter((action) => !ACTIONS[action]?.includes('member'))
  for (const action of open) {
    expect(() => authorize(key, action)).toThrow(expect.objectContaining({ code: 'action_not_allowed' }))
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

test('support changes nothing either: it may read as a person', () => {
  const changes = Object.keys(ACTIONS).filter((action) => !isRead(action) && ACTIONS[action]?.includes('support'))

  expect(changes).toEqual(['people.impersonate'])
})

test('an action without a row is a slip of ours, not a refusal', () => {
  expect(() => authorize(actor('owner'), 'ledger.burn')).toThrow('No row says who may do ledger.burn.')
})
