// The editor's own chunk is loaded by who opens a page with it.
import { lazy, Suspense } from 'react'
import { Skeleton } from '../state-box'
import type { EditorProps } from './editor'

export type { Mark } from './editor'
const Lazy = lazy(() => import('./editor'))
export const Editor = (props: EditorProps) => <Suspense fallback={<Skeleton rows={12} height={21} />}><Lazy {...props} /></Suspense>
