// English. Messages are text or functions of their values; `backticks` hold what is code.
import { access } from './access/en'
import { acting } from './acting.en'
import { ai, views } from './ai/en'

const few = (n: number, one: string, more: string) => (n === 1 ? `one ${one}` : `${n} ${more}`)
const things = ['', 'One thing needs', 'Two things need', 'Three things need', 'Four things need', 'Five things need', 'Six things need']

export const en = {
  access,
  ai,
  views,
  ...acting,
  nav: { overview: 'Overview', tree: 'Tree', deployments: 'Deployments', blueprints: 'Blueprints', inbox: 'Inbox', governance: 'Governance', events: 'Events and audit', providers: 'Providers', people: 'People and access', kinds: 'All kinds', settings: 'Settings' },
  frame: {
    main: 'Main', place: 'Place', skip: 'Skip to content', menu: 'Menu', closeMenu: 'Close the menu', search: 'Search or act', light: 'Light theme', dark: 'Dark theme', live: 'Live', stale: 'Stale',
    liveSays: 'Every event is shown as it is stored', caughtUp: (n: number) => `Connected again: ${n} events came late, nothing missed`,
    staleSays: 'The node does not answer. What is shown is as it was; acts are closed until it is heard again.',
    account: (name: string) => `Account of ${name}`, owner: 'root owner', yourAccount: 'Your account', signOut: 'Sign out',
    aiMay: 'AI may act', aiStopped: 'AI stopped', switchArmed: (epoch: number) => `Kill switch armed, epoch ${epoch}`,
  },
  lost: { title: 'There is no such page', home: 'To the overview' },
  copy: 'Copy', copied: 'Copied',
  state: { loading: 'Loading', failed: 'That did not work', denied: 'Not allowed', notFound: 'There is no such thing, or it is not yours to see', nothingLost: 'Nothing was changed and nothing was lost.', rule: 'Missing or forbidden by', request: 'request', again: 'Try again', noData: 'no figures yet', more: 'Load more', none: 'Nothing here yet' },
  errors: {
    'client.unreachable': 'The node does not answer.',
    'auth.invalid_credentials': 'Address or password is wrong.',
    'auth.mfa_failed': 'The code is wrong, or was used before.',
    'auth.flow_expired': 'That took too long. Begin again.',
    'auth.enrolment_invalid': 'This enrolment token is not good.',
    'rate.limited': 'Too many requests. Wait a moment.',
    'vault.sealed': 'The vault is sealed: nobody can sign in until its key is back.',
  } as Record<string, string>,
  time: { seconds: (n: number) => `${n} s`, minutes: (n: number) => `${n} min`, hours: (n: number) => `${n} h`, days: (n: number) => `${n} d`, ago: (age: string) => `${age} ago` },
  signIn: {
    title: 'Sign in', says: 'To the console of this node.', second: 'Second step', secondSays: 'The password is right. Show that it is you.', email: 'Email', password: 'Password', act: 'Sign in', code: 'Code of your authenticator app',
    recovery: 'Recovery code', useRecovery: 'Use a recovery code', useCode: 'Use the app', or: 'or', passkey: 'Use a passkey', enrol: 'New node: become its owner', back: 'Another account', tryAgain: 'Try again.',
  },
  enrol: {
    title: 'Become the owner', says: 'Once, with the token that the node wrote at its first start.', token: 'Enrolment token', tokenHint: 'enrolment.token in the state folder of the node', name: 'Name', passwordHint: 'At least 8 characters.', act: 'Become the owner', toSignIn: 'There is an account already',
    appTitle: 'Add an authenticator app', appSays: 'A second factor: without it a stolen password is enough.', factorNeeded: 'Your account governs this installation, so it needs a second factor before anything else.', later: 'Later, in settings', scan: 'Scan this with an authenticator app.', orType: 'Or type the secret:', qr: 'QR code for an authenticator app', firstCode: 'First code of the app', prove: 'Add the app',
    proved: 'The app is added', codesSay: 'Ten recovery codes, each good once, when the app is not at hand. They are shown now and never again.', copyCodes: 'Copy all codes', kept: 'I have kept them',
  },
  overview: {
    title: 'Overview', pulse: 'Pulse',
    sentence: (state: 'well' | 'part' | 'empty', needs: number) => `${{ well: 'Platforms are serving.', part: 'Not all platforms are well.', empty: 'Nothing is deployed yet.' }[state]} ${needs === 0 ? 'Nothing needs a person.' : `${things[needs] ?? `${needs} things need`} a person.`}`,
    says: (healthy: string, all: string, tenants: number) => `${healthy} of ${all} deployments are healthy, for ${few(tenants, 'tenant', 'tenants')}. Every exception below states its reason.`,
    needs: 'Needs a person now', openInbox: 'Open inbox', since: 'in this state', decide: 'Decide', why: 'Why?',
    need: (kind: string, name: string, status: string) => (kind === 'escalation' ? `A question: \`${name}\`` : kind === 'approval' ? `An act on \`${name}\` waits for agreement` : `\`${name}\` is ${status.toLowerCase()}`),
    eventsRate: 'Events per second', commandsRate: 'Commands per second', commitsRate: (queued: string) => `Commits per second · ${queued} waiting`, requestsRate: 'Requests per second',
    tenants: 'Tenants and platforms', tenant: 'Tenant', platforms: 'Platforms', healthy: 'Healthy', reason: 'Reason', worstFirst: (shown: number, all: number) => `Worst first · ${shown} of ${all}`,
    noTenants: 'No tenants yet', noTenantsSays: 'A tenant is an isolated owner of platforms. Apply a blueprint to begin.',
    services: 'This node', service: 'Service', figures: 'Figures', health: 'Health',
  },
  tree: {
    title: 'Supervision tree', entity: 'Entity', state: 'State', restarts: 'Restarts', mailbox: 'Mailbox', age: 'Age', search: 'Name, id or error', all: 'All', below: (n: string) => `${n} below`, changing: (n: number) => `${n} changing`,
    entities: (n: string) => `${n} entities`, move: 'move', open: 'open', next: 'next trouble', trouble: 'Where trouble is, over the whole tree', inspector: 'Inspector', close: 'Close', part: (word: string) => `Part ${word.toLowerCase()}`,
    filters: { bad: 'Failed', warn: 'Degraded', accent: 'Changing', held: 'Held' }, none: 'Nothing matches', pick: 'Pick a row to see why it is in its state and what you may do.', pickTitle: 'Nothing is selected',
    tabs: { why: 'Why', state: 'State', history: 'History', logs: 'Logs' }, since: 'since', mayDo: 'What you may do', noActs: 'Nothing can be done here: it is watched, not commanded.', openPage: 'Open its page',
  },
  why: {
    allowed: 'The constitution allowed it', denied: 'The constitution denied it', rules: 'rules', by: 'by', position: 'Position in the log', causedBy: 'Caused by', command: 'command', nothing: 'Nothing has happened to it yet.',
  },
  acts: {
    leave: 'Leave it', preview: 'Preview', now: (act: string) => `${act} now`, change: 'What changes', effect: 'What happens', back: 'The way back', decidedBy: 'Decided by', statusBecomes: 'State becomes', events: 'Events', checking: 'Asking the node…',
    irreversible: 'There is no way back.', reversible: 'It can be undone by another act.', typeName: (name: string) => `Type ${name} to go on`, stale: 'The page is stale: wait until the node is heard again.', done: 'Done', held: 'Not done yet: it waits for a decision.', sameCommand: 'The same as a command',
    impact: (n: number) => `Impact ${n} of 10`, noChange: 'Nothing would change.', optional: 'optional', value: 'Value', add: 'Add',
    words: { rollback: 'Roll back', scale: 'Scale', restart: 'Restart', stop: 'Stop', start: 'Start', delete: 'Delete', deploy: 'Deploy', cancel: 'Cancel the rollout', revoke: 'Revoke', suspend: 'Suspend', ban: 'Ban', reactivate: 'Reactivate', activate: 'Activate', verify: 'Verify', answer: 'Answer', approve: 'Approve', reject: 'Reject', enable: 'Enable', disable: 'Disable', remove: 'Remove', drain: 'Drain', archive: 'Archive' } as Record<string, string>,
  },
  deployments: {
    title: 'Deployments', says: (healthy: string, all: string) => `${healthy} of ${all} serve and are well.`, deployment: 'Deployment', tenant: 'Tenant', environment: 'Environment', revision: 'Revision', instances: 'Instances', changed: 'Changed', anyStatus: 'Any state', anyTenant: 'Any tenant', find: 'Find a deployment', none: 'Nothing is deployed', noneSays: 'A deployment is a platform in one environment. Apply a blueprint to make one.', noMatch: 'No deployment matches', noMatchSays: 'Take a filter away.', clear: 'Show all',
    rollout: 'Rollout', steps: { gate: 'Gate', build: 'Build', start: 'Start', verify: 'Verify health', move: 'Move traffic', drain: 'Drain the old one' }, allowedBy: (n: number) => `${few(n, 'rule', 'rules')}, allowed`, ready: (n: number, all: number) => `${n} of ${all}`,
    serving: (revision: number) => `\`r${revision}\` serves every request.`, rolling: (from: number, to: number) => (from > 0 ? `\`r${from}\` serves every request until \`r${to}\` is healthy.` : `\`r${to}\` is starting.`), notServing: 'Nothing serves now.', why: 'Why it is so',
    logs: 'Logs', following: 'Following', follow: 'Follow', newLines: (n: number) => `${n} new lines`, allServices: 'All services', findLogs: 'Find in logs', hits: (n: number) => `${n} hits`, lines: (n: string) => `${n} lines`, secrets: 'Secrets never enter logs', noLines: 'Nothing was printed yet.', download: 'Download',
    change: (from: number, to: number) => `Change: r${from} to r${to}`, first: 'First revision', same: 'Both revisions are the same.', revisions: 'Revisions', by: 'By', compare: 'Compare', rollBackTo: (n: number) => `Roll back to r${n}…`, instance: 'Instance', restarts: (n: number) => `${few(n, 'restart', 'restarts')}`, service: 'Service',
  },
  events: {
    title: 'Events', find: 'Filter these', time: 'Time', type: 'Event', subject: 'Subject', by: 'By', decision: 'Verdict', fact: 'fact', anyTenant: 'Any tenant', anyKind: 'Any kind', newer: (n: number) => `${n} new`, older: 'Older', none: 'No event matches', noneSays: 'What happens from now on is shown as it is stored.', from: 'From position', event: 'Event', data: 'Data', meta: 'Who and why', cloud: 'CloudEvent', cause: 'Caused by', correlation: 'Correlation', command: 'Command', principal: 'Principal', asOf: (position: string) => `As of position ${position}`, backToLive: (behind: string) => `Back to live, ${behind} ahead`, look: 'Look at', typePrefix: 'Type, or its beginning', pick: 'Pick an event to see all of it.', pickTitle: 'No event is selected', perSecond: 'Events over time',
  },
  inbox: { title: 'Inbox', says: 'Questions that the runtime could not answer alone.', none: 'Nothing waits for you', noneSays: 'Questions and approvals appear here the moment they arise.', answer: 'Answer', asked: 'asked', retry: 'Try again', rollback: 'Roll back', stop: 'Stop it', reason: 'Reason', decided: 'Decided', question: 'Question', approval: 'Approval', askedBy: 'asked by', willDo: 'Exactly what will be done', noFields: 'The command has no fields.', whyHeld: 'Why it waits', digest: 'Digest of the act', timeLeft: 'Time left', lapses: 'It lapses at', left: (minutes: number) => `${minutes} minutes left`, votes: 'approvals', agreed: 'Agreed', own: 'It is your own request: somebody else decides.', voted: 'You have agreed already.', approve: 'Approve…', reject: 'Reject…', approveTitle: (act: string) => `Approve: ${act}`, rejectTitle: (act: string) => `Reject: ${act}`, approveNow: (act: string) => `Approve ${act}`, rejectNow: (act: string) => `Reject ${act}`, approveSays: 'When all have agreed it is done once, exactly as shown.', rejectSays: 'One no is enough. Nothing is done.', choose: 'Your answer', options: 'What each does', effects: { retry: 'It is started once more, as it is.', rollback: 'The revision before it comes back.', stop: 'It is stopped; data and history stay.' } as Record<string, string> },
  kill: { title: 'Stop AI and what leaves', says: 'One act, on every node within a second. Platforms keep running and people keep working.', scope: 'What stops', scopes: { global: 'All AI and everything that leaves', external_only: 'Everything that leaves', tenant: 'Both, of one tenant', platform: 'A platform', provider: 'A provider', layer: 'A layer', agent: 'An agent', model: 'A model' }, reason: 'Reason, in English', reasonAr: 'Reason, in Arabic', until: 'It ends', byHand: 'By hand alone', bySelf: (minutes: string) => `By itself after ${minutes} minutes`, next: 'See what it stops', stops: 'This stops', keeps: 'This goes on', keepsSays: 'Services, data, the vault, commands of people.', works: (n: number) => (n === 0 ? 'No call waits or runs now; whatever comes is refused.' : n === 1 ? 'One call waits or runs now.' : `${n} calls wait or run now.`), now: (n: string) => (n === '0' ? 'Stop them now' : n === '1' ? 'Stop one call now' : `Stop ${n} calls now`), stop: 'Stop AI…', release: 'Release…', releaseTitle: 'Release the switch', releaseNow: 'Release now', releaseSays: 'What was stopped stays stopped; what comes from now on may go out again.', engaged: (scope: string, target: string) => `Stopped: ${scope.toLowerCase()}${target ? ` (${target})` : ''}.`, partly: 'Partly stopped', epoch: (n: number) => `Switch engaged, epoch ${n}`, unknown: 'Switch unknown: all held', ownerOnly: 'The root owner alone engages and releases it.' },
  governance: { title: 'Constitution', version: (v: string) => `Version ${v}`, says: 'What may be done here, in plain words. Every command is judged by it.', rule: 'Rule', effect: 'Effect', words: 'In plain words', permit: 'permits', forbid: 'forbids', hold: 'holds', other: 'Also in Arabic', source: 'Source', permissions: 'What you may do', right: 'Right', allowed: 'Allowed', because: 'Because', find: 'Find a rule' },
  people: {
    title: 'People and access', tabs: { users: 'People', members: 'Members', keys: 'API keys', sessions: 'Your sessions' }, name: 'Name', email: 'Email', role: 'Role', state: 'State', joined: 'Since', tenant: 'Tenant', member: 'Member', key: 'Key', scopes: 'Scopes', lastUsed: 'Last used', never: 'never', device: 'Device', method: 'Method', started: 'Signed in', here: 'this one', noKeys: 'No API keys', noKeysSays: 'A key is scoped access for a program. Make one with the command.', noUsers: 'No accounts', noMembers: 'No members', revoke: 'Revoke…', user: 'Account', access: 'Access', pick: 'Pick a row to see it whole.',
  },
  providers: { title: 'Providers', says: 'Where platforms can run, by tenant.', none: 'No providers yet', noneSays: 'A provider is a place where platforms can run. Add one with its command form.', add: 'Add a provider…', provider: 'Provider', tenant: 'Tenant', checked: 'Checked' },
  kinds: { title: 'All kinds', says: 'Everything that the node keeps, from its own descriptions.', kind: 'Kind', what: 'What it is', commands: 'Commands', events: 'Events', observed: 'observed', id: 'Id', none: (kind: string) => `No ${kind} here`, create: (kind: string) => `New ${kind}…`, tabs: { state: 'State', why: 'Why', history: 'History' }, tenant: 'Tenant', allTenants: 'All tenants', raw: 'As JSON', status: 'Status', changed: 'Changed', version: 'Version' },
  settings: {
    title: 'Settings', tabs: { health: 'Health', config: 'Configuration', account: 'Your account', view: 'View' }, setting: 'Setting', origin: 'Where it comes from', check: 'Check', detail: 'Detail', remedy: 'Remedy', node: 'Node', version: 'Version', started: 'Running for', position: 'Position of the log',
    app: 'Authenticator app', appOn: 'An app is added.', appOff: 'None yet: a stolen password is enough.', addApp: 'Add an app', removeApp: 'Remove the app', codesLeft: (n: number) => `${n} recovery codes left`, passkeys: 'Passkeys', addPasskey: 'Add a passkey', passkeyName: 'Its name', noPasskeys: 'No passkeys yet.', password: 'Password', before: 'Present password', after: 'New password', change: 'Change the password', changed: 'The password is changed. Every other session has ended.', language: 'Language', theme: 'Theme', themes: { auto: 'As the system', light: 'Light', dark: 'Dark' }, letters: 'Single-letter shortcuts', lettersOn: 'On', lettersOff: 'Off', code: 'Code of the app', since: 'since',
  },
  palette: { title: 'Search or go', ask: 'Name of a thing, or a place', hits: 'Hits', entities: 'Things', places: 'Places', none: 'Nothing is called that.', move: 'move', open: 'open' },
  keys: { title: 'Keyboard', palette: 'Search or go', search: 'Search this list', map: 'This map', rows: 'Next, previous row', twist: 'Close, open a tree row', openAll: 'Open all below a tree row', trouble: 'Next trouble', tabs: 'Previous, next tab', close: 'Close' },
  kindWord: (kind: string) => kind.replaceAll('_', ' '),
  fact: (name: string) => name.replaceAll('_', ' '),
  status: {
    healthy: 'Healthy', running: 'Running', active: 'Active', allowed: 'Allowed', allow: 'Allowed', done: 'Done', ready: 'Ready', approved: 'Approved', enabled: 'Enabled', verified: 'Verified', serving: 'Serving', ok: 'Good', green: 'Good', delivered: 'Delivered', completed: 'Completed', answered: 'Answered', accepted: 'Accepted', executed: 'Done',
    starting: 'Starting', pending: 'Pending', building: 'Building', deploying: 'Rolling out', verifying: 'Checking', checking: 'Checking', rolling_out: 'Rolling out', stopping: 'Stopping', deleting: 'Deleting', draining: 'Draining', invited: 'Invited', submitted: 'Submitted',
    degraded: 'Degraded', unready: 'Not ready', backoff: 'Healing', healing: 'Healing', unknown: 'Unknown', yellow: 'Look at it', warn: 'Look at it', suspended: 'Suspended', locked: 'Locked',
    failed: 'Failed', error: 'Failed', red: 'Bad', quarantined: 'Quarantined', parked: 'Parked', denied: 'Denied', deny: 'Denied', banned: 'Banned', revoked: 'Revoked', rejected: 'Rejected', execution_failed: 'Not done',
    held: 'Held', hold: 'Held', escalated: 'Escalated', open: 'Open', waiting: 'Waiting', lapsed: 'Lapsed',
    stopped: 'Stopped', superseded: 'Superseded', draft: 'Draft', passive: 'Passive', archived: 'Archived', disabled: 'Disabled', ended: 'Ended', expired: 'Expired', cancelled: 'Cancelled', deleted: 'Deleted', rolled_back: 'Rolled back', info: 'Note',
  },
}

export type Words = typeof en
