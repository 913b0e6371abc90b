/**
 * The name of what happened. An entry is `entry.posted.<kind>`, so `entry.posted.*` are all of them; what the audit trail
 * holds is named as there, `parameter.set`. Entries have three parts and audit events two, so neither passes for the other.
 */
export function entryType(kind: string): string {
  return `entry.posted.${kind}`
}

/** `*` stands for all, `proposal.*` for all that begin with `proposal.`; anything else for itself. */
export function matchesType(patterns: readonly string[], type: string): boolean {
  return patterns.some((pattern) => (pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type))
}

export const TYPE_PATTERN = /^(\*|[a-z_]+(\.[a-z0-9_:-]+){0,3}(\.\*)?)$/

/** What every member may know of: the rules, and how they are changed. */
export const PUBLIC_ACTIONS: readonly string[] = ['parameter.set', 'distribution.freeze', 'proposal.*']

/**
 * Events of one subject are delivered in order. An entry's is the account that its first posting takes from, so what
 * happens to a wallet arrives as it happened.
 */
export function entrySubject(from: string, asset: string): string {
  return `account:${from}:${asset}`
}
