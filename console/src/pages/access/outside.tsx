// One's own identities at outside providers: linked and unlinked by their person alone.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { get, post, seg } from '../../api/client'
import { useT } from '../../i18n'
import { Button } from '../../kit/button'
import { Ask } from '../../kit/dialog'
import { Failed } from '../../kit/state-box'

export interface Provider {
  name: string
  title: string
  start: string
}
interface LinkItem {
  id: string
  status: string
  state: { provider: string }
}

export const useProviders = () => useQuery({ queryKey: ['providers-outside'], queryFn: ({ signal }) => get<{ items: Provider[] }>('/api/auth/oidc', signal), staleTime: 60_000, retry: false }).data?.items ?? []

export function Outside() {
  const t = useT()
  const client = useQueryClient()
  const providers = useProviders()
  const [leaving, leave] = useState<LinkItem | null>(null)
  const links = useQuery({ queryKey: ['links-outside'], queryFn: ({ signal }) => get<{ items: LinkItem[] }>('/api/auth/oidc/links', signal), enabled: providers.length > 0 })
  const unlink = useMutation({ mutationFn: (id: string) => post(`/v1/tenants/system/identity_links/${seg(id)}/unlink`), onSuccess: () => { leave(null); void client.invalidateQueries({ queryKey: ['links-outside'] }) } })
  const link = useMutation({
    mutationFn: async (one: Provider) => {
      // The cookie goes to where the provider sends the browser back to.
      const { origin } = new URL(one.start)
      if (origin !== location.origin) throw new Error(t.access.linkAt(`${origin}/settings`))
      location.assign((await post<{ location: string }>(`/api/auth/oidc/${seg(one.name)}/link`)).location)
    },
  })
  if (providers.length === 0) return null
  const linked = links.data?.items.filter((one) => one.status === 'linked') ?? []
  const title = (name: string) => providers.find((one) => one.name === name)?.title ?? name
  const error = links.error ?? link.error
  return (
    <section className="card body-card stack" id="outside">
      <h2>{t.access.outside}</h2>
      {error ? <Failed error={error} /> : null}
      {linked.length ? <ul className="stack s2" id="links">{linked.map((one) => <li key={one.id} className="rowx"><b className="m sp"><bdi>{title(one.state.provider)}</bdi></b><Button size="sm" look="dngo" aria-label={t.access.unlinkTitle(title(one.state.provider))} onClick={() => leave(one)}>{t.access.unlink}</Button></li>)}</ul> : <p className="t3">{t.access.outsideNone}</p>}
      <div className="rowx s2" id="to-link">{providers.filter((one) => !linked.some((each) => each.state.provider === one.name)).map((one) => <Button key={one.name} busy={link.isPending} onClick={() => link.mutate(one)}><bdi>{t.access.link(one.title)}</bdi></Button>)}</div>
      {leaving ? (
        <Ask open onClose={() => leave(null)} title={t.access.unlinkTitle(title(leaving.state.provider))} icon="lock" family="bad" says={t.access.unlinkSays} footer={<Button look="dng" id="unlink-now" busy={unlink.isPending} onClick={() => unlink.mutate(leaving.id)}>{t.access.unlinkNow}</Button>}>
          {unlink.error ? <Failed error={unlink.error} /> : null}
        </Ask>
      ) : null}
    </section>
  )
}
