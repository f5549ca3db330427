import { describe, expect, it, vi } from "vitest";
import { answerMessage, connectToPage } from "./message_port";

describe("TensorBoard's messages", () => {
  it("are all answered, also unknown ones", () => {
    const listener = vi.fn();
    const listeners = new Map([["experimental.DataReloaded", listener]]);
    const ask = (type: string) =>
      answerMessage(
        JSON.stringify({ type, id: 7, payload: null, error: null, isReply: false }),
        listeners,
      );
    for (const type of ["experimental.DataReloaded", "experimental.Unknown"]) {
      expect(JSON.parse(ask(type) ?? "")).toEqual({
        type,
        id: 7,
        payload: null,
        error: null,
        isReply: true,
      });
    }
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it("are answered with the error where a listener fails", () => {
    const listeners = new Map([
      [
        "a",
        () => {
          throw new Error("no");
        },
      ],
    ]);
    expect(JSON.parse(answerMessage('{"type":"a","id":1}', listeners) ?? "")).toEqual(
      expect.objectContaining({ error: "Error: no", isReply: true }),
    );
  });

  it.each([
    "",
    "{",
    "null",
    "7",
    '{"isReply":true,"id":1}',
  ])("%j has no answer", (data) => {
    expect(answerMessage(data, new Map())).toBeNull();
  });

  it("reach us over the port that we hand over", async () => {
    const onReload = vi.fn();
    const ports: MessagePort[] = [];
    const parent = {
      postMessage: (message: string, _: string, transfer: MessagePort[]) => {
        expect(message).toBe("experimental.bootstrap");
        ports.push(...transfer);
      },
    } as unknown as Window;
    const disconnect = connectToPage(parent, onReload);
    const [port] = ports;
    const answer = new Promise<string>((resolve) => {
      port?.addEventListener("message", (event) => resolve(String(event.data)));
      port?.start();
    });
    port?.postMessage(
      JSON.stringify({ type: "experimental.DataReloaded", id: 3, isReply: false }),
    );
    expect(JSON.parse(await answer)).toMatchObject({ id: 3, isReply: true });
    expect(onReload).toHaveBeenCalledTimes(1);
    disconnect();
    port?.close();
  });
});
