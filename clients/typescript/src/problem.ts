import type { ProblemCode } from "./generated/problem-codes.js";
import type { components } from "./schema.js";

/** What the API says about a request that it refused: RFC 9457 with a stable `code`. */
export type Problem = components["schemas"]["Problem"];

/** One member of a request body that was not understood; `pointer` is a JSON pointer into the body. */
export type FieldError = components["schemas"]["ProblemField"];

/**
 * The `code` of a {@link ProblemError}: those that the API had when this client was made, and `http_<status>` for an answer
 * that is no problem document. An API that is newer than the client may have others, so keep a branch for the rest.
 */
export type ErrorCode = ProblemCode | `http_${number}`;

/**
 * The API refused the request. `code` is stable and meant for code, `detail` is a sentence for people.
 *
 * An answer that is no problem document (a proxy's error page, for instance) has the code `http_<status>`.
 */
export class ProblemError extends Error {
	override readonly name: string = "ProblemError";
	readonly status: number;
	readonly code: ErrorCode;
	readonly title: string;
	readonly detail: string;
	/** Which members of the body were not understood; empty unless the status is 422. */
	readonly errors: readonly FieldError[];
	/** Names this one request in the server's log. */
	readonly requestId: string | null;
	/** In how many seconds to try again, where the server said so. */
	readonly retryAfter: number | null;
	/** The whole document, or null where the answer was none. */
	readonly problem: Problem | null;

	constructor(response: Pick<Response, "status" | "statusText" | "headers">, body: unknown) {
		const problem = isProblemDocument(body) ? body : null;
		const title = problem?.title ?? (response.statusText || "Unexpected answer");
		const detail = problem?.detail ?? `the server answered ${response.status} without saying why`;
		super(`${title}: ${detail}`);
		this.status = response.status;
		this.code = (problem?.code as ProblemCode | undefined) ?? `http_${response.status}`;
		this.title = title;
		this.detail = detail;
		this.errors = problem?.errors ?? [];
		this.requestId = problem?.request_id ?? response.headers.get("X-Request-ID");
		this.retryAfter = retryAfterSeconds(response.headers);
		this.problem = problem;
	}
}

/**
 * What was to be changed has changed since it was read (412, `precondition_failed`), and nothing was done. `current` is how it
 * is now, to put beside what the user wanted; null where it could not be read.
 */
export class ConflictError<T> extends ProblemError {
	override readonly name = "ConflictError";
	override readonly code = "precondition_failed";
	readonly current: T | null;

	constructor(refusal: ProblemError, current: T | null) {
		const { status, title: statusText, retryAfter } = refusal;
		const headers = new Headers(retryAfter === null ? {} : { "Retry-After": String(retryAfter) });
		super({ status, statusText, headers }, refusal.problem);
		this.current = current;
	}
}

/**
 * Why there is no token: the session is over (`signed_out`), this browser's session now belongs to somebody else
 * (`user_changed`), or the app itself dropped the token while the request was waiting (`cleared`).
 */
export type SignedOutReason = "signed_out" | "user_changed" | "cleared";

/** Nobody is signed in, or not the user for whom the request was meant. The request was not carried out. */
export class SignedOutError extends Error {
	override readonly name = "SignedOutError";
	readonly reason: SignedOutReason;

	constructor(reason: SignedOutReason) {
		super(
			{
				signed_out: "nobody is signed in",
				user_changed: "another user is signed in now",
				cleared: "the token was cleared while the request was waiting for it",
			}[reason],
		);
		this.reason = reason;
	}
}

/**
 * No usable answer from the API (`api`) or from Better Auth (`auth`): not reachable, too slow, or failing itself.
 * A request that changes something may or may not have been carried out when `service` is `api`.
 */
export class UnavailableError extends Error {
	override readonly name = "UnavailableError";
	readonly service: "api" | "auth";
	/** The HTTP status, where there was an answer at all. */
	readonly status: number | null;
	/** In how many seconds to try again, where the server said so. */
	readonly retryAfter: number | null;

	constructor(
		service: "api" | "auth",
		message: string,
		options: { status?: number | null; retryAfter?: number | null; cause?: unknown } = {},
	) {
		super(message, { cause: options.cause });
		this.service = service;
		this.status = options.status ?? null;
		this.retryAfter = options.retryAfter ?? null;
	}
}

/**
 * Whether the API refused a request, and for one of these reasons where some are given:
 * `if (isProblem(error, "tag_name_conflict")) …`. A code that there is not does not compile.
 */
export function isProblem<C extends ErrorCode>(
	error: unknown,
	...codes: readonly C[]
): error is ProblemError & { readonly code: C } {
	return error instanceof ProblemError && (codes.length === 0 || codes.some((code) => code === error.code));
}

/** Whether `value` is a problem document of the API. */
export function isProblemDocument(value: unknown): value is Problem {
	if (typeof value !== "object" || value === null) return false;
	const { status, code, title, detail, errors } = value as Record<string, unknown>;
	return (
		typeof status === "number" &&
		typeof code === "string" &&
		typeof title === "string" &&
		typeof detail === "string" &&
		(errors === undefined || errors === null || (Array.isArray(errors) && errors.every(isFieldError)))
	);
}

type Answer = { data?: unknown; error?: unknown; response: Response };
type DataOf<A extends Answer> = Extract<A, { error?: undefined }>["data"];

/**
 * The body of a good answer (`undefined` for 204), or an exception: {@link ProblemError}, {@link SignedOutError},
 * {@link UnavailableError}. An `AbortError` of your own signal passes through.
 */
export async function unwrap<A extends Answer>(answer: Promise<A>): Promise<DataOf<A>> {
	let settled: A;
	try {
		settled = await answer;
	} catch (cause) {
		throw asUnavailable(cause);
	}
	if (!settled.response.ok) throw new ProblemError(settled.response, settled.error);
	return settled.data as DataOf<A>;
}

/** What a failed `fetch`, or reading its body, means; anything else is handed back as it came. */
export function asUnavailable(cause: unknown): unknown {
	if (!(cause instanceof Error)) return cause;
	switch (cause.name) {
		// What fetch throws for a refused connection, an unknown host, a lost connection, and a CORS refusal alike.
		case "TypeError":
			return new UnavailableError("api", "the API cannot be reached", { cause });
		case "TimeoutError":
			return new UnavailableError("api", "the API did not answer in time", { cause });
		case "SyntaxError":
			return new UnavailableError("api", "the API's answer is not JSON", { cause });
		default:
			return cause;
	}
}

/** `Retry-After` as seconds from now; the API writes no dates there. */
export function retryAfterSeconds(headers: Headers): number | null {
	const text = headers.get("Retry-After");
	return text !== null && /^\d{1,9}$/.test(text.trim()) ? Number(text) : null;
}

function isFieldError(value: unknown): value is FieldError {
	if (typeof value !== "object" || value === null) return false;
	const { pointer, code, detail } = value as Record<string, unknown>;
	return typeof pointer === "string" && typeof code === "string" && typeof detail === "string";
}
