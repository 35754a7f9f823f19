import { type Api, type CallOptions, ME, only } from "./call.js";
import { unwrap } from "./problem.js";
import type { components } from "./schema.js";
import { type SubscriptionOptions, subscribe } from "./subscription.js";
import type { Transport } from "./transport.js";

export type Changes = components["schemas"]["Changes"];

export interface SinceOptions extends CallOptions {
	/** Most changes to give: 1 to 1,000, 100 unless told. */
	limit?: number;
	/** How many seconds to wait for something to happen: 0 to 25. */
	wait?: number;
}

export function changesOf(api: Api, transport: Transport) {
	return {
		/** What has happened after a number; without one, only where the history stands (`next_seq`). */
		since: (seq?: number, options: SinceOptions = {}): Promise<Changes> => {
			const { signal, ...rest } = options;
			const query = { ...(seq === undefined ? {} : { since: seq }), ...rest };
			return unwrap(
				api.GET("/api/v1/{user_id}/changes", { params: { path: ME, query }, ...only({ signal }) }),
			);
		},
		/** Told of each change as it happens, for as long as it is not closed. */
		subscribe: (options: SubscriptionOptions) => subscribe(transport, options),
	};
}
