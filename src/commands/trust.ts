import { Option } from 'commander'

import { type Checkpoint, readCheckpoint } from '../ledger/log/checkpoint.ts'
import { parseVkey, type Verifier } from '../ledger/log/keys.ts'
import { textOf } from './files.ts'

/*
 * What a reader believes before anything is verified: checkpoints that were kept, and keys. Both may be given several
 * times; a key is written out, or is a file with one on each line.
 */

export function expectOption(): Option {
  return new Option('--expect <file>', 'a checkpoint that you kept (repeatable)').argParser(collect).default([], 'none')
}

export function vkeyOption(): Option {
  return new Option('--vkey <key>', 'a key that the log signs with, as name+id+base64, or a file of them (repeatable)')
    .argParser(collect)
    .default([], 'none')
}

/** Fails: note_malformed, checkpoint_malformed. */
export async function readCheckpoints(files: readonly string[]): Promise<Checkpoint[]> {
  return await Promise.all(files.map(async (file) => readCheckpoint(await textOf(file))))
}

/** Fails: vkey_invalid, key_name_invalid. */
export async function readVkeys(given: readonly string[]): Promise<Verifier[]> {
  const texts = await Promise.all(given.map(async (text) => (VKEY.test(text) ? text : await textOf(text))))
  return texts
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.trim() !== '')
    .map(parseVkey)
}

const VKEY = /^[^+]+\+[0-9a-f]{8}\+/

function collect(value: string, before: string[]): string[] {
  return [...before, value]
}
