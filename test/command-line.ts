import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'

import { PROJECT_ROOT } from '../src/config.ts'
import { withDatabase } from '../src/core/postgres-url.ts'
import { withSession } from '../src/core/session.ts'
import { type TestDataFolder, testDataFolder } from './embedded-postgres.ts'
import { florin, type FlorinOptions, type Ran, type Running, startFlorin } from './florin.ts'

/**
 * A data folder for the command line, with its own PostgreSQL that runs as long as the test, so that not every command
 * has to start it.
 */
export async function testCommandLine(): Promise<CommandLine> {
  const folder = await testDataFolder()
  const { adminUrl } = await folder.start()
  const ask = async (economy: string, query: string) => {
    const [id] = await firstRow(withDatabase(adminUrl.reveal(), 'florin'), 'select id from control.installation')
    const [value] = await firstRow(withDatabase(adminUrl.reveal(), `florin_${id}_${economy}`), query)
    return value ?? ''
  }
  return {
    folder,
    path: (name) => join(folder.root, name),
    run: async (args, options) => await florin(args, { data: folder.path, ...options }),
    start: (args, options) => startFlorin(args, { data: folder.path, ...options }),
    json: async (args) => {
      const { code, stdout } = await florin([...args, '--json'], { data: folder.path })
      return { code, data: JSON.parse(stdout) }
    },
    ask,
    [Symbol.asyncDispose]: async () => await folder[Symbol.asyncDispose](),
  }
}

export interface CommandLine extends AsyncDisposable {
  folder: TestDataFolder
  /** Where a file of the test may lie. */
  path(name: string): string
  run(args: readonly string[], options?: FlorinOptions): Promise<Ran>
  start(args: readonly string[], options?: FlorinOptions): Running
  /** With --json; fails when the answer is not one line of JSON. */
  json(args: readonly string[]): Promise<{ code: number | null; data: Record<string, unknown> }>
  /** The first value that a query of an economy's database gives, asked behind Florin's back. */
  ask(economy: string, query: string): Promise<string>
}

/** The first `lines` of the wiki's history, in a file. */
export async function writeHistory(path: string, { lines, extra = [] }: HistoryPart): Promise<void> {
  const kept: string[] = []
  const file = createReadStream(join(PROJECT_ROOT, 'examples/wiki-history/wiki-history.jsonl.gz'))
  for await (const line of createInterface({ input: file.pipe(createGunzip()) })) {
    if (kept.push(line) === lines) break
  }
  await writeFile(path, [...kept, ...extra].map((line) => `${line}\n`).join(''))
}

interface HistoryPart {
  lines: number
  /** Lines behind them. */
  extra?: readonly string[]
}

async function firstRow(url: string, query: string): Promise<string[]> {
  return await withSession({ url }, async (client) => {
    const { rows } = await client.query<string[]>({ text: query, rowMode: 'array' })
    return (rows[0] ?? []).map((value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)))
  })
}
