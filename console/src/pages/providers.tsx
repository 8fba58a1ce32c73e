import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { everyQuery, tenantsQuery } from '../api/queries'
import { useHere } from '../app/place'
import { useSpeech } from '../i18n'
import { useCommands } from '../kit/acts'
import { Button } from '../kit/button'
import { Create } from '../kit/create'
import { Empty, Failed, Skeleton } from '../kit/state-box'
import { Status } from '../kit/status'

export function Providers() {
  const { t, age } = useSpeech()
  const tenants = useQuery(tenantsQuery)
  const names = (tenants.data?.items ?? []).map((one) => one.id)
  const list = useQuery({ ...everyQuery('provider', names), enabled: tenants.data !== undefined })
  const add = useCommands('provider')?.find((one) => one.name === 'add')
  const [adding, set] = useState(false)
  useHere([{ word: t.nav.providers }])
  const error = tenants.error ?? list.error
  return (
    <main id="main">
      <div className="head"><div><h1>{t.providers.title}</h1><p>{t.providers.says}</p></div><div className="acts">{add && names.length ? <Button icon="plus" onClick={() => set(true)}>{t.providers.add}</Button> : null}</div></div>
      {error ? <Failed error={error} again={() => void list.refetch()} /> : (
        <section className="card" aria-label={t.providers.title}>
          {!list.data ? <Skeleton rows={5} /> : list.data.length === 0 ? <Empty title={t.providers.none} command="novactl command provider/local add -t TENANT --set kind=local --set name=local">{t.providers.noneSays}</Empty> : (
            <table>
              <thead><tr><th>{t.providers.provider}</th><th>{t.tree.state}</th><th>{t.providers.tenant}</th><th>{t.overview.reason}</th><th className="num">{t.deployments.changed}</th></tr></thead>
              <tbody>
                {list.data.map((one) => (
                  <tr key={`${one.tenant}/${one.id}`}><td><Link className="m" to="/k/$kind/$tenant/$id" params={{ kind: 'provider', tenant: one.tenant, id: one.id }}><bdi>{one.id}</bdi></Link></td><td><Status status={one.status} /></td><td><bdi>{one.tenant}</bdi></td><td className="t2"><bdi>{one.reason}</bdi></td><td className="num"><bdi>{age(one.updated_at)}</bdi></td></tr>
                ))}
              </tbody>
            </table>
          )}
        </section>
      )}
      {adding && add ? <Create kind="provider" command={add} tenants={names} onClose={() => set(false)} /> : null}
    </main>
  )
}
