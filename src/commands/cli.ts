import { Command } from 'commander'

import { VERSION } from '../core/version.ts'
import { COMMANDS } from './command-table.ts'
import { reportFailure } from './failure.ts'
import { Terminal } from './terminal.ts'

/** Runs the command that the arguments ask for, and returns the exit code (see reportFailure). */
export async function runCli(argv: readonly string[]): Promise<number> {
  using terminal = new Terminal({ json: argv.includes('--json') })
  try {
    const program = await createProgram(argv, terminal)
    if (argv.length === 0) program.outputHelp()
    else await program.parseAsync(argv, { from: 'user' })
    return terminal.exitCode
  } catch (error) {
    return reportFailure(terminal, error)
  }
}

async function createProgram(argv: readonly string[], terminal: Terminal): Promise<Command> {
  const program: Command = new ForgivingCommand('florin')
    .description('Run a token economy you can prove. Every command has its own --help.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print how a command is used')
    .option('--json', 'answer with one line of JSON on stdout, errors too')
    .addHelpText('after', EPILOGUE)
    .configureHelp({
      showGlobalOptions: true,
      visibleGlobalOptions: ({ parent }) => (parent ? program.options.filter(({ long }) => long === '--json') : []),
    })
    .configureOutput({
      outputError: (text, write) =>
        terminal.json
          ? undefined
          : write(text.replace(/^error: (.)/, (_, first: string) => `florin: ${first.toUpperCase()}`)),
    })
    .showHelpAfterError('Add --help to see how it is used.')
    .exitOverride()
    .commandsGroup('More:')
    .helpCommand('help [command]', 'print how a command is used')
  const words = argv.filter((word) => !word.startsWith('-'))
  const asked = words[0] === 'help' ? words[1] : words[0]
  for (const { group, name, summary, load } of COMMANDS) {
    const command = program.command(name).summary(summary).description(asSentence(summary)).helpGroup(group)
    if (name === asked) (await load())(command, terminal)
  }
  return program
}

const EPILOGUE = `
Start here:
  florin economy create wiki --blueprint kontrib
  florin import contributions examples/wiki-history/wiki-history.jsonl.gz --economy wiki
  florin distribute --economy wiki --through 2026-08-24
  florin verify --economy wiki

Exit codes: 0 fine, 1 the answer is no (a finding, a refusal), 2 called wrongly. Settings come from the environment;
docs/operations.md lists them.`

/** Asked for an option that it does not know, it says so before it asks for one that is missing: likely it is the same. */
class ForgivingCommand extends Command {
  override createCommand(name?: string): Command {
    return new ForgivingCommand(name)
  }

  override parseOptions(argv: string[]): { operands: string[]; unknown: string[] } {
    const parsed = super.parseOptions(argv)
    if (this.commands.length === 0 && parsed.unknown.length > 0) {
      for (const option of this.options) option.mandatory = false
    }
    return parsed
  }
}

function asSentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`
}
