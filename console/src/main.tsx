import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Problem, whenSignedOut } from './api/client'
import { makeRouter } from './app/router'
import { Speaking } from './i18n'
import './styles/index.css'

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // The stream says what is old; coming back to the tab asks for what it may have missed.
      staleTime: 5_000,
      retry: (failures, error) => failures < 2 && error instanceof Problem && (error.status === 0 || error.status === 503),
    },
  },
})
const router = makeRouter(client)
whenSignedOut(() => {
  client.clear()
  void router.navigate({ to: '/sign-in', search: { to: router.state.location.href } })
})

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Speaking>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </Speaking>
  </StrictMode>,
)
