import { sql } from 'kysely'

import type { StaffRole } from '../core/actor.ts'
import type { Db, Tx } from '../core/db.ts'
import { NotFound } from '../core/errors.ts'

/** Makes whatever else concerns this person wait for the transaction's end. Fails: person_not_found. */
export async function lockPerson(tx: Tx, person: string): Promise<void> {
  const found = await tx
    .selectFrom('identity.person')
    .select('id')
    .where('id', '=', person)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (!found) throw personNotFound()
}

/**
 * The people of these ids, in the order of the ids, as nobody else can change them, nor add a row that refers to them,
 * until the transaction ends. Fails: person_not_found.
 */
export async function lockPeople(tx: Tx, ids: readonly string[]) {
  const people = await tx
    .selectFrom('identity.person')
    .select(['id', 'auth_user', 'became'])
    .where('id', 'in', ids)
    .orderBy('id')
    .forUpdate()
    .execute()
  if (people.length !== new Set(ids).size) throw personNotFound()
  return people
}

/**
 * Keeps this person from being given up by a claim until the transaction ends, and waits for a claim that is under way;
 * false: they were given up.
 */
export async function holdPerson(tx: Tx, person: string): Promise<boolean> {
  const held = await tx
    .selectFrom('identity.person')
    .select('became')
    .where('id', '=', person)
    .forKeyShare()
    .executeTakeFirst()
  return held?.became === null
}

/**
 * People by their names, whatever the case: those whose names begin with `prefix`, of staff or not, with somebody who
 * signs in as them or without, after the one that a page ended with.
 */
export async function listPeople(
  db: Db | Tx,
  { prefix, ofStaff, signsIn, after, limit }: ListPeople,
): Promise<PersonRow[]> {
  const lower = prefix?.toLowerCase()
  const { rows } = await sql<PersonRow>`
    ${SELECTED}
    where person.became is null
      ${lower === undefined ? sql`` : sql`and lower(person.username) collate "C" >= ${lower} and starts_with(lower(person.username), ${lower})`}
      ${ofStaff === undefined ? sql`` : sql`and (person_role.person is not null) = ${ofStaff}::boolean`}
      ${signsIn === undefined ? sql`` : sql`and (person.auth_user is not null) = ${signsIn}::boolean`}
      ${after ? sql`and (lower(person.username) collate "C", person.id) > (${after[0]}::text, ${after[1]}::uuid)` : sql``}
    order by lower(person.username) collate "C", person.id
    limit ${limit}::int
  `.execute(db)
  return rows
}

/** Fails: person_not_found. */
export async function readPerson(db: Db | Tx, id: string): Promise<PersonRow> {
  const { rows } = await sql<PersonRow>`${SELECTED} where person.id = ${id}::uuid`.execute(db)
  if (!rows[0]) throw personNotFound()
  return rows[0]
}

/** A person as staff see them. */
export interface PersonRow {
  id: string
  username: string
  joined_at: Date
  created_at: Date
  /** Is there somebody who signs in as them? */
  signs_in: boolean
  role: StaffRole | null
  became: string | null
  /** What the list is ordered by. */
  order: string
}

export interface ListPeople {
  prefix?: string | undefined
  ofStaff?: boolean | undefined
  signsIn?: boolean | undefined
  after?: readonly [string, string] | undefined
  limit: number
}

const SELECTED = sql`
  select
    person.id, person.username, person.joined_at, person.created_at, person.became, person_role.role,
    person.auth_user is not null as signs_in, lower(person.username) as "order"
  from identity.person
  left join identity.person_role on person_role.person = person.id
`

function personNotFound(): Error {
  return new NotFound('person_not_found', 'There is no such person.')
}
