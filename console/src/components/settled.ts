import { useEffect, useState } from 'react'

/** A text once it has stood still: for what the server is asked about while somebody types. */
export function useSettled(text: string): string {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), STILL_MS)
    return () => clearTimeout(timer)
  }, [text])
  return settled
}

const STILL_MS = 300
