import { type AppError, Unavailable } from './errors.ts'

/** What PostgreSQL's own words mean for the one who started Florin, and what to do about it. */
export function explainOutput(output: string, { what, path }: { what: string; path: string }): AppError {
  const cause = causes.find(({ says }) => says.test(output))
  const advice = cause?.advice ?? 'It says why below.'
  const last = output.trim().split('\n').slice(-OUTPUT_LINES).join('\n')
  return new Unavailable(cause?.code ?? 'postgres_failed', `${what} (${path}). ${advice}\n${last}`, { path })
}

/** The same for what the file system refused: anything else is handed back as it is. */
export function explainFileError(error: unknown): unknown {
  if (!isFileError(error)) return error
  const { code, path = 'the data folder' } = error
  const params = { path }
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new Unavailable('disk_full', `${path} could not be written. ${FREE_SPACE}`, params, { cause: error })
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new Unavailable(
      'data_folder_denied',
      `No permission for ${path} (${code}). Run Florin as the user it belongs to, or set FLORIN_DATA to a folder of yours.`,
      params,
      { cause: error },
    )
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return new Unavailable('data_folder_unusable', `${path} is not a folder: set FLORIN_DATA to one.`, params, {
      cause: error,
    })
  return error
}

/** True when the server did not start because processes of a killed one still hold its memory. */
export function orphansLinger(output: string): boolean {
  return LINGERING.test(output)
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error
}

const FREE_SPACE =
  'The disk is full: free some space, or move the data folder to a larger disk. Nothing acknowledged is lost.'
const OUTPUT_LINES = 8
const LINGERING = /pre-existing shared memory block/

const causes = [
  { says: /No space left on device|Disk quota exceeded/, code: 'disk_full', advice: FREE_SPACE },
  {
    says: /Permission denied|invalid permissions|wrong ownership/,
    code: 'data_folder_denied',
    advice:
      'The OS user that runs PostgreSQL must own this folder (mode 0700) and be able to enter the folders above it (chmod o+x).',
  },
  {
    says: LINGERING,
    code: 'postgres_lingers',
    advice: 'Processes of the server before still run: end those that ps shows as "postgres:", then start again.',
  },
  {
    says: /lock file "[^"]*" already exists/,
    code: 'postgres_runs_already',
    advice: 'Another server was started there just now, not by Florin: try again, and it is used.',
  },
  {
    says: /Cannot allocate memory|could not (create|map anonymous|resize) shared memory/,
    code: 'out_of_memory',
    advice: 'There is too little memory: free some, or give the machine more.',
  },
  {
    says: /checkpoint record|invalid checksum|could not read|PANIC/,
    code: 'postgres_data_damaged',
    advice: 'Its files are damaged. Copy the folder before anything else, then restore the last backup.',
  },
]
