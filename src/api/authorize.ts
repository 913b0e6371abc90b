import type { Actor, Role, Scope } from '../core/actor.ts'
import { assert } from '../core/assert.ts'
import { Forbidden } from '../core/errors.ts'

/**
 * Who may do what: the one table. Every endpoint names one of these actions or `public`, and the server asks here before
 * it reads the body. An owner may do everything; the others what their work needs; an auditor reads all and changes nothing. `member` is
 * everybody who is a person, staff who are signed in included, each for themselves. A personal key may do what its
 * scopes say, of what a member may.
 * Fails, in this order: action_not_allowed, sign_in_required, scope_missing.
 */
export function authorize(actor: Actor, action: string): void {
  const roles = rolesFor(action)
  if (!isAllowed(actor, roles)) {
    throw new Forbidden(
      'action_not_allowed',
      `The role ${actor.role} may not do this. It takes one of these roles: ${roles.join(', ')}.`,
      { action, role: actor.role },
    )
  }
  if (actor.scopes) refuseOutOfScope(actor.scopes, action)
}

/** The scope that a personal key needs for this; undefined: no key will do, it takes somebody who is signed in. */
export function scopeFor(action: string): Scope | undefined {
  return action.endsWith('.read') ? 'read' : SCOPE_OF[action]
}

function refuseOutOfScope(scopes: readonly Scope[], action: string): void {
  const needed = scopeFor(action)
  if (needed === undefined) {
    throw new Forbidden('sign_in_required', 'No personal key can do this. Sign in to do it yourself.', { action })
  }
  if (scopes.includes(needed)) return
  throw new Forbidden('scope_missing', `This key is not for that: it takes the scope ${needed}.`, {
    action,
    scope: needed,
    scopes: [...scopes],
  })
}

/** The actions of the table that are open to this actor, and to the key that they hold. */
export function actionsOf(actor: Actor): string[] {
  return Object.keys(ACTIONS).filter((action) => {
    const scope = scopeFor(action)
    const inScope = actor.scopes === undefined || (scope !== undefined && actor.scopes.includes(scope))
    return inScope && isAllowed(actor, rolesFor(action))
  })
}

function isAllowed({ role, person }: Actor, roles: readonly Role[]): boolean {
  return roles.includes(role) || (person !== undefined && roles.includes('member'))
}

export function rolesFor(action: string): readonly Role[] {
  const roles = ACTIONS[action]
  assert(roles, `No row says who may do ${action}.`)
  return roles
}

export function isAction(action: string): boolean {
  return Object.hasOwn(ACTIONS, action)
}

/** Where a request carries who sent it: an Actor, or null for anybody. */
export const ACTOR = 'actor'

const STAFF = ['owner', 'operator', 'finance', 'moderator', 'support', 'auditor'] as const

/** Without moderators and support: what an account holds is none of their business. */
const BOOKS = ['owner', 'operator', 'finance', 'auditor'] as const

export const ACTIONS: Readonly<Record<string, readonly Role[]>> = {
  'permissions.read': [...STAFF, 'member'],
  'me.read': ['member'],
  'me.transfer': ['member'],
  'me.manage_keys': ['member'],
  'me.accept_invitation': ['member'],
  'me.stake': ['member'],
  'me.sessions': ['member'],
  'outbox.open': ['owner'],
  'me.claim': ['member'],
  'me.manage_wallets': ['member'],
  'ledger.read': [...BOOKS, 'support'],
  'ledger.post': ['owner', 'operator', 'finance'],
  'ledger.reverse': ['owner', 'finance'],
  'ledger.redact': ['owner'],
  'ledger.hold': ['owner', 'operator', 'finance'],
  'ledger.open_account': ['owner', 'operator', 'finance'],
  'ledger.set_limits': ['owner', 'finance'],
  'ledger.freeze': ['owner', 'finance', 'moderator'],
  'ledger.close_account': ['owner', 'finance'],
  'ledger.close_period': ['owner', 'finance'],
  'ledger.add_asset': ['owner'],
  'ledger.request_issuance': ['owner'],
  'ledger.approve_issuance': ['owner'],
  'contributions.read': [...STAFF, 'member'],
  'contributions.record': ['owner', 'operator'],
  'contributions.review': ['owner', 'operator', 'moderator', 'member'],
  'articles.curate': ['owner', 'operator', 'moderator'],
  'articles.views': ['owner', 'operator'],
  'imports.read': STAFF,
  'imports.rollback': ['owner', 'operator'],
  'proposals.read': [...STAFF, 'member'],
  'proposals.cancel': ['owner', 'operator', 'member'],
  'me.propose': ['member'],
  'me.vote': ['member'],
  'distributions.read': [...STAFF, 'member'],
  'distributions.run': ['owner', 'operator', 'finance'],
  'staking.read': [...STAFF, 'member'],
  'stakes.read': [...BOOKS, 'support'],
  'staking.fund': ['owner', 'operator', 'finance'],
  'parameters.read': [...STAFF, 'member'],
  'parameters.set': ['owner', 'operator'],
  'keys.read': ['owner', 'auditor'],
  'keys.manage': ['owner'],
  'people.read': STAFF,
  'people.set_role': ['owner'],
  'people.issue_claim': ['owner', 'operator'],
  'people.impersonate': ['owner', 'support'],
  'jobs.read': ['owner', 'operator', 'finance', 'auditor'],
  'audit.read': ['owner', 'auditor'],
  'webhooks.read': ['owner', 'operator', 'auditor'],
  'webhooks.manage': ['owner', 'operator'],
  'events.read': [...BOOKS, 'member'],
}

/**
 * What a personal key may do beyond reading what a member may read (every action that ends in `.read`), by its scope.
 * What stands here in no row takes somebody who is signed in: so whatever is new is closed to keys until it is entered.
 */
export const SCOPE_OF: Readonly<Record<string, Scope>> = {
  'me.transfer': 'transfer',
  'me.stake': 'stake',
  'me.vote': 'vote',
  'me.propose': 'vote',
}
