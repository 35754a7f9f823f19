import { useEffect, useRef, useState } from "react";
import type { Change, ResetReason, SubscriptionState } from "../subscription.js";
import { useDrawbridgeContext } from "./context.js";

export interface LiveChangesOptions {
	/** False: not now. */
	enabled?: boolean;
	onChange?: (change: Change) => void;
	onReset?: (reason: ResetReason) => void;
}

/** Changes that come together are answered together. */
const GATHER = 150;

/** Reads again what others have changed, as it happens. Use it once, near the root; it tells whether the stream is up. */
export function useLiveChanges(options: LiveChangesOptions = {}): SubscriptionState {
	const { drawbridge, keys, pending, queries } = useDrawbridgeContext();
	const [state, setState] = useState<SubscriptionState>({ status: "connecting" });
	const told = useRef(options);
	useEffect(() => {
		told.current = options;
	});
	const enabled = options.enabled ?? true;

	useEffect(() => {
		if (!enabled) return;
		const stale = new Set<readonly unknown[]>();
		let timer: ReturnType<typeof setTimeout> | undefined;
		const readAgain = (...some: readonly (readonly unknown[])[]) => {
			for (const key of some) stale.add(key);
			timer ??= setTimeout(() => {
				timer = undefined;
				for (const queryKey of stale) void queries.invalidateQueries({ queryKey });
				stale.clear();
			}, GATHER);
		};
		const subscription = drawbridge.changes.subscribe({
			onState: (next) => {
				setState(next);
				// What was read before the stream was up may be older than its beginning.
				if (next.status === "live") readAgain(keys.all);
			},
			onChange: (change) => {
				told.current.onChange?.(change);
				if (pending.knows(change.entity_id, change.version)) return;
				if (change.kind.startsWith("tag.")) readAgain(keys.tags, keys.tasks, keys.stats);
				else if (change.kind.startsWith("task.")) readAgain(keys.tasks, keys.stats, keys.tags);
			},
			onReset: (reason) => {
				told.current.onReset?.(reason);
				readAgain(keys.all);
			},
		});
		return () => {
			clearTimeout(timer);
			subscription.close();
		};
	}, [enabled, drawbridge, keys, pending, queries]);

	return state;
}
