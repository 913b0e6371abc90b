import { useQuery } from '@tanstack/react-query'

import { type Item, read, send } from '../api/client.ts'
import { Confirm } from '../components/confirm.tsx'
import { useEconomy, useRefusal } from '../components/economy.tsx'
import { Loaded, Page } from '../components/page.tsx'
import { type Column, Table } from '../components/table.tsx'
import { CHAINS } from '../components/wallet-choice.tsx'
import { LinkWallet } from '../forms/wallet-link.tsx'
import { Code, Day } from '../ui/figures.tsx'
import { Card, Empty } from '../ui/surfaces.tsx'

type Wallet = Item<'/me/wallets'>

const columns: readonly Column<Wallet>[] = [
  { header: 'Chain', cell: ({ chain }) => CHAINS[chain] },
  { header: 'Address', cell: ({ address }) => <Code value={address} /> },
  { header: 'Linked', wide: true, cell: ({ created_at }) => <Day at={created_at} /> },
  { header: 'Unlink it', action: true, cell: (wallet) => <Unlink wallet={wallet} /> },
]

/** Wallets outside that I have proven to be mine. */
export function MyWalletsPage() {
  const wallets = useQuery(read(useEconomy(), '/me/wallets'))
  return (
    <Page
      title="Wallets"
      note="A wallet that you link is proven to be yours, and you can sign in with it. Linking moves nothing."
    >
      <Loaded from={wallets}>
        {({ data }) => (
          <>
            <Card title="Linked">
              {data.length === 0 ? (
                <Empty title="No wallet is linked">Link one below: one of Ethereum, one of Solana, or both.</Empty>
              ) : (
                <div className="-mx-4 -mb-4">
                  <Table label="Wallets" columns={columns} rows={data} rowKey={({ chain }) => chain} />
                </div>
              )}
            </Card>
            <LinkWallet linked={data.map(({ chain }) => chain)} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Unlink({ wallet: { chain, address } }: { wallet: Wallet }) {
  const economy = useEconomy()
  return (
    <Confirm
      label="Unlink"
      title={`Unlink your ${CHAINS[chain]} wallet?`}
      confirm="Unlink it"
      disabledReason={useRefusal('me.manage_wallets')}
      act={async (key) => await send(economy, '/me/wallets/{chain}/unlink', { path: { chain }, key })}
    >
      <p>
        Nobody signs in with <span className="font-mono text-sm break-all">{address}</span> any more. Whoever can sign
        with it may link it again.
      </p>
    </Confirm>
  )
}
