import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// Florin serves what this builds, at /console: src/api/console.ts. Nothing may be inlined: the page's policy allows
// scripts, styles and fonts from its own origin alone.
// oxlint-disable-next-line import/no-default-export
export default defineConfig({
  base: '/console/',
  plugins: [react(), tailwind()],
  build: {
    manifest: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
    chunkSizeWarningLimit: 700,
  },
})
