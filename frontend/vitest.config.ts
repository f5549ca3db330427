import { defineConfig } from "vitest/config";

// Not part of `vite.config.ts`: an installation builds without Vitest.
export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
  },
});
