/** The app in a page of its own; `?dark` in the address makes it dark. */

import { render } from "preact";
import { HttpDataSource } from "../src/data/http_data_source";
import { createHost } from "../src/host/host";
import { createStore } from "../src/state/store";
import { followTheme } from "../src/theme/theme";
import { App } from "../src/views/app";
import { SyntheticDataSource } from "./synthetic_data_source";

declare const __TENSORBOARD__: boolean;

if (new URLSearchParams(location.search).has("dark")) {
  document.body.classList.add("dark-mode");
}
const source = __TENSORBOARD__
  ? new HttpDataSource("/data/plugin/kerasviz/")
  : new SyntheticDataSource();
let reload = () => {};
const host = createHost(() => reload());
const store = createStore(source, host);
reload = store.reload;
followTheme(host.dark);
const root = document.createElement("div");
document.body.append(root);
render(<App store={store} />, root);
