import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import type { Command } from 'commander'

import { PROJECT_ROOT } from '../config.ts'
import { EXIT_NO } from './failure.ts'
import type { Terminal } from './terminal.ts'

/** `florin bench`: hands its arguments to bench/run.ts, as `npm run bench` does. */
export function configureBench(command: Command, terminal: Terminal): void {
  command
    .description(
      'Measure posting, sealing, proving and the rest on this machine, beside a baseline of PostgreSQL’s own.',
    )
    .argument('[names...]', 'some benchmarks; all unless given')
    .option('--quick', 'a short run, for a first impression')
    .option('--strict', 'exit with 1 when a bar is missed')
    .action(async (names: string[], flags: { quick?: boolean; strict?: boolean }) => {
      const chosen = (['quick', 'strict'] as const).filter((flag) => flags[flag]).map((flag) => `--${flag}`)
      const args = [join(PROJECT_ROOT, 'bench/run.ts'), ...names, ...chosen, ...(terminal.json ? ['--json'] : [])]
      const child = spawn(process.execPath, args, { stdio: 'inherit' })
      terminal.signal.addEventListener('abort', () => child.kill('SIGTERM'))
      const [code] = (await once(child, 'exit')) as [number | null]
      terminal.exitCode = code ?? EXIT_NO
    })
}
