import { defineConfig } from "vite";

// Everything below the plugin's own `static/` route. Names of chunks carry a
// hash, so that the server may let the browser keep them for a year.
const names = {
  chunkFileNames: "chunks/[name]-[hash].js",
  assetFileNames: "chunks/[name]-[hash][extname]",
};

export default defineConfig({
  base: "./",
  publicDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../tb_kerasviz/static",
    emptyOutDir: true,
    target: "es2022",
    // TensorBoard's content security policy blocks fetching `data:` addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: "src/index.tsx",
      // TensorBoard calls the exported `render`; it must survive bundling.
      preserveEntrySignatures: "exports-only",
      output: {
        entryFileNames: "index.js",
        ...names,
        // What most views need comes in one file, and not in twenty small ones.
        codeSplitting: { groups: [{ name: "shared", minShareCount: 3 }] },
      },
    },
  },
  worker: {
    format: "es",
    rolldownOptions: {
      output: { entryFileNames: "chunks/[name]-[hash].js", ...names },
    },
  },
});
