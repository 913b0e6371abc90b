import { useQuery } from '@tanstack/react-query'

import { type Answer, read } from '../api/client.ts'
import { paths } from '../paths.ts'
import { Amount } from '../ui/figures.tsx'
import { words } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { Card } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'
import { useEconomy } from './economy.tsx'
import { ParameterValue, ShapedValue } from './parameter-value.tsx'

export type Proposal = Answer<'/proposals/{id}'>

/** What carrying the proposal out does, in words: the value before and after, or what is paid to whom. */
export function ProposalEffect({ of: { proposal_type, parameters, status } }: { of: Proposal }) {
  const asked = (parameters ?? {}) as Record<string, unknown>
  const done = status === 'executed'
  return (
    <Card title={done ? 'What it did' : 'What it would do'}>
      {proposal_type === 'parameter_change' ? (
        <ParameterChange asked={asked} done={done} />
      ) : proposal_type === 'treasury_allocation' ? (
        <Allocation asked={asked} done={done} />
      ) : proposal_type === 'feature_request' ? (
        <FeatureRequest url={asked['url']} />
      ) : (
        <ParameterValue value={parameters} />
      )}
    </Card>
  )
}

function ParameterChange({ asked, done }: { asked: Record<string, unknown>; done: boolean }) {
  const economy = useEconomy()
  const name = textOf(asked['parameter_name'])
  const { current_value: before, proposed_value: after } = asked
  const parameter = useQuery(read(economy, '/parameters/{name}', { path: { name } })).data
  const moved = !done && parameter !== undefined && JSON.stringify(parameter.value) !== JSON.stringify(before)
  return (
    <div className="space-y-3">
      <p>
        {done ? 'It set' : 'It sets'} the parameter{' '}
        <TextLink to={paths.parameter(economy, name)}>{words(name)}</TextLink>
        {parameter && <span className="block text-sm text-muted">{parameter.description}</span>}
      </p>
      <div className="flex flex-wrap items-center gap-3">
        <Value name="Before" value={before} shape={parameter?.shape} />
        <Icon name="arrow" className="text-muted" />
        <Value name="After" value={after} shape={parameter?.shape} strong />
      </div>
      {moved && (
        <p className="text-sm text-muted">
          It has been changed since this was proposed, and is now{' '}
          <ShapedValue value={parameter.value} shape={parameter.shape} />.
        </p>
      )}
    </div>
  )
}

function Value({ name, value, shape, strong = false }: ValueProps) {
  return (
    <div className={`min-w-0 rounded-md px-3.5 py-2 ${strong ? 'bg-accent-soft' : 'bg-raised'}`}>
      <p className="text-xs text-muted">{name}</p>
      <div className={strong ? 'font-semibold' : ''}>
        <ShapedValue value={value} shape={shape} />
      </div>
    </div>
  )
}

interface ValueProps {
  name: string
  value: unknown
  shape: unknown
  strong?: boolean
}

function Allocation({ asked, done }: { asked: Record<string, unknown>; done: boolean }) {
  const economy = useEconomy()
  const { recipient } = asked
  return (
    <p>
      {done ? 'It paid' : 'It pays'}{' '}
      <span className="text-lg font-semibold">
        <Amount value={textOf(asked['amount'])} asset={textOf(asked['asset'])} />
      </span>{' '}
      from the treasury to{' '}
      {typeof recipient === 'string' ? (
        <TextLink to={paths.contributor(economy, recipient)}>{recipient}</TextLink>
      ) : (
        <span className="font-mono text-[0.92em] break-all">{textOf(asked['account'])}</span>
      )}
      .
    </p>
  )
}

function FeatureRequest({ url }: { url: unknown }) {
  return (
    <div className="space-y-1">
      <p>Nothing moves and nothing changes: it says what members want, and staff see to it.</p>
      {typeof url === 'string' && (
        <p>
          <a className="font-medium break-all text-accent hover:underline" href={url} rel="noreferrer" target="_blank">
            {url}
          </a>
        </p>
      )}
    </div>
  )
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
