import { Link } from '@tanstack/react-router'
import { useT } from '../i18n'
import { Empty } from '../kit/state-box'

export function Lost() {
  const t = useT()
  return (
    <main id="main"><h1 className="sr">{t.lost.title}</h1><div className="card"><Empty title={t.lost.title}><Link to="/">{t.lost.home}</Link></Empty></div></main>
  )
}
