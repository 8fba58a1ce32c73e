// Any thing of any kind: its state, why it is so, its history, and what one may do with it.
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { oneQuery } from '../../api/queries'
import type { KindName } from '../../api/types'
import { useHere } from '../../app/place'
import { useSpeech } from '../../i18n'
import { Acts } from '../../kit/acts'
import { Facts } from '../../kit/facts'
import { Failed, Skeleton } from '../../kit/state-box'
import { Tag } from '../../kit/status'
import { Tabs } from '../../kit/tabs'
import { Why } from '../../kit/why'
import { History } from '../tree/inspector'

export function Thing() {
  const { t, age } = useSpeech()
  const { kind, tenant, id } = useParams({ from: '/shell/k/$kind/$tenant/$id' })
  const navigate = useNavigate({ from: '/k/$kind/$tenant/$id' })
  const { tab = 'state' } = useSearch({ from: '/shell/k/$kind/$tenant/$id' })
  const one = useQuery(oneQuery(tenant, kind as KindName, id))
  useHere([{ word: t.nav.kinds, to: '/kinds' }, { word: t.kindWord(kind), to: `/k/${kind}` }, { word: id }])
  const target = { tenant, kind, id }
  return (
    <main id="main">
      <div className="head"><div><div className="rowx s2 wrap"><h1 className="break"><bdi>{id}</bdi></h1>{one.data?.status ? <Tag status={one.data.status} /> : null}</div>
        <p><code>{`${tenant}/${kind}/${id}`}</code>{one.data ? <> · {t.kinds.version} <span className="n">{one.data.version}</span> · {t.kinds.changed} <bdi>{t.time.ago(age(one.data.updated_at))}</bdi></> : null}{one.data?.parent ? <> · <Link to="/k/$kind/$tenant/$id" params={{ kind: one.data.parent.split('/')[0]!, tenant, id: one.data.parent.split('/').slice(1).join('/') }}><bdi>{one.data.parent}</bdi></Link></> : null}</p>
        {one.data?.reason ? <p><bdi>{one.data.reason}</bdi></p> : null}</div></div>
      {one.error ? <Failed error={one.error} again={() => void one.refetch()} /> : !one.data ? <Skeleton rows={8} /> : (
        <div className="split">
          <section className="card body-card stack">
            <Tabs label={id} now={tab} onChange={(next) => void navigate({ search: { tab: next }, replace: true })} tabs={[['state', t.kinds.tabs.state], ['why', t.kinds.tabs.why], ['history', t.kinds.tabs.history], ['raw', t.kinds.raw]]}>
              {tab === 'why' ? <Why {...target} /> : tab === 'history' ? <History {...target} /> : tab === 'raw' ? <pre className="code" tabIndex={0}>{JSON.stringify(one.data, null, 2)}</pre> : <Facts of={one.data.state as Record<string, unknown>} />}
            </Tabs>
          </section>
          <section className="card body-card"><Acts target={target} /></section>
        </div>
      )}
    </main>
  )
}
