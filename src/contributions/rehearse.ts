import { type Db, isPgError, PG, type Tx } from '../core/db.ts'

/**
 * Does `work` and takes all of it back: the answer says what would have happened, by the very code that would do it. It
 * sees one unchanging view and keeps nobody from writing what it does not write itself; where it meets somebody who
 * does, it starts again.
 */
export async function rehearse<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      await db
        .transaction()
        .setIsolationLevel('repeatable read')
        .execute(async (tx) => {
          throw new Rehearsed(await work(tx))
        })
    } catch (error) {
      if (error instanceof Rehearsed) return error.answer as T
      if (attempt === ATTEMPTS_MAX || !PASSING.some((code) => isPgError(error, code))) throw error
    }
  }
}

const ATTEMPTS_MAX = 5
const PASSING = [PG.serialization_failure, PG.deadlock_detected, PG.unique_violation]

class Rehearsed extends Error {
  readonly answer: unknown

  constructor(answer: unknown) {
    super('A rehearsal is taken back')
    this.answer = answer
  }
}
