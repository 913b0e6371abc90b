import { type Options, SingleBar } from 'cli-progress'

/**
 * How far long work has come, on stderr where that is a terminal, and nowhere otherwise: a bar where the end is known,
 * else what is being done. It clears itself when it is disposed of.
 */
export function openProgress(label: string): Progress {
  if (!process.stderr.isTTY) return { update: () => undefined, [Symbol.dispose]: () => undefined }
  const bar = new SingleBar({
    format: (_, { progress, total }, { note }: { note: string }) => {
      if (total === UNKNOWN) return `${label} … ${note}`
      const share = Math.min(progress, 1)
      const full = Math.round(share * BAR_CHARACTERS)
      return `${label} ${'█'.repeat(full)}${'░'.repeat(BAR_CHARACTERS - full)} ${Math.floor(share * 100)} % ${note}`
    },
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    gracefulExit: false,
  } satisfies Options)
  bar.start(UNKNOWN, 0, { note: '' })
  return {
    update: ({ done, total, note }) => {
      bar.setTotal(total === undefined ? UNKNOWN : Math.max(total, 1))
      bar.update(done, { note })
    },
    [Symbol.dispose]: () => bar.stop(),
  }
}

export interface Progress extends Disposable {
  update(step: { done: number; total?: number; note: string }): void
}

const BAR_CHARACTERS = 28
const UNKNOWN = 0
