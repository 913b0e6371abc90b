import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { testShell } from '../../test/shell.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'florin-console-'))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Florin</title>')
  await writeFile(join(folder, 'assets/page-abc123.js'), 'export {}')
  await writeFile(join(folder, 'secret'), 'not for others')
})

afterAll(async () => await rm(folder, { recursive: true }))

describe('the console', () => {
  test('is one page at all of its addresses, asked for each time, that runs nothing but its own files', async () => {
    await using t = await testShell({ routes: [], console_folder: folder })
    for (const path of ['/console/', '/console/kontrib/accounts/users:1:available?asset=TOK']) {
      const { status, text, headers } = await t.send({ path })
      expect(status).toBe(200)
      expect(text).toContain('<title>Florin</title>')
      expect(headers['cache-control']).toBe('no-store')
      expect(headers['content-security-policy']).toContain("script-src 'self';")
      expect(headers['content-security-policy']).not.toContain('unsafe')
    }
  })

  test('is where the start leads', async () => {
    await using t = await testShell({ routes: [], console_folder: folder })
    for (const path of ['/', '/console']) {
      expect(await t.send({ path })).toMatchObject({ status: 302, headers: { location: '/console/' } })
    }
  })

  test('has files that browsers keep for good', async () => {
    await using t = await testShell({ routes: [], console_folder: folder })
    const { status, headers } = await t.send({ path: '/console/assets/page-abc123.js' })
    expect(status).toBe(200)
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable')
  })

  test('gives out nothing that is not among its files', async () => {
    await using t = await testShell({ routes: [], console_folder: folder })
    for (const name of ['none.js', '../secret', '..%2fsecret', '%2e%2e/secret']) {
      const { text } = await t.send({ path: `/console/assets/${name}` })
      expect(text).not.toContain('not for others')
    }
    expect(await t.send({ path: '/console/assets/none.js' })).toMatchObject({ status: 404 })
  })

  test('says how to build it where it is not built', async () => {
    await using t = await testShell({ routes: [], console_folder: join(folder, 'nowhere') })
    expect(await t.send({ path: '/console/' })).toMatchObject({ status: 503, json: { code: 'console_not_built' } })
  })
})
