import { sentenceOf } from '../api/errors.ts'
import { Page } from '../components/page.tsx'
import { buttonLook } from '../ui/button.tsx'
import { Notice } from '../ui/surfaces.tsx'

export function Missing() {
  return (
    <Page title="There is nothing here" note="The address may be mistyped, or what it named may be gone.">
      <a href="/console/" className={buttonLook('plain')}>
        Go to the start
      </a>
    </Page>
  )
}

export function Broken({ error }: { error: unknown }) {
  return (
    <Page title="This page broke">
      <Notice tone="danger">{sentenceOf(error)}</Notice>
      <a href="/console/" className={buttonLook('plain')}>
        Go to the start
      </a>
    </Page>
  )
}
