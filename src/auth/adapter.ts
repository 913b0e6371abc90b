import type { AsyncLocalStorage } from 'node:async_hooks'

import { kyselyAdapter } from '@better-auth/kysely-adapter'
import type { BetterAuthOptions } from 'better-auth'
import { CamelCasePlugin } from 'kysely'

import { record } from '../core/audit.ts'
import type { Clock } from '../core/clock.ts'
import { type Db, transaction, type Tx } from '../core/db.ts'
import { AppError } from '../core/errors.ts'
import { personOfLogin } from '../identity/identity.ts'
import { becomePerson, replaceSignUps } from './sign-ups.ts'
import { hashOfToken } from './tokens.ts'

/**
 * better-auth's tables, with what it does not do itself. Of a session's token the database holds the SHA-256 alone. A
 * sign-up whose address was not proven stands in nobody's way, and becomes a person in the transaction that notes the proof.
 * And every change of what somebody signs in with is an audit event of the transaction that makes it.
 */
export function guardedAdapter({ db, clock, requests }: GuardOptions): (options: BetterAuthOptions) => Adapter {
  return (options) => {
    const guard = (tables: Adapter, together: Together): Adapter => {
      return { ...tables, ...guardedWrites(tables, together, { clock, requests }) }
    }
    const inside = (tx: Tx): Adapter => {
      const tables = tablesOf(tx, options)
      return guard(tables, async (work) => await work(tx, tables))
    }
    const adapter = guard(tablesOf(db, options), async (work) => {
      return await transaction(db, async (tx) => await work(tx, tablesOf(tx, options)))
    })
    return {
      ...adapter,
      transaction: async (work) =>
        await transaction(db, async (tx) => {
          return await requests.run({ ...requests.getStore(), tx }, async () => await work(inside(tx)))
        }),
    }
  }
}

/** The request that is being answered, as far as what is written depends on it. */
export interface AuthRequest {
  /** Below `/auth`. */
  path?: string
  /** Where the server was reached, for links in mails. */
  origin?: string
  /** The transaction under way. */
  tx?: Tx
  /** Hears why it is refused, where better-auth would keep that to itself. */
  refuse?: (refusal: AppError) => void
}

export type AuthRequests = AsyncLocalStorage<AuthRequest>

type Adapter = ReturnType<ReturnType<typeof kyselyAdapter>>
type Where = Parameters<Adapter['findOne']>[0]['where']
type Row = Record<string, unknown>

/** Runs `work` in the transaction under way, or in one of its own. */
type Together = <T>(work: (tx: Tx, tables: Adapter) => Promise<T>) => Promise<T>

interface GuardOptions {
  db: Db
  clock: Clock
  requests: AuthRequests
}

function tablesOf(db: Db | Tx, options: BetterAuthOptions): Adapter {
  const tables = db.withSchema('auth').withPlugin(new CamelCasePlugin())
  return kyselyAdapter(tables, { type: 'postgres', transaction: false })(options)
}

function guardedWrites(
  tables: Adapter,
  together: Together,
  { clock, requests }: Omit<GuardOptions, 'db'>,
): Pick<Adapter, 'create' | 'findOne' | 'findMany' | 'update' | 'delete' | 'deleteMany'> {
  const note = async (tx: Tx, { action, login, after }: Noted) => {
    const person = await personOfLogin(tx, login)
    const subject = person === undefined ? `login:${login}` : `person:${person}`
    await record(tx, { at: clock.now(), actor: subject, action, subject, ...(after && { diff: { after } }) })
  }
  return {
    create: async ({ model, data, ...rest }) =>
      await together(async (tx, inner) => {
        if (model === 'user') await replaceSignUps(tx, { email: String(data['email']), now: clock.now() })
        const created = await inner.create<Row, Row>({ model, data: withHash(model, data), ...rest })
        const noted = notedOfCreate(model, created)
        if (noted) await note(tx, noted)
        return withToken(created, data) as never
      }),
    findOne: async (query) => {
      const found = await tables.findOne<Row>({ ...query, where: hashed(query.model, query.where) })
      const path = requests.getStore()?.path ?? ''
      if (query.model === 'user' && found?.['emailVerified'] === false && TAKES_ADDRESS.has(path)) return null
      return (found && withToken(found, tokenOf(query))) as never
    },
    findMany: async (query) =>
      await tables.findMany({ ...query, ...(query.where && { where: hashed(query.model, query.where) }) }),
    update: async (query) =>
      await together(async (tx, inner) => {
        const { model, update } = query
        const now = clock.now()
        if (model === 'user' && typeof update['email'] === 'string') {
          await replaceSignUps(tx, { email: update['email'], now })
        }
        const updated = await inner.update<Row>({ model, update, where: hashed(model, query.where) })
        if (model === 'user' && updated && update['emailVerified'] === true) {
          const username = String(updated['name'])
          await refusing(requests, becomePerson(tx, { login: String(updated['id']), username, now }))
        }
        const noted = updated && notedOfUpdate(model, update, updated)
        if (noted) await note(tx, noted)
        return (updated && withToken(updated, tokenOf(query))) as never
      }),
    delete: async ({ model, where }) =>
      await together(async (tx, inner) => {
        const ended = await inner.findOne<Row>({ model, where: hashed(model, where) })
        await inner.delete({ model, where: hashed(model, where) })
        const noted = ended && notedOfDelete(model, ended)
        if (noted) await note(tx, noted)
      }),
    deleteMany: async ({ model, where }) =>
      await together(async (tx, inner) => {
        const ended = model === 'session' ? await inner.findMany<Row>({ model, where: hashed(model, where) }) : []
        const count = await inner.deleteMany({ model, where: hashed(model, where) })
        for (const each of ended) {
          const noted = notedOfDelete(model, each)
          if (noted) await note(tx, noted)
        }
        return count
      }),
  }
}

/** Where somebody is to have an address of mail that nobody has proven. */
const TAKES_ADDRESS = new Set(['/sign-up/email', '/change-email'])

interface Noted {
  action: string
  /** Whose. */
  login: string
  after?: Row
}

function notedOfCreate(model: string, row: Row): Noted | undefined {
  const login = String(row['userId'])
  if (model === 'session') {
    return {
      action: 'session.begin',
      login,
      after: { session: row['id'], address: row['ipAddress'], device: row['userAgent'] },
    }
  }
  if (model === 'passkey') return { action: 'passkey.add', login, after: { name: row['name'] } }
  return undefined
}

function notedOfUpdate(model: string, update: Row, row: Row): Noted | undefined {
  if (model === 'account' && 'password' in update) return { action: 'password.change', login: String(row['userId']) }
  if (model === 'twoFactor' && 'backupCodes' in update) {
    return { action: 'two_factor.change_codes', login: String(row['userId']) }
  }
  if (model !== 'user') return undefined
  const login = String(row['id'])
  if ('twoFactorEnabled' in update) {
    return { action: update['twoFactorEnabled'] === true ? 'two_factor.enable' : 'two_factor.disable', login }
  }
  if ('email' in update) return { action: 'email.change', login, after: { email: row['email'] } }
  if ('emailVerified' in update) return { action: 'email.verify', login }
  return undefined
}

function notedOfDelete(model: string, row: Row): Noted | undefined {
  const login = String(row['userId'])
  if (model === 'session') return { action: 'session.end', login, after: { session: row['id'] } }
  if (model === 'passkey') return { action: 'passkey.remove', login, after: { name: row['name'] } }
  return undefined
}

async function refusing(requests: AuthRequests, work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (error instanceof AppError) requests.getStore()?.refuse?.(error)
    throw error
  }
}

function withHash<T extends Row>(model: string, data: T): T {
  return model === 'session' && typeof data['token'] === 'string'
    ? { ...data, token: hashOfToken(data['token']) }
    : data
}

function hashed(model: string, where: Where): Where {
  if (model !== 'session') return where
  return where.map((each) => {
    if (each.field !== 'token') return each
    const { value } = each
    if (Array.isArray(value)) return { ...each, value: value.map((token) => hashOfToken(String(token))) }
    return { ...each, value: hashOfToken(String(value)) }
  })
}

/** better-auth goes on with the token that it knows, not with what the database makes of it. */
function withToken(row: Row, { token }: Row): Row {
  return typeof token === 'string' && 'token' in row ? { ...row, token } : row
}

function tokenOf({ model, where }: { model: string; where: Where }): Row {
  return { token: model === 'session' ? where.find(({ field }) => field === 'token')?.value : undefined }
}
