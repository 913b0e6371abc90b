import type { ButtonHTMLAttributes, ReactNode } from 'react'

export type ButtonLook = 'primary' | 'plain' | 'danger' | 'quiet'

interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'disabled'> {
  look?: ButtonLook
  busy?: boolean
  /** Why it cannot be pressed now. It stays in the tab order, so that the reason can be reached and read out. */
  disabledReason?: string | undefined
  children: ReactNode
}

export function Button({ look = 'plain', busy = false, disabledReason, onClick, children, ...rest }: ButtonProps) {
  const blocked = disabledReason !== undefined || busy
  return (
    <button
      type="button"
      {...rest}
      className={buttonLook(look)}
      aria-disabled={blocked}
      aria-busy={busy}
      title={disabledReason}
      onClick={(event) => {
        if (blocked) event.preventDefault()
        else onClick?.(event)
      }}
    >
      {busy ? 'Working…' : children}
      {disabledReason && <span className="sr-only">: {disabledReason}</span>}
    </button>
  )
}

export function buttonLook(look: ButtonLook): string {
  return `${BASE} ${LOOKS[look]}`
}

const BASE =
  'inline-flex h-9 items-center justify-center gap-2 whitespace-nowrap rounded-md px-3 text-sm font-medium transition-colors aria-disabled:cursor-not-allowed aria-disabled:border-line aria-disabled:bg-raised aria-disabled:text-muted'

const LOOKS: Record<ButtonLook, string> = {
  primary: 'bg-accent text-accent-ink hover:opacity-90',
  plain: 'border border-line bg-surface text-ink hover:bg-raised',
  danger: 'border border-danger bg-surface text-danger hover:bg-danger-soft',
  quiet: 'text-muted hover:bg-raised hover:text-ink',
}
