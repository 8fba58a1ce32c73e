// Who governs the installation and has no second factor yet: nothing else is open to them before it is there.
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMe, whoQuery } from '../../api/queries'
import { useT } from '../../i18n'
import { Authenticator } from './authenticator'
import { Alone } from './frame'

export function Factor() {
  const t = useT()
  const client = useQueryClient()
  const navigate = useNavigate()
  const who = useMe()
  const done = async () => {
    await client.fetchQuery({ ...whoQuery, staleTime: 0 })
    await navigate({ to: '/' })
  }
  return (
    <Alone title={t.enrol.appTitle} says={t.enrol.factorNeeded}>
      <Authenticator label={who?.user?.state.account?.email ?? who?.principal ?? ''} onDone={() => void done()} />
    </Alone>
  )
}
