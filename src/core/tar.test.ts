import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { readTar, tarEnd, tarFile, type TarFile } from './tar.ts'

const MODIFIED = new Date('2026-01-05T00:00:00Z')

function archive(files: TarFile[]): Buffer {
  return Buffer.concat([...files.map(({ name, content }) => tarFile(name, content, MODIFIED)), tarEnd()])
}

async function read(bytes: Buffer, chunk_bytes = 700): Promise<TarFile[]> {
  async function* chunks() {
    for (let i = 0; i < bytes.length; i += chunk_bytes) yield bytes.subarray(i, i + chunk_bytes)
  }
  const files: TarFile[] = []
  for await (const file of readTar(chunks())) files.push(file)
  return files
}

test('what is written is read back, whatever the sizes and however it is cut', async () => {
  const files = fc.array(
    fc.record({
      name: fc.stringMatching(/^[a-z._]{1,100}$/),
      content: fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
    }),
    { maxLength: 5 },
  )
  await fc.assert(
    fc.asyncProperty(files, fc.integer({ min: 1, max: 3_000 }), async (written, chunk_bytes) => {
      expect(await read(archive(written), chunk_bytes)).toEqual(written)
    }),
  )
})

test('other programs read what we write, and we what they do', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'florin-tar-'))
  try {
    await writeFile(join(folder, 'ours.tar'), archive([{ name: 'a.copy', content: Buffer.from('one\ttwo\n') }]))
    execFileSync('tar', ['-xf', 'ours.tar'], { cwd: folder })
    expect(await readFile(join(folder, 'a.copy'), 'utf8')).toBe('one\ttwo\n')
    execFileSync('tar', ['--format=ustar', '-cf', 'theirs.tar', 'a.copy'], { cwd: folder })
    const [file] = await read(await readFile(join(folder, 'theirs.tar')))
    expect(file).toEqual({ name: 'a.copy', content: Buffer.from('one\ttwo\n') })
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('an archive that is cut or damaged is refused', async () => {
  const whole = archive([{ name: 'a', content: Buffer.from('x'.repeat(1_000)) }])
  for (const end of [0, 100, 512, 1_000, 1_535, 1_536]) {
    await expect(read(whole.subarray(0, end)), `${end} bytes`).rejects.toThrow('ends too early')
  }
  for (const at of [0, 100, 124, 150, 257]) {
    const damaged = Buffer.from(whole)
    damaged[at]! ^= 1
    await expect(read(damaged), `byte ${at}`).rejects.toThrow('A header is damaged')
  }
})
