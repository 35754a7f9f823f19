"use client";

import { useMutationState } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import type { LiveState } from "@/lib/tasks/live";

function listen(listener: () => void) {
	window.addEventListener("online", listener);
	window.addEventListener("offline", listener);
	return () => {
		window.removeEventListener("online", listener);
		window.removeEventListener("offline", listener);
	};
}

/** How this page and the API are connected. Silence is the good state; a dot says that it is so. */
export function ConnectionNotice({ live }: { live: LiveState }) {
	const online = useSyncExternalStore(
		listen,
		() => navigator.onLine,
		() => true,
	);
	const waiting = useMutationState({ filters: { predicate: ({ state }) => state.isPaused } }).length;

	if (!online) {
		const what =
			waiting === 0 ? "" : waiting === 1 ? " · 1 change is waiting" : ` · ${waiting} changes are waiting`;
		return (
			<p
				role="status"
				className="fixed inset-x-4 top-[4.5rem] z-30 mx-auto w-fit rounded-full border border-amber/40 bg-card px-4 py-1.5 text-sm font-medium text-amber shadow-lift"
			>
				You are offline{what}
			</p>
		);
	}
	return (
		<p role="status" className="mr-1 flex items-center gap-2 text-sm text-soft">
			<span
				aria-hidden="true"
				className={`size-2 rounded-full ${live === "live" ? "bg-accent" : live === "away" ? "bg-amber" : "bg-line"}`}
			/>
			<span className="max-sm:sr-only">
				{{ live: "Live", connecting: "Connecting", away: "Reconnecting" }[live]}
			</span>
		</p>
	);
}
