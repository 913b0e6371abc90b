/** How much of the whole is done, as a bar; the figures stand beside it as text. */
export function Progress({ label, done, total }: { label: string; done: number; total: number }) {
  return <progress aria-label={label} max={Math.max(total, 1)} value={total === 0 ? 1 : done} className={BAR} />
}

const BAR =
  'block h-1.5 w-full min-w-24 flex-1 appearance-none overflow-hidden rounded-full bg-raised [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-raised [&::-webkit-progress-value]:bg-accent'
