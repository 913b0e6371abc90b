import { Forbidden } from './errors.ts'

/** Who acts: the holder of an API key, somebody who is signed in, a person at the command line, or Florin itself. */
export interface Actor {
  /** `key:<uuid>`, `person:<uuid>`, `cli:<user of the machine>` or `system`: what entries and audit events say of who did it. */
  id: string
  role: Role
  /** Whose idempotency keys these are: the same key of two principals means two requests. */
  principal: string
  /** The person who is signed in, or whose personal key it is; a member of staff may be one, too. */
  person?: string
  /** All that a personal key may do; without, whatever the role may. */
  scopes?: readonly Scope[]
  /** The session that they are signed in with. */
  session?: string
  /** By which member of staff, who is `id`, reads as that person. */
  impersonation?: string
}

export const STAFF_ROLES = ['owner', 'operator', 'finance', 'moderator', 'support', 'auditor'] as const
export type StaffRole = (typeof STAFF_ROLES)[number]

/** A member of the economy acts for themselves, and on what is theirs. */
export type Role = StaffRole | 'member'

/** What a personal key can be for: each is something that its person may do, and src/api/authorize.ts says what. */
export const SCOPES = ['read', 'transfer', 'stake', 'vote'] as const
export type Scope = (typeof SCOPES)[number]

/** The person on whose own behalf this is done. Fails: member_required. */
export function personOf({ person }: Actor): string {
  if (person !== undefined) return person
  throw new Forbidden(
    'member_required',
    'Only somebody who is signed in can do this for themselves; a key of staff is nobody.',
  )
}
