/** Keeps an error in what is shown below from taking the rest of the tab with it. */

import { untracked } from "@preact/signals";
import { Component, type ComponentChildren } from "preact";
import type { Store } from "../../state/store";
import { type Attempt, currentAttempt, ErrorReport } from "./error_report";

interface Props {
  store: Store;
  /** What is shown below, as its user knows it. */
  name: string;
  children: ComponentChildren;
}

interface State {
  error: unknown;
  failed: boolean;
}

const WELL: State = { error: null, failed: false };

/** Shows its children, or what went wrong with them. */
export class ErrorBoundary extends Component<Props, State> {
  override state = WELL;
  private tried: Attempt = { here: "", graph: undefined };

  static override getDerivedStateFromError(error: unknown): State {
    return { error, failed: true };
  }

  override componentDidCatch(error: unknown): void {
    // At once: until the report is drawn, another graph may have come.
    this.tried = untracked(() => currentAttempt(this.props.store));
    // The browser's console tells it as if nobody had caught it.
    reportError(error);
  }

  private readonly retry = () => this.setState(WELL);

  override render({ store, name, children }: Props, { error, failed }: State) {
    return failed ? (
      <ErrorReport
        store={store}
        name={name}
        error={error}
        tried={this.tried}
        onRetry={this.retry}
      />
    ) : (
      children
    );
  }
}
