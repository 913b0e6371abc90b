import { CommanderError } from 'commander'

import { databaseTrouble } from '../core/db.ts'
import { AppError } from '../core/errors.ts'
import { Interrupted, ReaderGone, type Terminal, toJson } from './terminal.ts'

/**
 * Tells why a command ended early, and returns the exit code: 1 when the answer is no, 2 when it was called wrongly,
 * 128 and the signal's number when it was stopped. A sentence for people on stderr, or with --json the error on stdout.
 */
export function reportFailure(terminal: Terminal, thrown: unknown): number {
  const error = terminal.signal.aborted ? terminal.signal.reason : thrown
  if (error instanceof ReaderGone) return 0
  if (error instanceof CommanderError) return reportUsage(terminal, error)
  const known = knownError(error)
  const message = sentenceFor(terminal, known, error)
  const code = known?.code ?? 'internal_error'
  if (terminal.json) process.stdout.write(`${toJson({ error: { code, message, params: known?.params ?? {} } })}\n`)
  else terminal.note(`florin: ${message} (${code})`)
  if (error instanceof Interrupted) return error.exitCode
  return WRONG_USAGE.has(code) ? EXIT_USAGE : EXIT_NO
}

export const EXIT_NO = 1
export const EXIT_USAGE = 2

const WRONG_USAGE = new Set(['config_invalid'])

/** What else to do about it, at a command line. */
const HINTS: { readonly [code: string]: string } = {
  economy_not_found: 'See "florin economy list".',
  economy_read_only: 'See "florin doctor".',
  trust_missing: 'Give --expect with a checkpoint that you kept, or --vkey with the key that the log signs with.',
  key_not_found: 'See "florin key list --economy NAME".',
}

/** commander has printed its own message already. */
function reportUsage(terminal: Terminal, { code, message, exitCode }: CommanderError): number {
  if (exitCode === 0) return 0
  if (terminal.json) {
    const sentence = message.replace(/^error: /, '')
    process.stdout.write(
      `${toJson({ error: { code: 'usage_invalid', message: sentence, params: { reason: code } } })}\n`,
    )
  }
  return EXIT_USAGE
}

function sentenceFor({ resume }: Terminal, known: AppError | undefined, error: unknown): string {
  if (known instanceof Interrupted) return resume === undefined ? known.message : `${known.message} ${resume}`
  const hint = HINTS[known?.code ?? '']
  if (known) return hint === undefined ? known.message : `${known.message} ${hint}`
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return `This is a mistake in Florin itself; please report it.\n${detail}\n`
}

/** What went wrong, where it is something that a user can do something about. */
export function knownError(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error
  return fileTrouble(error) ?? databaseTrouble(error)
}

function fileTrouble(error: unknown): AppError | undefined {
  if (!(error instanceof Error && 'code' in error && 'path' in error)) return undefined
  const reason = FILE_REASONS[String(error.code)]
  if (reason === undefined || typeof error.path !== 'string') return undefined
  return new AppError(1, 'file_unusable', `${error.path}: ${reason}`, { path: error.path })
}

const FILE_REASONS: { readonly [code: string]: string } = {
  ENOENT: 'there is no such file or folder. Check the path.',
  EACCES: 'this user may not use it. Check its rights, or run as its owner.',
  EPERM: 'this user may not do that. Check its rights, or run as its owner.',
  EISDIR: 'it is a folder, not a file.',
  ENOTDIR: 'a part of the path is no folder.',
  EEXIST: 'it is there already. Choose another name, or move it away.',
  ENOSPC: 'the disk is full. Make room and run the command again.',
  EROFS: 'the disk is read-only.',
}
