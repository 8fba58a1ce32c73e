// AI under governance, and views that a person keeps.
export const ai = {
  title: 'AI layers and power', says: 'Which AI may act here, how much, for whom, and what it was asked. Every request is judged by this before anything is called.',
  tabs: { layers: 'Layers', power: 'Power', agents: 'Agents', external: 'Outside providers', limits: 'Subscriber limits', executions: 'Requests' },
  layer: 'Layer', type: 'Type', level: 'Power', priority: 'Priority', spent: 'Spent this month', tokens: 'Tokens a request', perMinute: 'Requests a minute', perDay: 'Requests a day', together: 'At once', cost: 'Cost of one', budget: 'Monthly budget', noBudget: 'none set', subscribers: 'Subscribers', yes: 'may', no: 'may not',
  agent: 'Agent', model: 'Model', provider: 'Provider', endpoint: 'Address', approved: 'Approved', waits: 'waits for the owner', tier: 'Tier', external: 'Outside AI', sees: 'Sees layers', breach: 'When it is passed', request: 'Request', asked: 'Asked by', action: 'What', impact: 'Impact', violations: 'Against', none: { layers: 'No layers yet', power: 'No layer has its power set', agents: 'No agents yet', external: 'No outside provider is linked', limits: 'No tier has limits: its subscribers may not use AI', executions: 'AI was asked nothing yet' },
  noneSays: 'Without a layer no AI acts. The owner makes the first one.', ownerOnly: 'The root owner alone makes it.', make: { layers: 'New layer…', agents: 'New agent…', external: 'Link a provider…', limits: 'Limits of a tier…' }, unlimited: 'no limit', of: (spent: string, budget: string) => `${spent} of ${budget}`,
  levels: (n: number) => `${n} of 10`, unset: 'not set: nothing may run', impacts: { low: 'low', medium: 'medium', high: 'high', critical: 'critical' } as Record<string, string>,
  actions: { generate: 'Write', analyze: 'Analyse', decide: 'Decide', execute: 'Execute', suggest: 'Suggest' } as Record<string, string>,
  enforcement: { block: 'it is refused', log: 'it is noted', auto_suspend: 'access is suspended' } as Record<string, string>,
  types: { INTERNAL_SOVEREIGN: 'Own, sovereign', EXTERNAL_MANAGED: 'Outside, managed', HYBRID: 'Both', SUBSCRIBER_RESTRICTED: 'For subscribers' } as Record<string, string>,
}
export const views = { title: 'Saved views', save: 'Save this view…', name: 'Name of the view', keep: 'Save', remove: (name: string) => `Forget ${name}`, says: 'A name for this address with all its filters. It stays in this browser alone.', where: 'Address', cancel: 'Leave it' }
