import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createAwaited } from "./awaited";
import type { Loadable } from "./loadable";
import { createPlayer } from "./player";

function setUp(at: number | null = 0) {
  const step = signal<number | null>(at);
  const loadable = signal<Loadable<number>>({ state: "ready", value: 1 });
  const awaited = createAwaited();
  const visible = signal(true);
  const interval = signal(100);
  const unfollow = awaited.follow(loadable);
  const player = createPlayer({
    steps: signal([0, 10, 25, 60]),
    currentStep: step,
    busy: awaited.busy,
    visible,
    interval,
    setStep: (to) => {
      step.value = to;
    },
  });
  return { step, loadable, awaited, visible, interval, unfollow, player };
}

describe("the player", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("goes from step to step, and stops at the last", () => {
    const { step, player } = setUp();
    player.toggle();
    const seen = [step.value];
    for (let turn = 0; turn < 5; turn += 1) {
      vi.advanceTimersByTime(100);
      seen.push(step.value);
    }
    expect(seen).toEqual([0, 10, 25, 60, 60, 60]);
    expect(player.playing.value).toBe(false);
  });

  it("begins anew at the end", () => {
    const { step, player } = setUp(60);
    player.toggle();
    expect(step.value).toBe(0);
    expect(player.playing.value).toBe(true);
    vi.advanceTimersByTime(100);
    expect(step.value).toBe(10);
  });

  it("waits for the data of each step, and then shows it for a while", () => {
    const { step, loadable, player } = setUp();
    player.toggle();
    vi.advanceTimersByTime(99);
    loadable.value = { state: "loading" };
    vi.advanceTimersByTime(10_000);
    expect(step.value).toBe(0);
    loadable.value = { state: "ready", value: 2 };
    vi.advanceTimersByTime(99);
    expect(step.value).toBe(0);
    vi.advanceTimersByTime(1);
    expect(step.value).toBe(10);
  });

  it("goes on over what cannot be read, and waits while nobody sees it", () => {
    const { step, loadable, visible, player } = setUp();
    loadable.value = { state: "error", message: "It is damaged." };
    player.toggle();
    visible.value = false;
    vi.advanceTimersByTime(1000);
    expect(step.value).toBe(0);
    visible.value = true;
    vi.advanceTimersByTime(100);
    expect(step.value).toBe(10);
  });

  it("stops when it is told to, and goes on from where somebody went", () => {
    const { step, interval, player } = setUp();
    player.toggle();
    step.value = 25;
    interval.value = 50;
    vi.advanceTimersByTime(49);
    expect(step.value).toBe(25);
    vi.advanceTimersByTime(1);
    expect(step.value).toBe(60);
    step.value = 10;
    player.toggle();
    player.toggle();
    player.stop();
    vi.advanceTimersByTime(1000);
    expect(step.value).toBe(10);
    player.toggle();
    player.dispose();
    vi.advanceTimersByTime(1000);
    expect(step.value).toBe(10);
  });

  it("has nothing to play where there is one step", () => {
    const step = signal<number | null>(5);
    const player = createPlayer({
      steps: signal([5]),
      currentStep: step,
      busy: signal(false),
      visible: signal(true),
      interval: signal(1),
      setStep: () => {},
    });
    player.toggle();
    expect(player.playing.value).toBe(false);
  });
});

describe("what is awaited", () => {
  it("is busy while any of it is on its way", () => {
    const { loadable, awaited, unfollow } = setUp();
    const other = signal<Loadable<string>>({ state: "idle" });
    awaited.follow(other);
    expect(awaited.busy.value).toBe(false);
    other.value = { state: "loading", previous: "" };
    expect(awaited.busy.value).toBe(true);
    other.value = { state: "ready", value: "" };
    loadable.value = { state: "loading" };
    expect(awaited.busy.value).toBe(true);
    unfollow();
    expect(awaited.busy.value).toBe(false);
  });
});
