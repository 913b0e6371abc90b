import type { SendBody } from '../api/client.ts'

export type StaffRole = SendBody<'/keys'>['role']

/** The roles of staff with what they are for, as choices of a form. */
export const ROLE_OPTIONS: readonly (readonly [StaffRole, string])[] = [
  ['owner', 'Owner: everything'],
  ['operator', 'Operator: runs the economy'],
  ['finance', 'Finance: the books and payments'],
  ['moderator', 'Moderator: reviews and articles'],
  ['support', 'Support: reads, also as somebody'],
  ['auditor', 'Auditor: reads everything'],
]
