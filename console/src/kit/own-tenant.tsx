// Which of their tenants a member looks at; nothing for who belongs to one, or sees all.
import { placeOf, seesAll, useMe } from '../api/queries'
import { useT } from '../i18n'

export function OwnTenant({ wanted, onChoose }: { wanted: string; onChoose: (tenant: string) => void }) {
  const t = useT()
  const who = useMe()
  const own = who?.tenants ?? []
  if (seesAll(who) || own.length < 2) return null
  return <select className="chip" aria-label={t.kinds.tenant} value={placeOf(who, wanted)} onChange={(event) => onChoose(event.target.value)}>{own.map(({ tenant }) => <option key={tenant}>{tenant}</option>)}</select>
}
