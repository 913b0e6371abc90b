import { join } from 'node:path'

import { migrate } from '../core/migrate.ts'
import { lockSession, withSession } from '../core/session.ts'
import type { DatabasePlace } from './places.ts'

/**
 * Brings an economy's database up to date, as its administrator; of several servers that start at once, one does it and
 * the others wait. Returns the numbers of the migrations applied now. Fails: as `migrate`.
 */
export async function migrateEconomy(
  { adminUrl, roles }: Pick<DatabasePlace, 'adminUrl' | 'roles'>,
  { through }: { through?: number } = {},
): Promise<number[]> {
  return await withSession({ url: adminUrl }, async (client) => {
    await lockSession(client, 'migrations')
    return await migrate(client, { folder: MIGRATIONS, roles, through })
  })
}

export const MIGRATIONS = join(import.meta.dirname, '../../migrations')
