import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { whileVisible } from "../lib/api/while-visible";

class Page extends EventTarget {
	visibilityState: DocumentVisibilityState = "visible";
	become(state: DocumentVisibilityState) {
		this.visibilityState = state;
		this.dispatchEvent(new Event("visibilitychange"));
	}
}

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

function follow() {
	const page = new Page();
	const streams: { since: number | null; lastSeq: number | null; open: boolean }[] = [];
	const following = whileVisible(page, (since) => {
		const stream = {
			since,
			lastSeq: since,
			open: true,
			close() {
				stream.open = false;
			},
		};
		streams.push(stream);
		return stream;
	});
	return { page, streams, following, open: () => streams.filter(({ open }) => open).length };
}

it("lets go of the stream when the page is out of sight for long, and goes on where it stood", () => {
	const { page, streams, open } = follow();
	const [first] = streams;
	if (first) first.lastSeq = 41;
	page.become("hidden");
	vi.advanceTimersByTime(60_000);
	expect(open()).toBe(0);
	page.become("visible");
	expect(open()).toBe(1);
	expect(streams.map(({ since }) => since)).toEqual([null, 41]);
});

it("keeps the stream when the page is back soon", () => {
	const { page, streams, open } = follow();
	page.become("hidden");
	vi.advanceTimersByTime(5_000);
	page.become("visible");
	vi.advanceTimersByTime(60_000);
	expect([streams.length, open()]).toEqual([1, 1]);
});

it("follows nothing any more once it is closed", () => {
	const { page, following, streams, open } = follow();
	page.become("hidden");
	following.close();
	page.become("visible");
	vi.advanceTimersByTime(60_000);
	expect([streams.length, open()]).toEqual([1, 0]);
});
