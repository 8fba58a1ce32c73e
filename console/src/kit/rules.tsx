// Rules in words: what the constitution in force says of each that decided.
import { queryOptions, useQuery } from '@tanstack/react-query'
import { get } from '../api/client'
import { useSpeech } from '../i18n'

export interface Rule {
  id: string
  effect: string
  en: string
  ar: string
}
export interface Constitution {
  version: string
  state: 'active' | 'superseded' | 'unloadable'
  rules: Rule[]
  text?: string
  reason?: string
  problems?: { path: string; message: string }[]
}

export const constitutionQuery = (version = '') =>
  queryOptions({ queryKey: ['constitution', version], queryFn: ({ signal }) => get<Constitution>(`/v1/constitution${version ? `?version=${encodeURIComponent(version)}` : ''}`, signal), staleTime: version ? Infinity : 30_000 })

/** Each rule by its id, and beneath it its sentence when the constitution in force has it. */
export function RuleWords({ ids }: { ids: readonly string[] }) {
  const { language } = useSpeech()
  const rules = useQuery(constitutionQuery()).data?.rules
  return (
    <ul className="stack s1">
      {ids.map((id) => {
        const rule = rules?.find((one) => one.id === id)
        return <li key={id} className="block"><code className="rule">{id}</code>{rule ? <> <span className="t2">{language === 'ar' ? rule.ar : rule.en}</span></> : null}</li>
      })}
    </ul>
  )
}
