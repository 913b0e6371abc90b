/**
 * Looks things up by their keys, one statement at a time: what is asked for while one is under way is gathered for the
 * next, so that a thousand callers at once cost a few statements. Whoever asks alone waits for nothing, and nobody is
 * answered with what was read before they asked. `look` leaves out what it does not find; where it fails, those fail who
 * were waiting for it.
 */
export function gather<Key, Value>(
  look: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
): (key: Key) => Promise<Value | undefined> {
  const waiting = new Map<Key, PromiseWithResolvers<Value | undefined>>()
  let looking = false

  const lookUpAll = async () => {
    looking = true
    while (waiting.size > 0) {
      const asked = [...waiting].slice(0, KEYS_MAX)
      for (const [key] of asked) waiting.delete(key)
      try {
        const found = await look(asked.map(([key]) => key))
        for (const [key, answer] of asked) answer.resolve(found.get(key))
      } catch (error) {
        for (const [, answer] of asked) answer.reject(error)
      }
    }
    looking = false
  }

  return async (key) => {
    const answer = waiting.get(key) ?? Promise.withResolvers<Value | undefined>()
    waiting.set(key, answer)
    if (!looking) void lookUpAll()
    return await answer.promise
  }
}

/** In one statement. */
const KEYS_MAX = 1_000
