import { defineConfig } from 'vitest/config'

/** The repository's own rules alone: they need no database. */
export default defineConfig({ test: { include: ['test/tidy.test.ts'] } })
