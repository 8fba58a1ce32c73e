// CodeMirror in a shadow root: there its styles are constructed sheets, which the policy lets pass. Tab is not taken: it leaves.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type CompletionSource } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language'
import { lintGutter, setDiagnostics } from '@codemirror/lint'
import { Annotation, EditorState } from '@codemirror/state'
import { drawSelection, EditorView, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { useEffect, useRef } from 'react'

/** What is wrong or to be looked at, from 0-based offsets of the text. */
export interface Mark {
  from: number
  to: number
  severity: 'error' | 'warning'
  message: string
}
export interface EditorProps {
  label: string
  language: 'yaml' | 'cedar'
  value: string
  onChange: (text: string) => void
  marks?: readonly Mark[]
  complete?: CompletionSource
}

const words = new Set(['permit', 'forbid', 'when', 'unless', 'in', 'is', 'has', 'like', 'if', 'then', 'else', 'true', 'false', 'principal', 'action', 'resource', 'context'])
const cedar = StreamLanguage.define<object>({
  startState: () => ({}),
  token: (stream) => {
    if (stream.match(/^\/\/.*/)) return 'comment'
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return 'string'
    if (stream.match(/^@\w+/)) return 'meta'
    if (stream.match(/^[A-Za-z_]\w*(?=::)/)) return 'typeName'
    const word = stream.match(/^[A-Za-z_]\w*/) as RegExpMatchArray | null
    if (word) return words.has(word[0]) ? 'keyword' : 'propertyName'
    if (stream.match(/^\d+/)) return 'number'
    stream.next()
    return null
  },
})

const look = EditorView.theme({
  '&': { height: '100%', color: 'var(--text)', backgroundColor: 'var(--surface)', fontSize: '12.5px' },
  '&.cm-focused': { outline: '2px solid var(--accent-mark)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.7', fontVariantLigatures: 'none' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--text-3)', border: '0', borderInlineEnd: '1px solid var(--line)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--accent-bg) !important' },
  '.cm-matchingBracket': { backgroundColor: 'var(--accent-bg) !important', outline: '1px solid var(--accent-mark)' },
  '.cm-tooltip': { backgroundColor: 'var(--surface)', color: 'var(--text)', border: '1px solid var(--line-2)', borderRadius: 'var(--r2)', boxShadow: 'var(--shadow-lg)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', maxHeight: '220px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 8px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent-bg)', color: 'var(--text)' },
  '.cm-completionDetail': { color: 'var(--text-3)', fontStyle: 'normal', marginInlineStart: '10px', fontFamily: 'var(--sans)' },
  '.cm-completionInfo': { fontFamily: 'var(--sans)', maxWidth: '300px', padding: '6px 10px' },
  '.cm-diagnostic': { fontFamily: 'var(--sans)', padding: '6px 10px', maxWidth: '420px' },
  '.cm-diagnostic-error': { borderInlineStart: '3px solid var(--bad-mark)' },
  '.cm-diagnostic-warning': { borderInlineStart: '3px solid var(--warn-mark)' },
  '.cm-lintRange-error, .cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--bad-mark)', textUnderlineOffset: '3px' },
  '.cm-lintRange-warning': { textDecorationColor: 'var(--warn-mark)' },
})
const colours = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--text-3)' },
  { tag: [tags.string, tags.attributeValue], color: 'var(--ok)' },
  { tag: [tags.keyword, tags.bool, tags.null], color: 'var(--held)' },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
  { tag: [tags.typeName, tags.meta, tags.annotation], color: 'var(--warn)' },
  { tag: tags.number, color: 'var(--bad)' },
])

const outside = Annotation.define<boolean>()

export default function CodeEditor({ label, language, value, onChange, marks = [], complete }: EditorProps) {
  const box = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  // What the editor calls is what the page gave last.
  const given = useRef({ onChange, complete })
  given.current = { onChange, complete }
  useEffect(() => {
    const host = box.current!
    const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
    const made = new EditorView({
      root, parent: root,
      state: EditorState.create({
        doc: value,
        extensions: [
          lineNumbers(), history(), drawSelection(), bracketMatching(), closeBrackets(), lintGutter(),
          language === 'yaml' ? yaml() : cedar,
          autocompletion({ override: [(context) => given.current.complete?.(context) ?? null], icons: false }),
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
          syntaxHighlighting(colours), look,
          EditorView.contentAttributes.of({ 'aria-label': label, dir: 'ltr', spellcheck: 'false', tabindex: '0' }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged && !update.transactions.some((one) => one.annotation(outside))) given.current.onChange(update.state.doc.toString())
          }),
        ],
      }),
    })
    view.current = made
    return () => { made.destroy(); view.current = null }
  }, [label, language])
  useEffect(() => {
    const now = view.current
    if (!now || now.state.doc.toString() === value) return
    now.dispatch({ changes: { from: 0, to: now.state.doc.length, insert: value }, annotations: outside.of(true) })
  }, [value])
  useEffect(() => {
    const now = view.current
    if (!now) return
    const end = now.state.doc.length
    now.dispatch(setDiagnostics(now.state, marks.filter((one) => one.from <= end).map((one) => ({ ...one, to: Math.min(Math.max(one.to, one.from), end) }))))
  }, [marks, value])
  return <div ref={box} className="editor" dir="ltr" />
}
