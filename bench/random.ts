/** A whole number from 0 up to `n`, which is not reached: the same ones in every run, so that runs can be compared. */
export function uniform(n: number): number {
  // Marsaglia, "Xorshift RNGs", 2003: the 32-bit generator with the shifts 13, 17, 5.
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return Math.floor(((state >>> 0) / 2 ** 32) * n)
}

/** Ranks from 0 up to `n`, each taken in proportion to 1/(rank + 1): Zipf's law with the exponent 1. */
export function zipf(n: number): () => number {
  const sums = new Float64Array(n)
  let sum = 0
  for (let rank = 0; rank < n; rank++) sums[rank] = sum += 1 / (rank + 1)
  return () => {
    const wanted = (uniform(2 ** 32) / 2 ** 32) * sum
    let low = 0
    let high = n - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (sums[middle]! > wanted) high = middle
      else low = middle + 1
    }
    return low
  }
}

let state = 0x9e3779b9
