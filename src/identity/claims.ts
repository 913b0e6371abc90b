import { sql } from 'kysely'

import { record } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import { Conflict, NotFound } from '../core/errors.ts'
import { newUuid } from '../core/id.ts'
import type { Secret } from '../core/secret.ts'
import { lockAccountsOf, setStatus } from '../ledger/accounts.ts'
import { drawCode, hashOfCode } from './one-time-codes.ts'
import { lockPeople } from './people.ts'
import { possessionsOf } from './possessions.ts'

/**
 * Makes a code with which somebody who is signed in becomes `person`, who was imported and has nobody yet. The code is in
 * the answer and nowhere else, and ends an earlier one.
 * Fails, in this order: person_not_found, person_claimed, person_of_staff.
 */
export async function issueClaimCode(tx: Tx, { person, actor, now }: IssueClaimCode): Promise<NewClaimCode> {
  const [claimed] = await lockPeople(tx, [person])
  await refuseUnclaimable(tx, claimed!)
  await tx
    .updateTable('identity.claim_code')
    .set({ replaced_at: now })
    .where('person', '=', person)
    .where('redeemed_at', 'is', null)
    .where('replaced_at', 'is', null)
    .execute()
  const { code, hash } = drawCode('claim')
  const made = { id: newUuid(now), person, created_at: now, expires_at: new Date(now.getTime() + CLAIM_MS) }
  await tx
    .insertInto('identity.claim_code')
    .values({ ...made, hash, created_by: actor })
    .execute()
  await record(tx, {
    at: now,
    actor,
    action: 'claim.issue',
    subject: `person:${person}`,
    diff: { after: { code: made.id } },
  })
  return { ...made, code }
}

/**
 * Makes whoever is signed in as `person` be the one that the code is for: their sign-in moves there, and all that is there
 * is theirs. It moves no value and joins no two histories: whoever has something under their own name already keeps that,
 * and is refused (docs/adr/0028). Their personal keys end, since they would act for somebody else.
 * Fails, in this order: claim_not_found, claim_used, claim_expired, person_claimed, person_of_staff, claimer_has_own.
 */
export async function redeemClaim(tx: Tx, { person, code, now }: RedeemClaim): Promise<{ person: string }> {
  const claim = await tx
    .selectFrom('identity.claim_code')
    .select(['id', 'person', 'expires_at', 'redeemed_at', 'replaced_at'])
    .where('hash', '=', hashOfCode(code))
    .forUpdate()
    .executeTakeFirst()
  if (!claim || claim.replaced_at) {
    throw new NotFound('claim_not_found', 'There is no such code, or a later one was made. Ask for a new one.')
  }
  if (claim.redeemed_at) throw new Conflict('claim_used', 'The code was used before.')
  if (claim.expires_at <= now) throw new Conflict('claim_expired', 'The code has expired. Ask for a new one.')
  const locked = await lockPeople(tx, [person, claim.person])
  const claimed = locked.find(({ id }) => id === claim.person)!
  const claimer = locked.find(({ id }) => id === person)!
  await refuseUnclaimable(tx, claimed)
  // What is on its way to them is there when this returns, and counts; what comes later finds the accounts closed.
  const accounts = await lockAccountsOf(tx, person)
  const has = await possessionsOf(tx, person)
  if (has.length > 0) {
    throw new Conflict(
      'claimer_has_own',
      'You have something under your own name already, which this would leave behind. Sign up anew to claim, or ask staff.',
      { has },
    )
  }
  await move(tx, { claimer, to: claim.person, now })
  for (const { path, asset, status } of accounts) {
    if (status !== 'closed') await setStatus(tx, { path, asset, status: 'closed', actor: `person:${person}`, now })
  }
  await tx
    .updateTable('identity.claim_code')
    .set({ redeemed_at: now, redeemed_by: person })
    .where('id', '=', claim.id)
    .execute()
  await record(tx, {
    at: now,
    actor: `person:${person}`,
    action: 'claim.redeem',
    subject: `person:${claim.person}`,
    diff: { before: { person }, after: { person: claim.person, code: claim.id } },
  })
  return { person: claim.person }
}

export interface NewClaimCode {
  id: string
  person: string
  created_at: Date
  expires_at: Date
  code: Secret
}

export interface IssueClaimCode {
  person: string
  actor: string
  now: Date
}

export interface RedeemClaim {
  /** Whoever is signed in, as whom they signed up. */
  person: string
  code: string
  now: Date
}

/** Two weeks. */
const CLAIM_MS = 14 * 86_400_000

interface LockedPerson {
  id: string
  auth_user: string | null
  became: string | null
}

/** Nobody takes over a person who can sign in, nor rights that were granted to one. */
async function refuseUnclaimable(tx: Tx, { id, auth_user, became }: LockedPerson): Promise<void> {
  if (auth_user !== null || became !== null) {
    throw new Conflict('person_claimed', 'This person has somebody who signs in as them already.')
  }
  const role = await tx.selectFrom('identity.person_role').select('role').where('person', '=', id).executeTakeFirst()
  if (role) throw new Conflict('person_of_staff', 'This person is of staff: take their role away first.', role)
}

/** Off first, since nobody signs in as two. Whoever had become the claimer is the claimed now, too. */
async function move(tx: Tx, { claimer, to, now }: { claimer: LockedPerson; to: string; now: Date }): Promise<void> {
  const { id, auth_user } = claimer
  await tx.updateTable('identity.person').set({ auth_user: null, became: to }).where('id', '=', id).execute()
  await tx.updateTable('identity.person').set({ auth_user }).where('id', '=', to).execute()
  await tx.updateTable('identity.person').set({ became: to }).where('became', '=', id).execute()
  await sql`
    update identity.api_key
    set revoked_at = ${now}::timestamptz, revoked_by = ${`person:${id}`}
    where person = ${id}::uuid and revoked_at is null
  `.execute(tx)
}
