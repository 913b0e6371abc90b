import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { PROJECT_ROOT } from '../src/config.ts'
import { TRANSITIONS } from '../src/governance/governance-rules.ts'

test('docs/systems/kontrib.md has the table of what may become of a proposal', async () => {
  const page = await readFile(join(PROJECT_ROOT, 'docs/systems/kontrib.md'), 'utf8')
  for (const { from, to, by, due, when } of TRANSITIONS) {
    expect(page).toContain(`| ${from} | ${to} | ${by.join(', ')} | ${due === null ? '' : `\`${due}\`, `}${when} |`)
  }
})
