// The repository's own rules: the lines between modules (MODULES is the module map), what may not be written, and that
// the documents name what exists. A rule that fails says what to do instead.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'

import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

/** Who may import whom. `open` folders are entered anywhere, the others through the files named, and by edges alone. */
const MODULES: Record<string, { imports: string[]; faces: 'open' | string[] }> = {
  core: { imports: [], faces: 'open' },
  ledger: { imports: ['core'], faces: 'open' },
  economy: { imports: ['core', 'ledger'], faces: 'open' },
  api: { imports: ['core'], faces: 'open' },
  events: { imports: ['core', 'ledger'], faces: ['events.ts'] },
  webhooks: { imports: ['core', 'events'], faces: ['webhooks.ts'] },
  auth: { imports: ['core', 'economy', 'identity'], faces: ['auth.ts', 'smtp.ts'] },
  identity: { imports: ['core', 'ledger', 'economy'], faces: ['identity.ts'] },
  staking: { imports: ['core', 'ledger', 'economy', 'identity'], faces: ['staking.ts'] },
  contributions: { imports: ['core', 'ledger', 'economy', 'identity', 'staking'], faces: ['contributions.ts'] },
  statements: { imports: ['core', 'ledger', 'identity'], faces: ['statements.ts'] },
  transfers: { imports: ['core', 'ledger', 'economy', 'identity'], faces: ['transfers.ts'] },
  governance: { imports: ['core', 'ledger', 'economy', 'identity'], faces: ['governance.ts'] },
}

/** What puts the modules together: these may import any face, and the edges (routes, jobs) of all. */
const COMPOSITION = ['app.ts', 'server.ts', 'main.ts', 'config.ts', 'commands/']

/** Edges open transactions; so does what commits many times on its way and must be able to go on after a crash. */
const OPENS_TRANSACTIONS = [
  /(^|\/)(routes|jobs)(-[a-z-]+)?\.ts$/,
  /^(api|commands)\//,
  /^(app|server|main)\.ts$/,
  /^core\/(db|jobs|member)\.ts$/,
  /^economy\/(create|open|parameter-setup|backup|restore)\.ts$/,
  /^ledger\/(batcher|holds)\.ts$/,
  /^ledger\/log\/sealer\.ts$/,
  /^webhooks\/deliver\.ts$/,
  /^contributions\/(distribution|(git-)?importer|rehearse)\.ts$/,
  /^transfers\/transfers\.ts$/,
  // It answers requests by itself, sends mail between two transactions, and lends better-auth its own.
  /^auth\/(auth|adapter|better-auth|limits|mail|sessions|wallet-sign-in)\.ts$/,
]

/** Number() turns text into a figure and rounds what is large: here it is never an amount, and says so. */
const MAKES_NUMBERS =
  /^(config|core\/(decimal|embedded-postgres-[a-z]+|migrate|strict-json|http|db)|economy\/(parameter-rules|doctor[a-z-]*|backup[a-z-]*|restore[a-z-]*)|ledger\/read-book|ledger\/log\/(bytes|digest|logged|tree|verify|verify-blocks|verify-export)|api\/idempotency|commands\/[a-z-]+)\.ts$/

const LINES_MAX = 400

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(ROOT, file)))
const text = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const isGenerated = (file: string) => file.endsWith('.gen.ts')
const source = files.filter((file) => /^(src|blueprints|bench|scripts|test)\/.*\.ts$/.test(file) && !isGenerated(file))
const product = source.filter((file) => file.startsWith('src/') && !file.endsWith('.test.ts'))

/** The file without comments and without what its strings hold, unless they are wanted. */
function code(file: string): string {
  return text(file).replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/[^\n]*/g, '')
}

function moduleOf(file: string): string {
  return /^src\/([a-z]+)\//.exec(file)?.[1] ?? ''
}

function importsOf(file: string): string[] {
  return [...text(file).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, path]) =>
    normalize(join(dirname(file), path ?? '')),
  )
}

function offending(list: readonly string[], rule: RegExp, except: (file: string) => boolean = () => false): string[] {
  return list.flatMap((file) => {
    if (except(file)) return []
    const found = code(file)
      .split('\n')
      .find((line) => rule.test(line))
    return found === undefined ? [] : [`${file}: ${found.trim()}`]
  })
}

describe('modules', () => {
  test('import only whom the map allows', () => {
    const broken = product.flatMap((file) => {
      const from = MODULES[moduleOf(file)]
      if (!from) return []
      const others = importsOf(file).filter((path) => moduleOf(path) !== moduleOf(file))
      return others.filter((path) => !from.imports.includes(moduleOf(path))).map((path) => `${file} imports ${path}`)
    })
    expect(broken).toEqual([])
  })

  test('are entered through their faces', () => {
    const broken = [...product, ...source.filter((file) => file.startsWith('blueprints/'))].flatMap((file) =>
      importsOf(file)
        .filter((path) => moduleOf(path) in MODULES && moduleOf(path) !== moduleOf(file))
        .filter((path) => {
          const faces = MODULES[moduleOf(path)]!.faces
          if (faces === 'open' || faces.includes(path.split('/').at(-1) ?? '')) return false
          const edge = /\/(routes|jobs|invariants)\.ts$/.test(path)
          return !(
            edge &&
            (COMPOSITION.some((part) => file.startsWith(`src/${part}`)) || file.startsWith('blueprints/'))
          )
        })
        .map((path) => `${file} enters ${path}`),
    )
    expect(broken).toEqual([])
  })

  test('are all in the map, without a cycle', () => {
    const folders = new Set(product.map(moduleOf).filter((name) => name !== '' && name !== 'commands'))
    expect([...folders].toSorted()).toEqual(Object.keys(MODULES).toSorted())
    const placed: string[] = []
    for (;;) {
      const next = Object.keys(MODULES).filter(
        (name) => !placed.includes(name) && MODULES[name]!.imports.every((other) => placed.includes(other)),
      )
      if (next.length === 0) break
      placed.push(...next)
    }
    expect(placed.toSorted()).toEqual(Object.keys(MODULES).toSorted())
  })

  test('open transactions at their edges alone', () => {
    const opening = offending(product, /(?<!function )\b(transaction|snapshot)\(/, (file) =>
      OPENS_TRANSACTIONS.some((allowed) => allowed.test(relative('src', file))),
    )
    expect(opening).toEqual([])
  })

  test('write their own tables alone', () => {
    const broken = product.flatMap((file) => {
      const written = code(file).matchAll(
        /(?:insertInto|updateTable|deleteFrom|mergeInto)\(\s*'([a-z]+)\.|(?:insert into|update|delete from|merge into)\s+([a-z]+)\.[a-z_]+/g,
      )
      const own = moduleOf(file)
      const schemas = { core: ['audit', 'florin'], economy: ['economy', 'control'] }[own] ?? [own]
      return [...written]
        .map(([, built, raw]) => built ?? raw ?? '')
        .filter((schema) => !schemas.includes(schema))
        .map((schema) => `${file} writes ${schema}`)
    })
    expect(broken).toEqual([])
  })
})

describe('bans', () => {
  const rules: [name: string, rule: RegExp, list: readonly string[], except?: (file: string) => boolean][] = [
    ['process.env outside src/config.ts', /process\.env/, product, (file) => file === 'src/config.ts'],
    ['the time outside src/core/clock.ts', /Date\.now\(|new Date\(\)/, product, (file) => file === 'src/core/clock.ts'],
    ['now() in SQL: hand in the time', /(?<![.\w])now\(\)(?!:)/, product, (file) => file === 'src/core/clock.ts'],
    ['parseInt and parseFloat', /\bparse(Int|Float)\(/, product],
    ['Number() where amounts are', /(?<!\.)\bNumber\(/, product, (file) => MAKES_NUMBERS.test(relative('src', file))],
    ['barrels', /export \* from/, source],
    ['default exports', /^export default/, source],
    [
      '`as any` and silenced types',
      /\bas any\b|@ts-(ignore|expect-error|nocheck)/,
      source,
      (file) => file === 'test/tidy.test.ts',
    ],
    ['tests that do not run', /\b(test|it|describe)\.(skip|only|todo)\(/, source],
    ['left-over marks', /\b(TODO|FIXME|XXX|HACK)\b/, source, (file) => file === 'test/tidy.test.ts'],
    ['erased TypeScript: enum, namespace', /^\s*(export )?(const )?(enum|namespace) /, source],
  ]
  test.each(rules)('%s', (_, rule, list, except) => {
    expect(offending(list, rule, except)).toEqual([])
  })

  test('numeric columns hold whole minor units', () => {
    const migrations = files.filter((file) => /^migrations\/(control\/)?\d{4}.*\.sql$/.test(file))
    const other = migrations.filter((file) =>
      /numeric(?!\(38, 0\)|\[\])/.test(text(file).replaceAll(/--.*/g, '').replaceAll('::numeric', '')),
    )
    expect(other).toEqual([])
  })
})

describe('files', () => {
  test(`have at most ${LINES_MAX} lines`, () => {
    const long = source.filter((file) => text(file).split('\n').length - 1 > LINES_MAX)
    expect(long).toEqual([])
  })

  test('have names in kebab-case that say what they hold, at depth two', () => {
    const odd = product.filter(
      (file) =>
        !/^src\/([a-z]+\/)?(log\/)?[a-z0-9]+(-[a-z0-9]+)*(\.gen)?\.ts$/.test(file) ||
        /\/(index|utils|types|helpers|services|common)\.ts$/.test(file),
    )
    expect(odd).toEqual([])
  })

  test('say nothing of the machine that they were written on', () => {
    const told = files
      .filter((file) => /\.(ts|md|json|sql|sh|yml)$|^(bin|\.ci)\//.test(file) && file !== 'test/tidy.test.ts')
      .filter((file) => /\/work\/|\/home\/[a-z]+\/|registry\.[a-z]+\.[a-z]+|"resolved": "http/.test(text(file)))
    expect(told).toEqual([])
  })
})

test('each migration has a number of its own: of two that share one, the second would never be applied', () => {
  const numbers = files.flatMap((file) => /^(migrations\/(?:control\/)?\d{4})-[^/]*\.sql$/.exec(file)?.[1] ?? [])
  expect(numbers.filter((number, i) => numbers.indexOf(number) !== i)).toEqual([])
})

describe('documents', () => {
  const documents = files.filter((file) => file.endsWith('.md') && !file.startsWith('examples/'))

  test('name files that exist', () => {
    const missing = documents.flatMap((file) =>
      [
        ...text(file).matchAll(
          /(?<![\w/.-])((?:src|docs|test|bench|scripts|migrations|blueprints|examples|bin)\/[\w./-]*\w)/g,
        ),
      ]
        .map(([, path]) => path ?? '')
        .filter((path) => !/NNNN|\*/.test(path) && !existsSync(join(ROOT, path)))
        .map((path) => `${file} names ${path}`),
    )
    expect(missing).toEqual([])
  })

  test('link to files that exist', () => {
    const missing = documents.flatMap((file) =>
      [...text(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)/g)]
        .map(([, path]) => path ?? '')
        .filter((path) => !existsSync(join(ROOT, dirname(file), path)))
        .map((path) => `${file} links to ${path}`),
    )
    expect(missing).toEqual([])
  })

  test('list every error code that can be answered', () => {
    const listed = new Set([...text('docs/errors.md').matchAll(/`([a-z0-9_]+)`/g)].map(([, name]) => name))
    const thrown = product.flatMap((file) =>
      [
        ...code(file).matchAll(
          /new (?:Invalid|BadRequest|Unauthorized|Forbidden|NotFound|Conflict|TooMany|Unavailable)\(\s*'([a-z0-9_]+)'|\brejected\(\s*'([a-z0-9_]+)'/g,
        ),
      ].map(([, built, refused]) => built ?? refused ?? ''),
    )
    expect([...new Set(thrown)].filter((name) => !listed.has(name)).toSorted()).toEqual([])
  })
})
