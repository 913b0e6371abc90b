import { join } from 'node:path'

import type { Client } from 'pg'

import type { Roles } from '../core/migrate.ts'
import { withDatabase, withUser } from '../core/postgres-url.ts'
import type { Secret } from '../core/secret.ts'
import { withSession } from '../core/session.ts'
import type { Control, EconomyRecord } from './control.ts'
import { rolesOf, servicePassword } from './roles.ts'

/** Where an economy's database is, and as whom one connects to it. */
export function databasePlace(control: Control, { name, database, url_setting }: PlacedEconomy): DatabasePlace {
  const roles = rolesOf(control.id, name)
  const password = servicePassword(control.secret, roles.service)
  const login = { user: roles.service, password: password.reveal() }
  if (url_setting !== null) {
    const url = control.databaseUrlSetting(url_setting).reveal()
    return { roles, password, ours: false, adminUrl: url, serviceUrl: withUser(url, login) }
  }
  const { url, directUrl } = control.server
  return {
    roles,
    password,
    ours: true,
    adminUrl: withDatabase(directUrl.reveal(), database),
    serviceUrl: withUser(withDatabase(url.reveal(), database), login),
  }
}

/** Runs `work` on the server of the economy's database: in `session`, where that is one on our own server. */
export async function onServerOf<T>(
  { ours, adminUrl }: DatabasePlace,
  session: Client,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  return ours ? await work(session) : await withSession({ url: adminUrl }, work)
}

/** What an economy keeps outside of its database, so that who has the database alone can neither sign nor forget. */
export function filesOf(data: string, economy: string): EconomyFiles {
  return {
    signingKey: join(data, 'keys', `${economy}.pem`),
    checkpoints: join(data, 'checkpoints', economy),
  }
}

/** The name of an economy's log: its first one, before any fork. */
export function logOrigin({ id, logOrigin: origin = `florin-${id}` }: Control, economy: string): string {
  return `${origin}/${economy}`
}

export interface DatabasePlace {
  roles: Roles
  password: Secret
  /** Whether it is on the installation's own server; else it is a database that was made by hand, wherever that is. */
  ours: boolean
  /** To the economy's database, as who may migrate it. */
  adminUrl: string
  /** To the economy's database, as its service. */
  serviceUrl: string
}

export interface EconomyFiles {
  signingKey: string
  checkpoints: string
}

type PlacedEconomy = Pick<EconomyRecord, 'name' | 'database' | 'url_setting'>
