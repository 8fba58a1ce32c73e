// Places and what their addresses hold. Each page is a chunk of its own; what a page shows is in its address.
import { Outlet, createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import type { QueryClient } from '@tanstack/react-query'
import { whoQuery } from '../api/queries'
import { Lost } from './lost'
import { Shell } from './shell'

interface Context {
  client: QueryClient
}

type Text = Record<string, unknown>
const text = (search: Text, ...names: string[]) => Object.fromEntries(names.filter((name) => search[name] !== undefined && search[name] !== '').map((name) => [name, String(search[name])]))
const words = <K extends string>(...names: K[]) => (search: Text): { [key in K]?: string } => text(search, ...names) as { [key in K]?: string }

const root = createRootRouteWithContext<Context>()({ component: Outlet, notFoundComponent: Lost })

const signIn = createRoute({ getParentRoute: () => root, path: '/sign-in', validateSearch: words('to'), component: lazyRouteComponent(() => import('../pages/sign-in/sign-in'), 'SignIn') })
const enrol = createRoute({ getParentRoute: () => root, path: '/enrol', component: lazyRouteComponent(() => import('../pages/sign-in/enrol'), 'Enrol') })

const factor = createRoute({ getParentRoute: () => root, path: '/second-factor', component: lazyRouteComponent(() => import('../pages/sign-in/factor'), 'Factor') })

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    const who = await context.client.ensureQueryData(whoQuery)
    if (who === null) throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { to: location.href } })
    if (who.factor_required) throw redirect({ to: '/second-factor' })
  },
})
const overview = createRoute({ getParentRoute: () => shell, path: '/', validateSearch: words('tenant'), component: lazyRouteComponent(() => import('../pages/overview'), 'Overview') })
const tree = createRoute({ getParentRoute: () => shell, path: '/tree', validateSearch: words('sel', 'q', 'state', 'tab', 'tenant'), component: lazyRouteComponent(() => import('../pages/tree/tree'), 'Tree') })
const deployments = createRoute({ getParentRoute: () => shell, path: '/deployments', validateSearch: words('q', 'status', 'tenant'), component: lazyRouteComponent(() => import('../pages/deployments/list'), 'Deployments') })
const deployment = createRoute({ getParentRoute: () => shell, path: '/deployments/$tenant/$id', validateSearch: words('rev', 'cmp', 'service', 'find', 'instance', 'level'), component: lazyRouteComponent(() => import('../pages/deployments/one'), 'Deployment') })
const blueprints = createRoute({ getParentRoute: () => shell, path: '/blueprints', validateSearch: words('q', 'tenant'), component: lazyRouteComponent(() => import('../pages/blueprints/list'), 'Blueprints') })
const blueprint = createRoute({ getParentRoute: () => shell, path: '/blueprints/$tenant/$id', component: lazyRouteComponent(() => import('../pages/blueprints/one'), 'Blueprint') })
const inbox = createRoute({ getParentRoute: () => shell, path: '/inbox', validateSearch: words('open'), component: lazyRouteComponent(() => import('../pages/inbox'), 'Inbox') })
const governance = createRoute({ getParentRoute: () => shell, path: '/governance', validateSearch: words('tab', 'version'), component: lazyRouteComponent(() => import('../pages/governance'), 'Governance') })
const amend = createRoute({ getParentRoute: () => shell, path: '/governance/amend', validateSearch: words('from'), component: lazyRouteComponent(() => import('../pages/governing/amend'), 'Amend') })
const permissions = createRoute({ getParentRoute: () => shell, path: '/governance/permissions', validateSearch: words('tab', 'tenant', 'user'), component: lazyRouteComponent(() => import('../pages/governing/permissions'), 'Permissions') })
const events = createRoute({ getParentRoute: () => shell, path: '/events', validateSearch: words('q', 'tenant', 'kind', 'type', 'id', 'at', 'sel'), component: lazyRouteComponent(() => import('../pages/events'), 'Events') })
const providers = createRoute({ getParentRoute: () => shell, path: '/providers', component: lazyRouteComponent(() => import('../pages/providers'), 'Providers') })
const people = createRoute({ getParentRoute: () => shell, path: '/people', validateSearch: words('tab', 'sel', 'tenant'), component: lazyRouteComponent(() => import('../pages/people'), 'People') })
const kinds = createRoute({ getParentRoute: () => shell, path: '/kinds', component: lazyRouteComponent(() => import('../pages/kinds/kinds'), 'Kinds') })
const kind = createRoute({ getParentRoute: () => shell, path: '/k/$kind', validateSearch: words('tenant', 'status', 'cursor'), component: lazyRouteComponent(() => import('../pages/kinds/list'), 'KindList') })
const thing = createRoute({ getParentRoute: () => shell, path: '/k/$kind/$tenant/$id', validateSearch: words('tab'), component: lazyRouteComponent(() => import('../pages/kinds/one'), 'Thing') })
const settings = createRoute({ getParentRoute: () => shell, path: '/settings', validateSearch: words('tab'), component: lazyRouteComponent(() => import('../pages/settings/settings'), 'Settings') })
const program = createRoute({ getParentRoute: () => shell, path: '/device', component: lazyRouteComponent(() => import('../pages/access/program'), 'Program') })
const ai = createRoute({ getParentRoute: () => shell, path: '/governance/layers', validateSearch: words('tab'), component: lazyRouteComponent(() => import('../pages/ai/ai'), 'Ai') })
const kit = import.meta.env.DEV ? [createRoute({ getParentRoute: () => root, path: '/kit', component: lazyRouteComponent(() => import('../pages/kit'), 'Kit') })] : []

const routes = root.addChildren([signIn, enrol, factor, ...kit, shell.addChildren([overview, tree, deployments, deployment, blueprints, blueprint, inbox, governance, amend, permissions, events, providers, people, kinds, kind, thing, settings, program, ai])])

// Addresses hold plain words, as people write and read them.
const parseSearch = (text: string) => Object.fromEntries(new URLSearchParams(text))
const stringifySearch = (search: Text) => {
  const query = new URLSearchParams(text(search, ...Object.keys(search))).toString().replaceAll('%2F', '/')
  return query ? `?${query}` : ''
}

export const makeRouter = (client: QueryClient) => createRouter({ routeTree: routes, parseSearch, stringifySearch, context: { client }, defaultPreload: 'intent', defaultNotFoundComponent: Lost, scrollRestoration: false })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>
  }
}
