import { batcher } from './batcher.ts'
import { distribution } from './distribution.ts'
import type { Benchmark } from './harness.ts'
import { history } from './history.ts'
import { http } from './http.ts'
import { importing } from './import.ts'
import { log } from './log.ts'
import { maturities } from './maturities.ts'
import { members } from './members.ts'
import { memory } from './memory.ts'
import { posting } from './posting.ts'
import { reads } from './reads.ts'
import { signingIn } from './sign-in.ts'
import { storage } from './storage.ts'
import { tally } from './tally.ts'

/** In the order in which they are run. */
export const BENCHMARKS: readonly Benchmark[] = [
  posting,
  batcher,
  http,
  reads,
  log,
  importing,
  history,
  distribution,
  signingIn,
  members,
  maturities,
  tally,
  memory,
  storage,
]
