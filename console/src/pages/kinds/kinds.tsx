import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { kindsQuery } from '../../api/queries'
import { useHere } from '../../app/place'
import { useSpeech } from '../../i18n'
import { Failed, Skeleton } from '../../kit/state-box'

export function Kinds() {
  const { t } = useSpeech()
  const kinds = useQuery(kindsQuery)
  useHere([{ word: t.nav.kinds }])
  return (
    <main id="main">
      <div className="head"><div><h1>{t.kinds.title}</h1><p>{t.kinds.says}</p></div></div>
      {kinds.error ? <Failed error={kinds.error} again={() => void kinds.refetch()} /> : (
        <section className="card" aria-label={t.kinds.title}>
          {!kinds.data ? <Skeleton rows={12} /> : (
            <table>
              <thead><tr><th>{t.kinds.kind}</th><th>{t.kinds.what}</th><th>{t.kinds.commands}</th><th className="num">{t.kinds.events}</th></tr></thead>
              <tbody>
                {kinds.data.map((kind) => (
                  <tr key={kind.name}><td><Link className="m" to="/k/$kind" params={{ kind: kind.name }}>{t.kindWord(kind.name)}</Link></td><td className="t2"><bdi>{kind.doc}</bdi></td>
                    <td><span className="rules">{kind.observed ? <span className="tag">{t.kinds.observed}</span> : kind.commands.filter((one) => one.door === 'open').map((one) => <code key={one.name} className="rule">{one.name}</code>)}</span></td><td className="num">{kind.events.length}</td></tr>
                ))}
              </tbody>
            </table>
          )}
        </section>
      )}
    </main>
  )
}
