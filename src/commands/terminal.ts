import { once } from 'node:events'

import { Unavailable } from '../core/errors.ts'
import { openProgress, type Progress } from './progress.ts'

/**
 * What a command has of the terminal. Its answer, and nothing else, goes to stdout: text for people, or one line of JSON
 * with --json. Notes and progress go to stderr. The first Ctrl-C (or SIGTERM) asks the command to stop, the second ends
 * the process at once; a reader of stdout who has had enough (`| head`) ends the command without a word.
 */
export class Terminal implements Disposable {
  readonly json: boolean
  exitCode = 0
  /** What to tell somebody who stops the command in the middle: how to go on. */
  resume: string | undefined
  readonly #stop = new AbortController()
  #stopped_ms = 0

  constructor({ json }: { json: boolean }) {
    this.json = json
    process.on('SIGINT', this.#onSignal)
    process.on('SIGTERM', this.#onSignal)
    process.stdout.on('error', this.#onOutputError)
    process.stderr.on('error', ignore)
  }

  /** Aborted when the command shall stop; long work asks it between steps. */
  get signal(): AbortSignal {
    return this.#stop.signal
  }

  /** The command's one answer. */
  async answer(data: unknown, text: string): Promise<void> {
    await this.write(`${this.json ? toJson(data) : text}\n`)
  }

  /** Part of an answer that is too long to be held. */
  async write(piece: string | Buffer): Promise<void> {
    if (!process.stdout.write(piece)) await once(process.stdout, 'drain', { signal: this.signal })
    this.signal.throwIfAborted()
  }

  /** Says something to whoever watches. */
  note(text: string): void {
    process.stderr.write(`${text}\n`)
  }

  /** Shows how far long work has come, where somebody can see it. */
  progress(label: string): Progress {
    return openProgress(label)
  }

  [Symbol.dispose](): void {
    process.off('SIGINT', this.#onSignal)
    process.off('SIGTERM', this.#onSignal)
  }

  readonly #onSignal = (name: NodeJS.Signals) => {
    if (!this.signal.aborted) {
      this.#stopped_ms = performance.now()
      this.#stop.abort(new Interrupted(name))
      return
    }
    // Under npm one Ctrl-C arrives twice: from the terminal, and passed on.
    if (performance.now() - this.#stopped_ms > SAME_SIGNAL_MS) process.exit(exitCodeOf(name))
  }

  readonly #onOutputError = (error: NodeJS.ErrnoException) => {
    this.#stop.abort(error.code === 'EPIPE' ? new ReaderGone() : error)
  }
}

/** Somebody asked the command to stop. */
export class Interrupted extends Unavailable {
  readonly exitCode: number

  constructor(name: NodeJS.Signals) {
    super('interrupted', 'Stopped.')
    this.exitCode = exitCodeOf(name)
  }
}

/** Nobody reads the answer any more. */
export class ReaderGone extends Error {}

/** One line of JSON; whole numbers beyond those of JSON are texts. */
export function toJson(data: unknown): string {
  return JSON.stringify(data, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))
}

const SAME_SIGNAL_MS = 500

/** As shells have it: 128 and the signal's number. */
function exitCodeOf(name: NodeJS.Signals): number {
  return name === 'SIGINT' ? 130 : 143
}

function ignore(): void {
  // Whoever closed stderr does not want to know.
}
