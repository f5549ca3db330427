/** The tab: TensorBoard imports this module and calls `render`. */

import { render as renderInto } from "preact";
import { HttpDataSource } from "./data/http_data_source";
import { createHost } from "./host/host";
import { createStore } from "./state/store";
import { App } from "./views/app";

/** Fills the document with the app. */
export function render(): void {
  let reload = () => {};
  const host = createHost(() => reload());
  const store = createStore(new HttpDataSource(), host.address);
  reload = store.reload;
  const root = document.createElement("div");
  document.body.append(root);
  renderInto(<App store={store} host={host} />, root);
}
