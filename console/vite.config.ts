import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const out = process.env.NOVA_CONSOLE_OUT ?? '../build/console'
const node = process.env.NOVA_URL ?? 'http://127.0.0.1:7480'

// The page in each language and theme, so that its first paint is right without a script; everything compressed once.
const finish = (): Plugin => ({
  name: 'variants',
  apply: 'build',
  closeBundle() {
    const page = readFileSync(join(out, 'index.html'), 'utf8')
    for (const lang of ['en', 'ar'])
      for (const theme of ['auto', 'light', 'dark']) {
        const tag = `<html lang="${lang}" dir="${lang === 'ar' ? 'rtl' : 'ltr'}" data-theme="${theme}">`
        writeFileSync(join(out, `index.${lang}.${theme}.html`), page.replace(/<html[^>]*>/, tag))
      }
    rmSync(join(out, 'index.html'))
    const files = [out, join(out, 'assets')].flatMap((folder) => readdirSync(folder, { withFileTypes: true }).filter((one) => one.isFile()).map((one) => join(folder, one.name)))
    for (const file of files) {
      if (!/\.(html|js|css|svg|txt)$/.test(file)) continue
      const text = readFileSync(file)
      writeFileSync(`${file}.br`, brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }))
      writeFileSync(`${file}.gz`, gzipSync(text, { level: 9 }))
    }
    // The faces' licence goes with them.
    mkdirSync(join(out, 'assets'), { recursive: true })
    for (const [name, face] of [['inter', '@fontsource-variable/inter'], ['jetbrains-mono', '@fontsource-variable/jetbrains-mono'], ['ibm-plex-sans-arabic', '@fontsource/ibm-plex-sans-arabic']] as const)
      writeFileSync(join(out, 'assets', `licence-${name}.txt`), readFileSync(join('node_modules', face, 'LICENSE')))
  },
})

export default defineConfig({
  plugins: [react(), tailwind(), finish()],
  resolve: {
    // As published it writes a <style> element when a dialog opens, which the policy forbids.
    alias: { 'react-remove-scroll': join(import.meta.dirname, 'src/kit/remove-scroll.tsx') },
  },
  build: { outDir: out, emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'es2023', reportCompressedSize: false },
  server: {
    port: 7490,
    proxy: Object.fromEntries(['/v1', '/api'].map((path) => [path, {
      target: node,
      changeOrigin: true,
      // The node serves pages of its own origin alone.
      configure: (proxy: { on: (event: 'proxyReq', does: (request: { setHeader: (name: string, value: string) => void }) => void) => void }) =>
        proxy.on('proxyReq', (request) => request.setHeader('origin', node)),
    }])),
  },
  test: { include: ['tests/**/*.test.ts', 'tests/**/*.test.tsx'], testTimeout: 20_000 },
} as Parameters<typeof defineConfig>[0])
