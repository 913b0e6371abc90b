import type { Command } from 'commander'

import type { Terminal } from './terminal.ts'

/** A command is known by name; what it needs is loaded when it is called, since most of it is not needed by the others. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    group: 'Run:',
    name: 'serve',
    summary: 'start the server',
    load: async () => (await import('./serve.ts')).configureServe,
  },
  {
    group: 'Run:',
    name: 'doctor',
    summary: 'look for what is wrong or missing, and say what to do',
    load: async () => (await import('./doctor.ts')).configureDoctor,
  },
  {
    group: 'Set up:',
    name: 'economy',
    summary: 'create, list and drop economies',
    load: async () => (await import('./economy.ts')).configureEconomy,
  },
  {
    group: 'Set up:',
    name: 'key',
    summary: 'make, list and revoke API keys',
    load: async () => (await import('./key.ts')).configureKey,
  },
  {
    group: 'Set up:',
    name: 'backup',
    summary: 'write all of an economy into a file',
    load: async () => (await import('./backup.ts')).configureBackup,
  },
  {
    group: 'Set up:',
    name: 'restore',
    summary: 'make an economy from a backup',
    load: async () => (await import('./backup.ts')).configureRestore,
  },
  {
    group: 'Work:',
    name: 'import',
    summary: 'bring in what happened elsewhere',
    load: async () => (await import('./import.ts')).configureImport,
  },
  {
    group: 'Work:',
    name: 'distribute',
    summary: 'pay the weekly rewards',
    load: async () => (await import('./distribute.ts')).configureDistribute,
  },
  {
    group: 'Work:',
    name: 'report',
    summary: 'lists for spreadsheets',
    load: async () => (await import('./report.ts')).configureReport,
  },
  {
    group: 'Work:',
    name: 'close',
    summary: 'close the books before a day',
    load: async () => (await import('./close.ts')).configureClose,
  },
  {
    group: 'Work:',
    name: 'statement',
    summary: 'write a member’s statement of a year',
    load: async () => (await import('./statement.ts')).configureStatement,
  },
  {
    group: 'Prove:',
    name: 'verify',
    summary: 'recompute the books and the log, and say what does not hold',
    load: async () => (await import('./verify.ts')).configureVerify,
  },
  {
    group: 'Prove:',
    name: 'checkpoint',
    summary: 'print the newest signed head of the log',
    load: async () => (await import('./checkpoint.ts')).configureCheckpoint,
  },
  {
    group: 'Prove:',
    name: 'export',
    summary: 'write the journal, the log or a proof for others to check',
    load: async () => (await import('./export.ts')).configureExport,
  },
  {
    group: 'Prove:',
    name: 'verify-export',
    summary: 'verify an exported log, without database or server',
    load: async () => (await import('./verify-export.ts')).configureVerifyExport,
  },
  {
    group: 'Prove:',
    name: 'verify-proof',
    summary: 'verify the proof of one posting, without database or server',
    load: async () => (await import('./verify-proof.ts')).configureVerifyProof,
  },
  {
    group: 'Prove:',
    name: 'log',
    summary: 'go on after a fork, or change the key that signs',
    load: async () => (await import('./log.ts')).configureLog,
  },
  {
    group: 'More:',
    name: 'bench',
    summary: 'measure this machine against its own database',
    load: async () => (await import('./bench.ts')).configureBench,
  },
]

interface CommandEntry {
  group: string
  name: string
  summary: string
  load: () => Promise<Configure>
}

/** Gives a command its description, arguments, options, and what it does. */
type Configure = (command: Command, terminal: Terminal) => void
