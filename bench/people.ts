import { sql } from 'kysely'

import { cookiePrefix } from '../src/auth/endpoints.ts'
import { hashPassword } from '../src/auth/passwords.ts'
import { must } from '../src/core/assert.ts'
import { pgArray, transaction } from '../src/core/db.ts'
import { newUuid } from '../src/core/id.ts'
import type { HttpConnection } from './http-connection.ts'
import type { BenchEconomy } from './place.ts'

/** Adds so many people, who have nothing yet; gives their ids. */
export async function addPeople({ db }: BenchEconomy, count: number, now: Date): Promise<string[]> {
  const people = Array.from({ length: count }, () => newUuid(now))
  await sql`
    insert into identity.person (id, username, joined_at, created_at)
    select id, id::text, ${now}::timestamptz, ${now}::timestamptz
    from unnest(${pgArray(people)}::uuid[]) as new (id)
  `.execute(db)
  return people
}

/**
 * Gives these people something to sign in with: an address of mail that is proven and a password, as if they had signed
 * up. All of them have the same password, so that its hash is made once; each sign-in checks it all the same.
 */
export async function letSignIn({ db, clock }: BenchEconomy, people: readonly string[]): Promise<SignsIn[]> {
  const now = clock.now()
  const hash = await hashPassword(PASSWORD)
  await transaction(db, async (tx) => {
    await sql`
      with login as (
        insert into auth.login (id, name, email, email_verified, created_at, updated_at)
        select id, id, id || '@bench.example', true, ${now}::timestamptz, ${now}::timestamptz
        from unnest(${pgArray(people)}::text[]) as given (id)
        returning id
      ), account as (
        insert into auth.account (id, account_id, provider_id, user_id, password, created_at, updated_at)
        select id, id, 'credential', id, ${hash}::text, ${now}::timestamptz, ${now}::timestamptz
        from login
      )
      update identity.person
      set auth_user = login.id
      from login
      where person.id = login.id::uuid
    `.execute(tx)
  })
  return people.map((person) => ({ person, email: `${person}@bench.example` }))
}

/** Signs in as the console does; gives what says so from then on. */
export async function signIn(connection: HttpConnection, { name }: BenchEconomy, { email }: SignsIn): Promise<Session> {
  const { status, head, body } = await connection.post(
    `/v1/${name}/auth/sign-in/email`,
    JSON.stringify({ email, password: PASSWORD }),
  )
  if (status !== 200) throw new Error(`The server answered ${status}: ${body.slice(0, 300)}`)
  const cookie = new RegExp(`^set-cookie: (${cookiePrefix(name)}\\.session_token=[^;]+)`, 'im').exec(head)?.[1]
  return { cookie: must(cookie, 'Whoever signed in has a session.') }
}

/** Somebody who has something to sign in with. */
export interface SignsIn {
  person: string
  email: string
}

/** The header of whoever is signed in. */
export type Session = Record<string, string>

const PASSWORD = 'three blue bicycles'
