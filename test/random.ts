/** Numbers that only look random: the same for the same seed (mulberry32, Tommy Ettinger, public domain). */
export function randomOf(seed: number) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const below = (limit: number) => next() % limit
  return {
    /** A whole number from 0 up to, and without, `limit`. */
    below,
    pick: <T>(values: readonly T[]): T => values[below(values.length)]!,
    /** True in so many of a hundred cases. */
    chance: (percent: number) => below(100) < percent,
    uuid: () => {
      const hex = Array.from({ length: 4 }, () => next().toString(16).padStart(8, '0')).join('')
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
    },
  }
}

export type Random = ReturnType<typeof randomOf>
