import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { toasts } from "../lib/toasts";

const texts = () => toasts.snapshot().map(({ text }) => text);

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	toasts.clear();
	vi.useRealTimers();
});

describe("a note", () => {
	it("goes by itself, later where something can be done about it, and not at all where it is to stay", () => {
		toasts.show({ kind: "done", text: "plain" });
		toasts.show({ kind: "done", text: "undo", action: { label: "Undo", run: () => {} } });
		toasts.show({ kind: "done", text: "reminder", stays: true });
		vi.advanceTimersByTime(5_000);
		expect(texts()).toEqual(["undo", "reminder"]);
		vi.advanceTimersByTime(3_600_000);
		expect(texts()).toEqual(["reminder"]);
	});

	it("stays while it is read", () => {
		const id = toasts.show({ kind: "done", text: "plain" });
		toasts.hold(id);
		vi.advanceTimersByTime(60_000);
		expect(texts()).toEqual(["plain"]);
		toasts.resume(id);
		vi.advanceTimersByTime(5_000);
		expect(texts()).toEqual([]);
	});

	it("makes room for newer ones", () => {
		for (const text of ["1", "2", "3", "4"]) toasts.show({ kind: "done", text });
		expect(texts()).toEqual(["2", "3", "4"]);
	});
});

it("undoes the newest thing that can be undone, and each once", () => {
	const undone: string[] = [];
	for (const text of ["first", "second"]) {
		toasts.show({ kind: "done", text, action: { label: "Undo", run: () => undone.push(text) } });
	}
	toasts.show({ kind: "failed", text: "no", action: { label: "Try again", run: () => undone.push("no") } });
	expect([toasts.undo(), toasts.undo(), toasts.undo()]).toEqual([true, true, false]);
	expect(undone).toEqual(["second", "first"]);
});
