/** The tab: TensorBoard imports this module and calls `render`. */

import { render as renderInto } from "preact";
import { HttpDataSource } from "./data/http_data_source";
import { createHost } from "./host/host";
import { createStore } from "./state/store";
import { followTheme } from "./theme/theme";
import { App } from "./views/app";

/** Fills the document with the app. */
export function render(): void {
  let reload = () => {};
  const host = createHost(() => reload());
  const store = createStore(new HttpDataSource(), host);
  reload = store.reload;
  followTheme(host.dark);
  const root = document.createElement("div");
  document.body.append(root);
  renderInto(<App store={store} />, root);
}
