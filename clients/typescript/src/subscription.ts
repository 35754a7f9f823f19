import { createParser } from "eventsource-parser";
import { ME } from "./call.js";
import { REQUEST } from "./client.js";
import { asUnavailable, isProblem, ProblemError, UnavailableError } from "./problem.js";
import { backoff, isPassing, sleep } from "./retry.js";
import type { components } from "./schema.js";
import type { Transport } from "./transport.js";

/** Something that has happened to something of the user's: not what it is now, but that it is another now. */
export type Change = components["schemas"]["Event"];

/**
 * Why everything has to be read again: the history does not reach back far enough (`history_trimmed`), the number is of another
 * database, or of one from before it was restored or erased (`sequence_ahead`), or much has changed at once (`import`).
 */
export type ResetReason = "history_trimmed" | "sequence_ahead" | "import";

export type SubscriptionState =
	| { status: "connecting" }
	/** Whatever happens from now on is told. */
	| { status: "live" }
	/** Not connected; the next attempt is at `retryAt`, in milliseconds since 1970. */
	| { status: "waiting"; error: unknown; retryAt: number }
	/** It is over: closed by you, or, with an error, nobody is signed in or the API will not have it. */
	| { status: "closed"; error: unknown };

export interface SubscriptionOptions {
	/**
	 * The number of the last event that is known: `next_seq` of `changes.since()`, asked for before what you show was read. Without
	 * it the subscription begins with what happens once it is live.
	 */
	since?: number;
	/** Each change once, in order. */
	onChange: (change: Change) => void;
	/** Read everything again; the subscription itself goes on. Without it, what was missed stays unseen. */
	onReset?: (reason: ResetReason) => void;
	onState?: (state: SubscriptionState) => void;
	/** Ends it, as `close()` does. */
	signal?: AbortSignal;
	/** How long no sign of life may come, in milliseconds. 60 s unless told; the API gives one every 25 s. */
	heartbeatTimeout?: number;
}

export interface Subscription {
	readonly state: SubscriptionState;
	/** The number of the last event that was told. */
	readonly lastSeq: number | null;
	close(): void;
}

const LONGEST_PAUSE = 30_000;

/** Server-sent events over `fetch`, which unlike `EventSource` can send a token. Comes back by itself where it stood. */
export function subscribe(transport: Transport, options: SubscriptionOptions): Subscription {
	const closing = new AbortController();
	const signal = options.signal ? AbortSignal.any([options.signal, closing.signal]) : closing.signal;
	const patience = options.heartbeatTimeout ?? 60_000;
	let state: SubscriptionState = { status: "connecting" };
	let seen = options.since ?? null;
	let firstPause = 2_000;
	let failures = 0;
	let reset: ResetReason | null = null;

	function enter(next: SubscriptionState) {
		state = next;
		options.onState?.(next);
	}

	function make(alive: AbortSignal): Request {
		const headers = new Headers({ Accept: "text/event-stream" });
		if (seen !== null) headers.set("Last-Event-ID", String(seen));
		const url = new URL(`api/v1/${ME.user_id}/events`, transport.base);
		return new Request(url, { ...REQUEST, headers, signal: alive });
	}

	/** One stream, to its end. */
	async function follow(alive: AbortSignal, heard: () => void): Promise<void> {
		const { response, token } = await transport.send(() => make(alive), { timeout: 0 });
		if (!response.ok || !response.body)
			throw new ProblemError(response, await response.json().catch(() => null));
		let over = false;
		const parser = createParser({
			onRetry: (milliseconds) => {
				firstPause = milliseconds;
			},
			onEvent: ({ event, data }) => {
				if (event === "ready") {
					seen = (JSON.parse(data) as { seq: number }).seq;
					enter({ status: "live" });
					// Only now: what is read from here on is not older than the stream.
					if (reset) options.onReset?.(reset);
					reset = null;
				} else if (event === "reauth") {
					over = true;
				} else if (event) {
					tell(JSON.parse(data) as Change);
				}
			},
		});
		const reader = response.body.getReader();
		const decoder = new TextDecoder();
		for (;;) {
			const { done, value } = await reader.read();
			if (done) break;
			heard();
			parser.feed(decoder.decode(value, { stream: true }));
		}
		if (over) await transport.renew(token);
	}

	function tell(change: Change) {
		// A number comes once, whatever a proxy does.
		if (seen !== null && change.seq <= seen) return;
		seen = change.seq;
		failures = 0;
		if (change.kind === "import.done") options.onReset?.("import");
		else options.onChange(change);
	}

	/** Follows until the stream ends, breaks, or is silent for too long. */
	async function attempt(): Promise<void> {
		const silence = new AbortController();
		const quiet = () => silence.abort(new UnavailableError("api", "the stream of changes fell silent"));
		let timer = setTimeout(quiet, patience);
		const heard = () => {
			clearTimeout(timer);
			timer = setTimeout(quiet, patience);
		};
		try {
			await follow(AbortSignal.any([signal, silence.signal]), heard);
		} catch (error) {
			throw silence.signal.aborted ? silence.signal.reason : error;
		} finally {
			clearTimeout(timer);
		}
	}

	async function run(): Promise<void> {
		while (!signal.aborted) {
			enter({ status: "connecting" });
			const since = Date.now();
			let error: unknown = null;
			try {
				await attempt();
			} catch (cause) {
				error = asUnavailable(cause);
			}
			if (signal.aborted) break;
			if (isProblem(error, "history_trimmed", "sequence_ahead")) {
				reset = error.code;
				seen = null;
			} else if (error !== null && !isPassing(error)) {
				return enter({ status: "closed", error });
			}
			// A stream that lived for a while has ended as streams do: with its token, or with its server.
			if (error === null && Date.now() - since > 1_000) failures = 0;
			const told = error instanceof ProblemError ? (error.retryAfter ?? 0) * 1000 : 0;
			const pause = Math.max(told, failures === 0 ? 0 : backoff(failures - 1, firstPause, LONGEST_PAUSE));
			failures += 1;
			if (pause > 0) {
				enter({ status: "waiting", error, retryAt: Date.now() + pause });
				await sleepUntilOnline(pause, signal).catch(() => {});
			}
		}
		enter({ status: "closed", error: null });
	}

	// After this function has returned, so that its callbacks may use what it returns.
	queueMicrotask(run);
	return {
		get state() {
			return state;
		},
		get lastSeq() {
			return seen;
		},
		close: () => closing.abort(),
	};
}

/** A browser that is back on its network need not wait. */
async function sleepUntilOnline(milliseconds: number, signal: AbortSignal): Promise<void> {
	const online = new AbortController();
	const wake = () => online.abort();
	globalThis.addEventListener?.("online", wake);
	try {
		await sleep(milliseconds, AbortSignal.any([signal, online.signal]));
	} finally {
		globalThis.removeEventListener?.("online", wake);
	}
}
