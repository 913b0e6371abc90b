/** Who acts: the holder of an API key, a member of staff, a person at the command line, or Florin itself. */
export interface Actor {
  /** `key:<uuid>`, `cli:<user of the machine>` or `system`: what entries and audit events say of who did it. */
  id: string
  role: StaffRole
  /** Whose idempotency keys these are: the same key of two principals means two requests. */
  principal: string
}

export const STAFF_ROLES = ['owner', 'operator', 'finance', 'moderator', 'support', 'auditor'] as const
export type StaffRole = (typeof STAFF_ROLES)[number]
