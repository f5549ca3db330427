import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

// `npm run dev` shows the app on made-up data with every difficulty in it.
// `KERASVIZ_TENSORBOARD=http://localhost:6006 npm run dev` shows it on the data
// of a running TensorBoard, from which only the plugin's routes are taken.
const tensorboard = process.env.KERASVIZ_TENSORBOARD ?? "";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  define: { __TENSORBOARD__: JSON.stringify(tensorboard !== "") },
  server: {
    ...(tensorboard === ""
      ? {}
      : { proxy: { "/data/plugin/kerasviz": { target: tensorboard } } }),
  },
  worker: { format: "es" },
});
