import type { Command } from 'commander'

import { BLUEPRINTS } from '../../blueprints/blueprints.ts'
import { Invalid } from '../core/errors.ts'
import { type EconomyRecord, findEconomy, listEconomies } from '../economy/control.ts'
import { createEconomy } from '../economy/create.ts'
import type { Blueprint } from '../economy/define.ts'
import { dropEconomy } from '../economy/drop.ts'
import { cliActor, withApp } from './context.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

/** `florin economy create | list | drop`. */
export function configureEconomy(command: Command, terminal: Terminal): void {
  command
    .command('create')
    .description('Create an economy: a database of its own, with the assets and parameters of its blueprint.')
    .argument('<name>', 'a letter, then up to 30 of a-z, 0-9 and dashes')
    .requiredOption('-b, --blueprint <blueprint>', `its recipe: ${BLUEPRINTS.map(({ name }) => name).join(', ')}`)
    .option('--url-setting <variable>', 'the environment variable with the connection string of an empty database')
    .action(async (name: string, options: CreateOptions) => await create(terminal, name, options))
  command
    .command('list')
    .description('List the economies of this installation.')
    .action(async () => await list(terminal))
  command
    .command('drop')
    .description('Drop an economy and all of its records, for good. Its signing key and checkpoints are kept.')
    .argument('<name>', 'the economy')
    .requiredOption('--confirm <name>', 'its name once more')
    .action(async (name: string, { confirm }: { confirm: string }) => await drop(terminal, { name, confirm }))
}

async function create(terminal: Terminal, name: string, { blueprint, urlSetting }: CreateOptions): Promise<void> {
  await withApp(terminal, async ({ control, clock }) => {
    await createEconomy(control, {
      name,
      blueprint: findBlueprint(blueprint),
      urlSetting,
      actor: cliActor().id,
      now: clock.now(),
    })
    const economy = view(await findEconomy(control, name))
    await terminal.answer({ economy }, `Created the economy ${name} by the blueprint ${blueprint}.`)
  })
}

async function list(terminal: Terminal): Promise<void> {
  await withApp(terminal, async ({ control }) => {
    const economies = (await listEconomies(control)).map(view)
    const text = table(
      ['NAME', 'BLUEPRINT', 'STATE', 'CREATED'],
      economies.map(({ name, blueprint, state, created_at }) => [name, blueprint, state, created_at]),
    )
    await terminal.answer({ economies }, economies.length > 0 ? text : 'There are no economies yet.')
  })
}

async function drop(terminal: Terminal, { name, confirm }: { name: string; confirm: string }): Promise<void> {
  await withApp(terminal, async ({ control, clock }) => {
    await dropEconomy(control, { name, confirm, now: clock.now() })
    await terminal.answer({ dropped: name }, `Dropped the economy ${name}.`)
  })
}

interface CreateOptions {
  blueprint: string
  urlSetting?: string
}

/** Fails: blueprint_unknown. */
function findBlueprint(name: string): Blueprint {
  const found = BLUEPRINTS.find((blueprint) => blueprint.name === name)
  if (found) return found
  const names = BLUEPRINTS.map((blueprint) => blueprint.name).join(', ')
  throw new Invalid('blueprint_unknown', `There is no blueprint ${JSON.stringify(name)}. There are: ${names}.`)
}

function view({ name, blueprint, state, database, created_at }: EconomyRecord) {
  return { name, blueprint, state, database, created_at: created_at.toISOString() }
}
