// A text in Cedar to read: its words coloured, its lines numbered.
const pattern = /(\/\/[^\n]*)|("(?:[^"\\\n]|\\.)*")|(@\w+)|\b(permit|forbid|when|unless|in|is|has|like|if|then|else|true|false)\b|(\w+)(?=::)/g
const looks = ['comment', 'text', 'note', 'word', 'type'] as const

function Line({ text }: { text: string }) {
  const parts: { look?: string; text: string }[] = []
  let at = 0
  for (const hit of text.matchAll(pattern)) {
    if (hit.index > at) parts.push({ text: text.slice(at, hit.index) })
    parts.push({ look: looks[hit.slice(1).findIndex((one) => one !== undefined)]!, text: hit[0] })
    at = hit.index + hit[0].length
  }
  parts.push({ text: text.slice(at) })
  return <>{parts.map((part, i) => (part.look ? <span key={i} className={`cedar-${part.look}`}>{part.text}</span> : part.text))}</>
}

export function Cedar({ text, label }: { text: string; label: string }) {
  return (
    <div className="cedar" tabIndex={0} role="group" aria-label={label} dir="ltr" lang="en">
      {text.split('\n').map((line, i) => <div key={i}><i aria-hidden="true">{i + 1}</i><span><Line text={line} /></span></div>)}
    </div>
  )
}
