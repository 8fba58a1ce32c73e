// Server-sent events read by hand, so that headers and the place to resume at are ours (HTML, 9.2.6).

export interface Message {
  id: string
  event: string
  data: string
}

/** Messages in order; a comment is a sign of life and comes as `null`. Ends when the body does. */
export async function* messages(body: ReadableStream<Uint8Array>): AsyncGenerator<Message | null> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      rest += value
      for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
        const block = rest.slice(0, end)
        rest = rest.slice(end + 2)
        yield parse(block)
      }
    }
  } finally {
    reader.releaseLock()
  }
}

export function parse(block: string): Message | null {
  const message = { id: '', event: 'message', data: '' }
  let any = false
  for (const line of block.split('\n')) {
    if (line === '' || line.startsWith(':')) continue
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'data') message.data += (any && message.data ? '\n' : '') + value
    else if (name === 'id') message.id = value
    else if (name === 'event') message.event = value
    any = true
  }
  return any ? message : null
}
