import type { Command } from 'commander'

import { BLUEPRINTS } from '../../blueprints/blueprints.ts'
import { openInstallation } from '../app.ts'
import { readConfig } from '../config.ts'
import { systemClock } from '../core/clock.ts'
import { createLog } from '../core/log.ts'
import type { Finding } from '../economy/doctor-finding.ts'
import { diagnose } from '../economy/doctor.ts'
import { EXIT_NO, knownError } from './failure.ts'
import type { Terminal } from './terminal.ts'

/** `florin doctor`. */
export function configureDoctor(command: Command, terminal: Terminal): void {
  command
    .description(
      'Look at all that Florin stands on: the data folder, the database server with its rights and settings, and each economy. It changes nothing, and says of everything that is wrong what to do. Exits with 1 when something will not work.',
    )
    .action(async () => await run(terminal))
}

async function run(terminal: Terminal): Promise<void> {
  const findings = await examine()
  const ok = !findings.some(({ level }) => level === 'problem')
  await terminal.answer({ ok, findings }, findings.map(textOf).join('\n'))
  if (!ok) terminal.exitCode = EXIT_NO
}

async function examine(): Promise<Finding[]> {
  const config = readConfig()
  try {
    const { postgres, installation } = await openInstallation(config, {
      log: createLog({ level: 'silent', destination: process.stderr }),
    })
    try {
      const { connections_max } = config
      return await diagnose({ installation, blueprints: BLUEPRINTS, clock: systemClock, connections_max })
    } finally {
      await postgres?.stop()
    }
  } catch (error) {
    // Without the database there is little to look at, and why it is not there is the finding.
    const known = knownError(error)
    if (!known) throw error
    return [{ level: 'problem', code: known.code, subject: 'installation', message: known.message }]
  }
}

function textOf({ level, code, subject, message, sql }: Finding): string {
  const statements = (sql ?? []).map((statement) => `\n          ${statement};`)
  return `${MARKS[level]} ${subject}: ${message} (${code})${statements.join('')}`
}

const MARKS = { ok: 'ok      ', warning: 'warning ', problem: 'PROBLEM ' }
