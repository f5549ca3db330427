/**
 * TensorBoard's messages to its plugins.
 *
 * Its own client library is published nowhere, so this is the half of it that
 * we need: the handshake, what the page tells us, and an answer to every
 * message, without which the page waits for ever.
 */

interface Message {
  readonly type: string;
  readonly id: number;
  readonly payload: unknown;
  readonly error: string | null;
  readonly isReply: boolean;
}

const VERSION = "experimental";

/** Called for a message of the page's, by its type. */
export type MessageListeners = ReadonlyMap<string, () => void>;

/**
 * Answers one message.
 *
 * @param data What came, whatever it is.
 * @param listeners What to call, by the message's type.
 * @returns The answer, or null if none is due.
 */
export function answerMessage(
  data: unknown,
  listeners: MessageListeners,
): string | null {
  let message: Partial<Message>;
  try {
    message = JSON.parse(String(data)) as Partial<Message>;
  } catch {
    return null;
  }
  if (typeof message !== "object" || message === null || message.isReply) {
    return null;
  }
  const { type, id } = message;
  let error: string | null = null;
  try {
    listeners.get(String(type))?.();
  } catch (thrown) {
    error = String(thrown);
  }
  return JSON.stringify({ type, id, payload: null, error, isReply: true });
}

/**
 * Introduces this frame to TensorBoard's page and listens to it.
 *
 * @param parent Window of TensorBoard's page.
 * @param onReload The user or the timer asked for new data.
 * @returns Ends it.
 */
export function connectToPage(parent: Window, onReload: () => void): () => void {
  const channel = new MessageChannel();
  const port = channel.port1;
  const listeners: MessageListeners = new Map([
    [`${VERSION}.DataReloaded`, onReload],
    // Fires on every navigation, mostly with the same runs; a change of them is
    // always followed by DataReloaded.
    [`${VERSION}.RunsChanged`, () => {}],
  ]);
  port.onmessage = (event) => {
    const answer = answerMessage(event.data, listeners);
    if (answer !== null) {
      port.postMessage(answer);
    }
  };
  parent.postMessage(`${VERSION}.bootstrap`, window.location.origin, [channel.port2]);
  return () => port.close();
}
