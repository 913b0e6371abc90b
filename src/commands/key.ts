import { type Command, Option } from 'commander'

import { STAFF_ROLES } from '../core/actor.ts'
import { transaction } from '../core/db.ts'
import { type ApiKey, createApiKey, listApiKeys, revokeApiKey } from '../identity/identity.ts'
import { cliActor, economyOption, withEconomy } from './context.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

/** `florin key create | list | revoke`. */
export function configureKey(command: Command, terminal: Terminal): void {
  command
    .command('create')
    .description('Make an API key. It is shown this once: what is kept is its SHA-256.')
    .addOption(economyOption())
    .addOption(new Option('-r, --role <role>', 'what it may do').choices(STAFF_ROLES).makeOptionMandatory())
    .requiredOption('-n, --name <name>', 'whose or what for, such as "console"')
    .action(async (options: CreateOptions) => await create(terminal, options))
  command
    .command('list')
    .description('List the keys of an economy, the newest first.')
    .addOption(economyOption())
    .action(async ({ economy }: EconomyOption) => await list(terminal, economy))
  command
    .command('revoke')
    .description('End a key at once and for good.')
    .argument('<id>', 'as "florin key list" shows it')
    .addOption(economyOption())
    .action(async (id: string, { economy }: EconomyOption) => await revoke(terminal, { id, economy }))
}

/** The key alone is on stdout, for `KEY=$(florin key create …)`. */
async function create(terminal: Terminal, { economy: name, ...options }: CreateOptions): Promise<void> {
  await withEconomy(terminal, name, async ({ db, clock }) => {
    const made = await transaction(db, async (tx) => {
      return await createApiKey(tx, { ...options, actor: cliActor().id, now: clock.now() })
    })
    const key = made.key.reveal()
    if (!terminal.json) terminal.note(`The key ${made.id} (${made.role}). Keep it: it is not shown again.`)
    await terminal.answer({ ...view(made), key }, key)
  })
}

async function list(terminal: Terminal, name: string): Promise<void> {
  await withEconomy(terminal, name, async ({ db }) => {
    const keys: ReturnType<typeof view>[] = []
    for (;;) {
      const before = keys.at(-1)?.id
      const page = await listApiKeys(db, { limit: PAGE_KEYS, ...(before !== undefined && { before }) })
      keys.push(...page.map(view))
      if (page.length < PAGE_KEYS) break
    }
    const rows = keys.map(({ id, role, name: of, hint, created_at, revoked_at }) => {
      return [id, role, of, `${hint}…`, created_at, revoked_at ?? '']
    })
    const text = table(['ID', 'ROLE', 'NAME', 'KEY', 'CREATED', 'REVOKED'], rows)
    await terminal.answer(
      { keys },
      keys.length > 0 ? text : 'There are no keys yet. Make one with "florin key create".',
    )
  })
}

async function revoke(terminal: Terminal, { id, economy: name }: { id: string; economy: string }): Promise<void> {
  await withEconomy(terminal, name, async ({ db, clock }) => {
    const key = await transaction(db, async (tx) => {
      return await revokeApiKey(tx, { id, actor: cliActor().id, now: clock.now() })
    })
    await terminal.answer(view(key), `Revoked the key ${id} (${key.name}).`)
  })
}

const PAGE_KEYS = 200

interface EconomyOption {
  economy: string
}

interface CreateOptions extends EconomyOption {
  role: string
  name: string
}

function view({ id, name, role, hint, created_at, created_by, revoked_at, revoked_by }: ApiKey) {
  return {
    id,
    name,
    role,
    hint,
    created_at: created_at.toISOString(),
    created_by,
    revoked_at: revoked_at?.toISOString() ?? null,
    revoked_by,
  }
}
