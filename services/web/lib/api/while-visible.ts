import type { Subscription } from "@drawbridge/client";

/** How long a page may be out of sight before it lets go. */
const PATIENCE = 30_000;

type Page = Pick<Document, "visibilityState" | "addEventListener" | "removeEventListener">;

/**
 * Holds a stream only while the page is in sight, and goes on afterwards where it stood. A browser has six connections for one
 * server, shared by all its tabs: with as many streams in forgotten tabs, nothing else would get through.
 */
export function whileVisible(
	page: Page,
	subscribe: (since: number | null) => Pick<Subscription, "lastSeq" | "close">,
): { close: () => void } {
	let stream: ReturnType<typeof subscribe> | null = subscribe(null);
	let last: number | null = null;
	let timer: ReturnType<typeof setTimeout> | undefined;

	function letGo() {
		last = stream?.lastSeq ?? last;
		stream?.close();
		stream = null;
	}
	function look() {
		clearTimeout(timer);
		if (page.visibilityState === "hidden") timer = setTimeout(letGo, PATIENCE);
		else stream ??= subscribe(last);
	}
	page.addEventListener("visibilitychange", look);
	look();
	return {
		close() {
			page.removeEventListener("visibilitychange", look);
			clearTimeout(timer);
			letGo();
		},
	};
}
