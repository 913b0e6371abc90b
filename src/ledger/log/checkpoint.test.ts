import { describe, expect, test } from 'vitest'

import { keyOfSeed, ORIGIN, SIGNING_KEY } from '../../../test/log-example.ts'
import { formatCheckpoint, openCheckpoint, parseCheckpoint, readCheckpoint, signCheckpoint } from './checkpoint.ts'
import { newSigningKey, verifierOf } from './keys.ts'
import { EMPTY_ROOT } from './merkle.ts'
import { signNote } from './note.ts'

const HEAD = { origin: ORIGIN, size: 20_852_163n, root: Buffer.alloc(32, 7) }
const LOG = verifierOf(ORIGIN, SIGNING_KEY)

test('a checkpoint is origin, size and root on a line each', () => {
  const text = `florin.example/wiki\n20852163\n${HEAD.root.toString('base64')}\n`
  expect(formatCheckpoint(HEAD)).toBe(text)
  expect(parseCheckpoint(text)).toEqual({ ...HEAD, extensions: [] })
  expect(parseCheckpoint(`${text}more\n`).extensions).toEqual(['more'])
  expect(formatCheckpoint(parseCheckpoint(`${text}more\n`))).toBe(`${text}more\n`)
})

test('the checkpoint of an empty log has the size 0 and the hash of nothing', () => {
  expect(formatCheckpoint({ origin: ORIGIN, size: 0n, root: EMPTY_ROOT })).toBe(
    'florin.example/wiki\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n',
  )
})

test('a signed checkpoint is opened with the key of its log', () => {
  const note = signCheckpoint(HEAD, [SIGNING_KEY])
  expect(openCheckpoint(note, { log: LOG })).toEqual({
    checkpoint: { ...HEAD, extensions: [] },
    signedBy: [{ name: ORIGIN, id: LOG.id, time: null }],
  })
  expect(readCheckpoint(note)).toEqual({ ...HEAD, extensions: [] })
})

test('while a key is changed, both sign, and a reader needs one of them', () => {
  const next = newSigningKey()
  const note = signCheckpoint(HEAD, [SIGNING_KEY, next])
  for (const key of [SIGNING_KEY, next]) {
    expect(openCheckpoint(note, { log: verifierOf(ORIGIN, key) }).checkpoint.size).toBe(HEAD.size)
  }
})

describe('a checkpoint is refused', () => {
  test('when only a witness signed it', () => {
    const witness = { name: 'witness.example', key: keyOfSeed(32) }
    const note = signNote(formatCheckpoint(HEAD), [witness])
    const known = { log: LOG, witnesses: [verifierOf(witness.name, witness.key)] }
    expect(() => openCheckpoint(note, known)).toThrow(expect.objectContaining({ code: 'note_unsigned' }))
  })

  test('when the log signed it for another origin', () => {
    const note = signNote(formatCheckpoint({ ...HEAD, origin: `${ORIGIN}/2` }), [{ name: ORIGIN, key: SIGNING_KEY }])
    expect(() => openCheckpoint(note, { log: LOG })).toThrow(
      expect.objectContaining({ code: 'checkpoint_origin_differs' }),
    )
  })

  const root = HEAD.root.toString('base64')
  test.each([
    ['without a last newline', `o\n1\n${root}`],
    ['with two lines', `o\n1\n`],
    ['without an origin', `\n1\n${root}\n`],
    ['with an empty line', `o\n1\n${root}\n\n`],
    ['with a leading zero', `o\n01\n${root}\n`],
    ['with a sign', `o\n-1\n${root}\n`],
    ['with a fraction', `o\n1.0\n${root}\n`],
    ['with a size no log has', `o\n1${'0'.repeat(18)}\n${root}\n`],
    ['with a root of 31 bytes', `o\n1\n${Buffer.alloc(31).toString('base64')}\n`],
    ['with a root in hex', `o\n1\n${HEAD.root.toString('hex')}\n`],
    ['with carriage returns', `o\r\n1\r\n${root}\r\n`],
  ])('%s', (_, text) => {
    expect(() => parseCheckpoint(text)).toThrow(expect.objectContaining({ code: 'checkpoint_malformed' }))
  })

  test('before it is written, when an origin would break it into more lines, or a root is none', () => {
    for (const wrong of [{ origin: 'a\nb' }, { origin: '' }, { size: -1n }, { root: Buffer.alloc(31) }]) {
      expect(() => formatCheckpoint({ ...HEAD, ...wrong })).toThrow(
        expect.objectContaining({ code: 'checkpoint_malformed' }),
      )
    }
  })
})
