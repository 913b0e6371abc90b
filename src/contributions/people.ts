import { sql } from 'kysely'

import { pgArray, type Tx } from '../core/db.ts'
import { toSafeInteger } from '../core/decimal.ts'
import { ensurePeople } from '../identity/identity.ts'

/**
 * The contributors of these usernames. Whoever is not known yet becomes a person, joined at the time that is given, and
 * a contributor with a reputation of 1; `import` says which import brought them.
 */
export async function ensureContributors(
  tx: Tx,
  { people, import: source = null, now }: { people: readonly NewContributor[]; import?: number | null; now: Date },
): Promise<EnsuredContributors> {
  const known = await findContributors(
    tx,
    people.map(({ username }) => username),
  )
  const missing = people.filter(({ username }) => !known.has(username))
  if (missing.length === 0) return { contributors: known, added: 0 }
  const { ids, added } = await ensurePeople(tx, { people: missing, now })
  const { numAffectedRows } = await sql`
    insert into contributions.contributor (person, import, created_at)
    select person, ${source}::int, ${now}::timestamptz
    from unnest(
      ${pgArray(missing.map(({ username }) => ids.get(username)!))}::uuid[],
      ${pgArray(missing.map(({ username }) => username))}::text[]
    ) as new (person, username)
    order by username
    on conflict do nothing
  `.execute(tx)
  if (source !== null) await noteImported(tx, { people: added, import: source })
  const created = await findContributors(
    tx,
    missing.map(({ username }) => username),
  )
  return { contributors: new Map([...known, ...created]), added: toSafeInteger(numAffectedRows ?? 0n) }
}

/** Remembers that an import brought these people, so that they can go with it. */
export async function noteImported(
  tx: Tx,
  { people, import: source }: { people: readonly string[]; import: number },
): Promise<void> {
  if (people.length === 0) return
  await sql`
    insert into contributions.imported_person (person, import)
    select person, ${source}::int
    from unnest(${pgArray(people)}::uuid[]) as new (person)
  `.execute(tx)
}

/** Those of the usernames that have contributed. */
export async function findContributors(tx: Tx, usernames: readonly string[]): Promise<Map<string, Contributor>> {
  const { rows } = await sql<Contributor>`
    select contributor.id, person.username, contributor.reputation_e4
    from identity.person
    join contributions.contributor on contributor.person = person.id
    where person.username = any (${pgArray(usernames)}::text[])
  `.execute(tx)
  return new Map(rows.map((row) => [row.username, row]))
}

export interface NewContributor {
  username: string
  /** Of somebody who is new: when they first contributed. */
  joinedAt: Date
}

export interface Contributor {
  id: bigint
  username: string
  reputation_e4: number
}

export interface EnsuredContributors {
  contributors: Map<string, Contributor>
  /** How many of them are new. */
  added: number
}
