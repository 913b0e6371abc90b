import { hash, sign } from 'node:crypto'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { keyOfSeed } from '../../../test/log-example.ts'
import { newSigningKey, parseVkey, verifierOf } from './keys.ts'
import { openNote, parseNote, signNote } from './note.ts'

// A log and a witness sign the root of transparency-dev/merkle's eight leaves; signatures and digests were computed by two
// other implementations, which also verified the examples of C2SP's own pages.
const TEXT = 'log.example/proofs\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n'
const LOG_LINE =
  '— log.example/proofs VKHMWtQkpiUwLmolhlovygwp3CDAXUtQqDP/EfYrCDikWR1uixt/ew9ysKgCgEFgM9t6POjwgV9E4YSf1z0O0sHbnQo=\n'
const WITNESS_LINE =
  '— witness.example/w1 IDJKvgAAAABlU/EAUeviHK4jynJt2U3oknWfw+S3QbhxSrf2nEhDikVT4QPst0Y/U2ko0/O5CY7tO8l8dgPlBVHtZeMyZQvt6IWsCA==\n'
const NOTE = `${TEXT}\n${LOG_LINE}${WITNESS_LINE}`
const LOG = parseVkey('log.example/proofs+54a1cc5a+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4')
const WITNESS = parseVkey('witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X')

describe('the worked example', () => {
  test('is signed byte for byte', () => {
    expect(signNote(TEXT, [{ name: 'log.example/proofs', key: keyOfSeed(0) }])).toBe(`${TEXT}\n${LOG_LINE}`)
    expect(hash('sha256', TEXT)).toBe('dbe8b5af48da1c2603aa3244cb67e13df6e17f58ba0ad1b1833fb0901371c4ea')
    expect(hash('sha256', NOTE)).toBe('82fe5ba4882fe432e9d553c616c63b7fb2254bc2a7b4a082ee0a5f1bbce410cf')
  })

  test('is opened with the keys of the log and of its witness', () => {
    expect(openNote(NOTE, [LOG, WITNESS])).toEqual({
      text: TEXT,
      signedBy: [
        { name: 'log.example/proofs', id: 0x54a1cc5a, time: null },
        { name: 'witness.example/w1', id: 0x20324abe, time: 1_700_000_000n },
      ],
    })
  })
})

describe('opening', () => {
  test('ignores signatures of others, also those that share the name or the id of a known key', () => {
    const impostor = signNote(TEXT, [{ name: LOG.name, key: newSigningKey() }]).slice(TEXT.length + 1)
    const sameId = LOG_LINE.replace('proofs', 'others')
    const note = `${TEXT}\n${impostor}${sameId}${LOG_LINE}${WITNESS_LINE}`
    expect(openNote(note, [LOG]).signedBy.map(({ name }) => name)).toEqual(['log.example/proofs'])
  })

  test('refuses a note that no known key signed, and says who did', () => {
    expect(() => openNote(NOTE, [])).toThrow(
      expect.objectContaining({ code: 'note_unsigned', params: { signed_by: [LOG.name, WITNESS.name] } }),
    )
  })

  test('refuses the whole note for one wrong signature of a known key', () => {
    const wrong = `${TEXT}\n${LOG_LINE}${WITNESS_LINE.replace('IDJKvgAAAABlU/EA', 'IDJKvgAAAABlU/EB')}`
    expect(openNote(wrong, [LOG]).signedBy).toHaveLength(1)
    expect(() => openNote(wrong, [LOG, WITNESS])).toThrow(expect.objectContaining({ code: 'note_signature_invalid' }))
  })

  test('refuses another text, whichever character of it changed', () => {
    fc.assert(
      fc.property(fc.nat(TEXT.length - 2), (at) => {
        const changed = `${TEXT.slice(0, at)}${TEXT[at] === 'x' ? 'y' : 'x'}${TEXT.slice(at + 1)}`
        expect(() => openNote(`${changed}\n${LOG_LINE}`, [LOG])).toThrow(
          expect.objectContaining({ code: 'note_signature_invalid' }),
        )
      }),
    )
  })

  test('does not take a signature as a cosignature, nor the other way round', () => {
    const key = keyOfSeed(32)
    const blob = Buffer.concat([Buffer.from('20324abe0000000000000000', 'hex'), sign(null, Buffer.from(TEXT), key)])
    const note = `${TEXT}\n— witness.example/w1 ${blob.toString('base64')}\n`
    expect(() => openNote(note, [WITNESS])).toThrow(expect.objectContaining({ code: 'note_signature_invalid' }))
    expect(() => openNote(NOTE, [verifierOf('witness.example/w1', key)])).toThrow(
      expect.objectContaining({ code: 'note_unsigned' }),
    )
  })

  test('splits at the last empty line: a text may have some of its own', () => {
    const text = 'Ognuno sta solo sul cuor della terra\n\ned è subito sera.\n\n'
    const key = newSigningKey()
    const note = signNote(text, [{ name: 'quasimodo.example', key }])
    expect(openNote(note, [verifierOf('quasimodo.example', key)]).text).toBe(text)
  })
})

describe('a note is malformed', () => {
  test.each([
    ['without signatures', TEXT],
    ['with an empty signature part', `${TEXT}\n`],
    ['when it breaks off', NOTE.slice(0, -1)],
    ['when it ends in anything but a newline', `${NOTE.slice(0, -1)}.`],
    ['with lines after the signatures', `${NOTE}more\n`],
    ['with a control character', NOTE.replace('8', '8\r')],
    ['with half a character', NOTE.replace('8', '8\ud800')],
    ['with a hyphen for the dash', NOTE.replace('—', '-')],
    ['with base64 without its padding', NOTE.replace('WsCA==', 'WsCA')],
    ['with base64 of the URL alphabet', NOTE.replace('lU/EA', 'lU_EA')],
    ['with base64 whose last bits are not zero', NOTE.replace('WsCA==', 'WsCB==')],
    ['with a signature that is only an id', `${TEXT}\n— log.example/proofs VKHMWg==\n`],
    ['with two spaces', NOTE.replace('proofs VKH', 'proofs  VKH')],
    ['with a hundred and one signatures', `${TEXT}\n${LOG_LINE.repeat(101)}`],
    ['when it is longer than a million characters', `${'a\n'.repeat(500_000)}\n${LOG_LINE}`],
  ])('%s', (_, note) => {
    expect(() => parseNote(note)).toThrow(expect.objectContaining({ code: 'note_malformed' }))
  })

  test('also when a cosignature of a known witness has no room for its time', () => {
    const note = `${TEXT}\n— witness.example/w1 ${Buffer.from('20324abe00000000', 'hex').toString('base64')}\n`
    expect(() => openNote(note, [WITNESS])).toThrow(expect.objectContaining({ code: 'note_malformed' }))
  })

  test('also when it is to be signed', () => {
    const signers = [{ name: 'a', key: newSigningKey() }]
    for (const text of ['no newline', 'a\rb\n', '\ud800\n']) {
      expect(() => signNote(text, signers)).toThrow(expect.objectContaining({ code: 'note_malformed' }))
    }
    expect(() => signNote(TEXT, [])).toThrow(expect.objectContaining({ code: 'note_malformed' }))
  })
})

test('a hundred signatures are read', () => {
  expect(openNote(`${TEXT}\n${LOG_LINE.repeat(100)}`, [LOG]).signedBy).toHaveLength(100)
})
