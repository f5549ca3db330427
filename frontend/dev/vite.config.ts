import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

// `npm run dev` shows the app on recorded data, and on made-up data at
// `/?synthetic`.
// `KERASVIZ_TENSORBOARD=http://localhost:6006 npm run dev` shows it on the data
// of a running TensorBoard, from which only the plugin's routes are taken.
const tensorboard = process.env.KERASVIZ_TENSORBOARD ?? "";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  define: { __TENSORBOARD__: JSON.stringify(tensorboard !== "") },
  server: {
    fs: { allow: [fileURLToPath(new URL("../..", import.meta.url))] },
    ...(tensorboard === ""
      ? {}
      : { proxy: { "/data/plugin/kerasviz": { target: tensorboard } } }),
  },
  worker: { format: "es" },
});
