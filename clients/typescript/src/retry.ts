import { ProblemError, retryAfterSeconds, UnavailableError } from "./problem.js";

/** How often, and for how long, the client tries again by itself what is safe to send twice. */
export interface RetryPolicy {
	/** Attempts after the first one. 2 unless told. */
	attempts?: number;
	/** The longest pause before one of them, in milliseconds. 10 s unless told; who is told to wait longer learns of it instead. */
	longestPause?: number;
}

const FIRST_PAUSE = 300;

/** What a server or a proxy answers that did not carry the request out, or cannot say whether it did. */
const PASSING = new Set([408, 502, 503, 504]);

/**
 * Whether sending it twice does the same as sending it once: reading, what carries an `Idempotency-Key`, and `PUT` in any state.
 * With `If-Match` it is not: where the first answer got lost, the second one would be a 412 for one's own change.
 */
export function isRepeatable({ method, headers }: Request): boolean {
	if (method === "GET" || method === "HEAD" || headers.has("Idempotency-Key")) return true;
	return method === "PUT" && !headers.has("If-Match");
}

/** After how many milliseconds to send it again, or null: what has come is the answer. `made` counts attempts before. */
export function pauseAfter(
	outcome: Response | unknown,
	repeatable: boolean,
	made: number,
	policy: RetryPolicy | false,
): number | null {
	if (policy === false || made >= (policy.attempts ?? 2)) return null;
	const longest = policy.longestPause ?? 10_000;
	let told: number | null = null;
	if (outcome instanceof Response) {
		// 429 turns away before anything is done.
		if (outcome.status !== 429 && !(repeatable && PASSING.has(outcome.status))) return null;
		told = retryAfterSeconds(outcome.headers);
	} else if (!(repeatable && outcome instanceof UnavailableError && outcome.service === "api")) {
		return null;
	}
	const pause = told === null ? backoff(made, FIRST_PAUSE, longest) : told * 1000;
	return pause <= longest ? pause : null;
}

/** Doubled each time, and somewhere in its upper half, so that clients that failed together do not come back together. */
export function backoff(made: number, first: number, longest: number): number {
	const whole = Math.min(longest, first * 2 ** made);
	return whole / 2 + (Math.random() * whole) / 2;
}

/** Resolves after a while; rejects with the signal's reason when that comes first. */
export function sleep(milliseconds: number, signal?: AbortSignal | null): Promise<void> {
	return new Promise((resolve, reject) => {
		if (signal?.aborted) return reject(signal.reason);
		const wake = () => {
			clearTimeout(timer);
			reject(signal?.reason);
		};
		const timer = setTimeout(() => {
			signal?.removeEventListener("abort", wake);
			resolve();
		}, milliseconds);
		signal?.addEventListener("abort", wake, { once: true });
	});
}

/** Whether it may work later, without anybody doing anything about it. */
export function isPassing(error: unknown): boolean {
	if (error instanceof ProblemError)
		return error.status === 429 || error.status >= 500 || error.status === 408;
	return error instanceof UnavailableError;
}
