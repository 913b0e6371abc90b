/** The one source of time. A test or a simulation hands in its own and moves it. */
export interface Clock {
  now(): Date
}

export const systemClock: Clock = { now: () => new Date() }

/** A clock that stands still until it is told otherwise. */
export function manualClock(start: Date): Clock & { set(time: Date): void } {
  let time = start
  return {
    now: () => time,
    set: (next) => {
      time = next
    },
  }
}
