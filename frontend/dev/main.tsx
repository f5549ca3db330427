/**
 * The app in a page of its own, on data of a real training that were recorded.
 *
 * In the address, `?synthetic` shows made-up data with every difficulty in it,
 * and `?dark` makes it dark.
 */

import { render } from "preact";
import recording from "../../tests/fixtures/recording.json";
import type { DataSource } from "../src/data/data_source";
import { HttpDataSource } from "../src/data/http_data_source";
import { createHost } from "../src/host/host";
import { createStore } from "../src/state/store";
import { createRecordedFetch } from "../src/testing/recorded_fetch";
import { followTheme } from "../src/theme/theme";
import { App } from "../src/views/app";
import { SyntheticDataSource } from "./synthetic_data_source";

declare const __TENSORBOARD__: boolean;

const wanted = new URLSearchParams(location.search);
if (wanted.has("dark")) {
  document.body.classList.add("dark-mode");
}
let source: DataSource = new HttpDataSource("./", createRecordedFetch(recording));
if (__TENSORBOARD__) {
  source = new HttpDataSource("/data/plugin/kerasviz/");
} else if (wanted.has("synthetic")) {
  source = new SyntheticDataSource();
}
let reload = () => {};
const host = createHost(() => reload());
const store = createStore(source, host);
reload = store.reload;
followTheme(host.dark);
const root = document.createElement("div");
document.body.append(root);
render(<App store={store} />, root);
