import { copyFile, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { BIN, florin } from '../../test/florin.ts'
import { VERSION } from '../core/version.ts'

/** A data folder that must not come into being: nothing here gets as far as a database. */
const NOWHERE = { data: join(tmpdir(), 'florin-usage-test-nowhere') }

describe('florin alone', () => {
  test('shows what it can do', async () => {
    const { code, stdout, stderr } = await florin([])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const command of ['serve', 'verify', 'export', 'import', 'distribute']) {
      expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'))
    }
  })

  test('says its version', async () => {
    expect(await florin(['--version'])).toMatchObject({ code: 0, stdout: `${VERSION}\n` })
  })

  test.each([
    ['verify', '--help'],
    ['help', 'verify'],
    ['export', 'proof', '--help'],
  ])('explains %s %s', async (...args) => {
    const { code, stdout } = await florin(args)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Usage: florin (verify|export proof) /)
    expect(stdout).toContain('--economy <name>')
  })
})

describe('what is called wrongly', () => {
  test.each([
    ['an unknown command', ['verfy'], /Unknown command 'verfy'\n\(Did you mean verify\?\)/],
    ['an unknown command of a family', ['economy', 'crate'], /Unknown command 'crate'\n\(Did you mean create\?\)/],
    ['a family without a command', ['economy'], /Usage: florin economy/],
    ['an unknown option', ['verify', '--ecnomy', 'wiki'], /Unknown option '--ecnomy'\n\(Did you mean --economy\?\)/],
    ['a missing option', ['verify'], /Required option '-e, --economy <name>' not specified/],
    ['an option without its value', ['verify', '--economy'], /argument missing/],
    ['a missing argument', ['verify-export'], /Missing required argument 'file'/],
    ['an argument too many', ['checkpoint', 'wiki', '-e', 'wiki'], /Too many arguments/],
    [
      'a choice that there is not',
      ['import', 'contributions', 'f', '-e', 'w', '--on-error', 'ask'],
      /Allowed choices are skip, stop/,
    ],
    ['a role that there is not', ['key', 'create', '-e', 'w', '-n', 'x', '-r', 'king'], /Allowed choices are owner, /],
    ['a date that there is not', ['distribute', '-e', 'w', '--through', '2026-02-30'], /Write a day as 2026-08-24/],
    ['a date in other words', ['distribute', '-e', 'w', '--through', 'yesterday'], /Write a day as 2026-08-24/],
    ['a time without a zone', ['distribute', '-e', 'w', '--through', '2026-02-01T00:00'], /Write a day as 2026-08-24/],
    [
      'a number that is none',
      ['export', 'proof', 'x', '-e', 'w', '-o', 'd', '--posting', '-1'],
      /Write a whole number/,
    ],
  ])('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await florin(args, NOWHERE)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
  })

  test('is told as JSON where JSON was asked for', async () => {
    const { code, stdout, stderr } = await florin(['--json', 'verify'], NOWHERE)
    expect(code).toBe(2)
    expect(stderr).not.toContain('florin:')
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'usage_invalid', message: expect.any(String) } })
  })

  test('as are settings that are wrong, by their names', async () => {
    const { code, stderr } = await florin(['economy', 'list'], { ...NOWHERE, env: { PORT: 'high', LOG_LEVEL: 'loud' } })
    expect(code).toBe(2)
    expect(stderr).toMatch(/PORT must be .*LOG_LEVEL must be .*\(config_invalid\)/)
  })
})

describe('a file that is not what it should be', () => {
  test('is named', async () => {
    const { code, stderr } = await florin(['verify-export', '/nowhere/log.jsonl', '--expect', '/nowhere/head'], NOWHERE)
    expect(code).toBe(1)
    expect(stderr).toBe('florin: /nowhere/head: there is no such file or folder. Check the path. (file_unusable)\n')
  })

  test('is no checkpoint', async () => {
    const { code, stdout } = await florin(['verify-export', BIN, '--expect', BIN, '--json'], NOWHERE)
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: expect.stringMatching(/^(note|checkpoint)_malformed$/) },
    })
  })

  test('is no receipt', async () => {
    const { code, stderr } = await florin(['verify-proof', BIN, BIN], NOWHERE)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^florin: .*\((proof|receipt)_malformed\)\n$/)
  })
})

describe('the executable', () => {
  test('runs from another folder, through links, on a path with spaces', async () => {
    await using folder = await temporaryFolder()
    const links = join(folder.path, 'some links')
    await mkdir(links)
    await symlink(BIN, join(links, 'first'))
    await symlink('first', join(links, 'second link'))
    const ran = await florin(['--version'], { bin: join(links, 'second link'), cwd: folder.path })
    expect(ran).toMatchObject({ code: 0, stdout: `${VERSION}\n`, stderr: '' })
  })

  test('says what to do where nothing was installed', async () => {
    await using folder = await temporaryFolder()
    const bin = join(folder.path, 'a checkout', 'bin')
    await mkdir(bin, { recursive: true })
    await copyFile(BIN, join(bin, 'florin'))
    const { code, stderr } = await florin([], { bin: join(bin, 'florin') })
    expect(code).toBe(1)
    expect(stderr).toContain(`Run "npm install" in ${join(folder.path, 'a checkout')}`)
  })
})

async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'florin-usage-')))
  return { path, [Symbol.asyncDispose]: async () => await rm(path, { recursive: true }) }
}
