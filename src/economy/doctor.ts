import { readControl } from './control.ts'
import { examineEconomies } from './doctor-economies.ts'
import { examineFiles } from './doctor-files.ts'
import { type DiagnoseOptions, type Finding, sentence } from './doctor-finding.ts'
import { examineServer } from './doctor-server.ts'

/**
 * Looks at everything that Florin stands on, changes nothing, and says what it found: the data folder, the database
 * server, and each economy. It goes on wherever it can, and never throws for what it is there to find.
 */
export async function diagnose(options: DiagnoseOptions): Promise<Finding[]> {
  const findings = await examineFiles(options.installation.data)
  const server = await examineServer(options)
  findings.push(...server)
  if (server.some(({ code }) => code === 'database_unreachable')) return findings
  return [...findings, ...(await examineInstallation(options))]
}

async function examineInstallation({ installation, blueprints }: DiagnoseOptions): Promise<Finding[]> {
  const subject = 'control database'
  try {
    const control = await readControl(installation)
    if (!control) {
      return [{ level: 'ok', code: 'control_new', subject, message: 'There is none yet; the first start makes it.' }]
    }
    try {
      const message = `Installation ${control.id}.`
      return [
        { level: 'ok', code: 'control_ready', subject, message },
        ...(await examineEconomies(control, blueprints)),
      ]
    } finally {
      await control.close()
    }
  } catch (error) {
    return [{ level: 'problem', code: 'control_unreadable', subject, message: sentence(error) }]
  }
}
