import { useMutation, useQuery } from '@tanstack/react-query'

import { read } from '../api/client.ts'
import { useEconomy, useNames } from '../components/economy.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { proveBlock } from '../components/proof.ts'
import { Verdict } from '../components/verdict.tsx'
import { paths } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { Code, Count, Moment } from '../ui/figures.tsx'
import { Card, Fact, Facts } from '../ui/surfaces.tsx'
import { TextLink } from '../ui/text-link.tsx'

export function BlockPage() {
  const economy = useEconomy()
  const { height } = useNames<'height'>()
  const block = useQuery(read(economy, '/ledger/blocks/{height}', { path: { height } }))
  const verify = useMutation({ mutationFn: async () => await proveBlock(economy, height) })
  return (
    <Page
      title={`Block ${height}`}
      note={<TextLink to={paths.page(economy, 'blocks')}>Blocks</TextLink>}
      actions={
        <Button look="primary" busy={verify.isPending} onClick={() => verify.mutate()}>
          Verify in the browser
        </Button>
      }
    >
      {!verify.isIdle && !verify.isPending && (
        <Card>
          <Verdict steps={verify.data} error={verify.error} />
        </Card>
      )}
      <Loaded from={block}>
        {(found) => (
          <>
            <Card title="Header">
              <Facts>
                <Fact name="Sealed">
                  <Moment at={found.time} />
                </Fact>
                <Fact name="Leaves in the log">
                  <Count value={found.tree_size} />
                </Fact>
                <Fact name="Hash" wide>
                  <Code value={found.hash} />
                </Fact>
                <Fact name="Hash of the block before" wide>
                  <Code value={found.previous_hash} />
                </Fact>
                <Fact name="Root" wide>
                  <Code value={found.root} />
                </Fact>
              </Facts>
            </Card>
            <Card title="Checkpoint" note="Keep it: with it you can show later that nothing before it was changed.">
              <pre className="overflow-x-auto rounded-md bg-raised p-3 font-mono text-xs" tabIndex={0}>
                {found.checkpoint}
              </pre>
            </Card>
          </>
        )}
      </Loaded>
    </Page>
  )
}
