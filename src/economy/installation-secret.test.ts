import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { secret } from '../core/secret.ts'
import { installationKeyFile, installationSecret } from './installation-secret.ts'

async function dataFolder() {
  const data = await mkdtemp(join(tmpdir(), 'florin-secret-'))
  return { data, [Symbol.asyncDispose]: async () => await rm(data, { recursive: true }) }
}

test('the key file is made once, for its owner alone, and read ever after', async () => {
  await using t = await dataFolder()
  const first = await installationSecret(t)
  expect(first.reveal()).toMatch(/^[0-9a-f]{64}$/)
  expect((await installationSecret(t)).reveal()).toBe(first.reveal())
  const { mode } = await stat(installationKeyFile(t.data))
  expect(mode & 0o777).toBe(0o600)
})

test('servers that start at once agree on one key', async () => {
  await using t = await dataFolder()
  const secrets = await Promise.all(Array.from({ length: 8 }, async () => await installationSecret(t)))
  expect(new Set(secrets.map((each) => each.reveal())).size).toBe(1)
  expect(await readdir(join(t.data, 'keys'))).toEqual(['installation.key'])
})

test('a secret that is given is used, and no file is made', async () => {
  await using t = await dataFolder()
  const given = secret('x'.repeat(40))
  expect(await installationSecret({ ...t, given })).toBe(given)
  expect(await readdir(t.data)).toEqual([])
})

test('a damaged key file is not written over', async () => {
  await using t = await dataFolder()
  await installationSecret(t)
  await writeFile(installationKeyFile(t.data), 'half a k')
  await expect(installationSecret(t)).rejects.toMatchObject({ code: 'installation_key_invalid' })
  expect(await readFile(installationKeyFile(t.data), 'utf8')).toBe('half a k')
})
