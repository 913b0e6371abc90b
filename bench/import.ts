import type { Benchmark } from './harness.ts'
import { measureImport } from './history.ts'

/** Reading a wiki's history into contributions. */
export const importing: Benchmark = {
  name: 'import',
  about: 'The whole file examples/wiki-history into an empty economy, as `florin import contributions` does; once.',
  async run(bench) {
    await bench.withEconomy(async (economy) => {
      await measureImport(bench, economy)
    })
  },
}
