import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'

import { send, type SendBody } from '../api/client.ts'
import { sentenceOf } from '../api/errors.ts'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { paths } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { SelectField, TextField } from '../ui/field.tsx'
import { words } from '../ui/format.ts'
import { Notice } from '../ui/surfaces.tsx'
import { useIdempotencyKey } from './idempotency-key.ts'

/** Credits those who made a change, and leads to what was recorded. */
export function RecordContribution() {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button
        look="primary"
        disabledReason={useRefusal('contributions.record')}
        onClick={() => {
          setOpen(true)
        }}
      >
        Record a contribution
      </Button>
      <Dialog open={open} title="Record a contribution" onClose={() => setOpen(false)}>
        <RecordForm onClose={() => setOpen(false)} />
      </Dialog>
    </>
  )
}

function RecordForm({ onClose }: { onClose: () => void }) {
  const economy = useEconomy()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const { key, settled } = useIdempotencyKey()
  const [change, setChange] = useState(BLANK)
  const people = change.people.split(/[,\n]/).flatMap((name) => name.trim() || [])
  const record = useMutation({
    mutationFn: async () => await send(economy, '/contributions', { body: bodyOf(change, people), key }),
    onSettled: (_, error) => settled(error),
    onSuccess: async ({ data: [first] }) => {
      await queries.invalidateQueries({ queryKey: [economy] })
      onClose()
      if (first) await navigate(paths.contribution(economy, first.id))
    },
  })
  const field = (name: keyof Change) => ({
    value: change[name],
    autoComplete: 'off',
    onChange: ({ target }: { target: { value: string } }) => setChange({ ...change, [name]: target.value }),
  })
  return (
    <form
      className="space-y-3"
      onSubmit={(event) => {
        event.preventDefault()
        if (!record.isPending) record.mutate()
      }}
    >
      <SelectField label="What was done" options={TYPES.map((type) => [type, words(type)])} {...field('type')} />
      <TextField
        label="Article"
        required
        maxLength={300}
        hint="A name that is new adds the article."
        {...field('article')}
      />
      <TextField
        label="Who did it"
        required
        hint="Usernames, the author first, with commas between. They share the base points."
        {...field('people')}
      />
      <TextField
        label="When"
        type="datetime-local"
        step={1}
        hint="In UTC; now when left empty. What is older than the last distribution counts for the first open week."
        {...field('when')}
      />
      <TextField label="Description" maxLength={2000} {...field('description')} />
      <fieldset className="grid grid-cols-2 gap-3">
        <legend className="mb-1 text-sm font-medium">How much, as far as it is known</legend>
        {SIZES.map((name) => (
          <TextField key={name} label={words(name)} type="number" min={0} max={1_000_000} {...field(name)} />
        ))}
      </fieldset>
      {record.error && <Notice tone="danger">{sentenceOf(record.error)}</Notice>}
      <div className="flex justify-end gap-2 pt-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          type="submit"
          look="primary"
          busy={record.isPending}
          disabledReason={people.length > 0 ? undefined : 'Say who did it.'}
        >
          Record it
        </Button>
      </div>
    </form>
  )
}

const TYPES = ['creation', 'major_edit', 'minor_edit', 'translation'] as const
const SIZES = ['word_count', 'images_added', 'links_added', 'sources_cited'] as const

type Change = Record<'type' | 'article' | 'people' | 'when' | 'description' | (typeof SIZES)[number], string>

const BLANK: Change = {
  type: 'creation',
  article: '',
  people: '',
  when: '',
  description: '',
  word_count: '',
  images_added: '',
  links_added: '',
  sources_cited: '',
}

/** What is left empty is not sent: it is unknown, and not zero. */
function bodyOf(change: Change, people: string[]): SendBody<'/contributions'> {
  const { type, article, when, description } = change
  const sizes = SIZES.flatMap((name) => (change[name] === '' ? [] : [[name, Number(change[name])] as const]))
  return {
    type,
    article: article.trim(),
    people,
    ...(when && { created_at: new Date(`${when}Z`).toISOString() }),
    ...(description && { description }),
    ...(sizes.length > 0 && { metadata: Object.fromEntries(sizes) }),
  }
}
