import type { TasksClient } from "./client.js";
import { ConflictError, isProblem } from "./problem.js";

/** What every call takes. */
export interface CallOptions {
	/** Ends the call with an `AbortError`. */
	signal?: AbortSignal | undefined;
}

/** A call that makes something. */
export interface CreateOptions extends CallOptions {
	/**
	 * Under one key a thing is made once, however often it is asked for within a day. The client makes a key for each call and
	 * keeps it while it tries again; give your own to try again later, after a reload for instance.
	 */
	idempotencyKey?: string | undefined;
}

/**
 * Which one is meant. As it was read (`task`), it is changed only if it has not been changed by anybody since, else
 * {@link ConflictError}; by its id alone (`task.id`), in whatever state it is.
 */
export type Reference = string | { readonly id: string; readonly version: number };

export const ME = { user_id: "me" } as const;

export const idOf = (one: Reference): string => (typeof one === "string" ? one : one.id);

/** The parameter `If-Match`, where a state is meant. What counts in the API's entity tags is the version. */
export const stateOf = (one: Reference): { "If-Match"?: string } =>
	typeof one === "string" ? {} : { "If-Match": entityTag(one.version) };

export const entityTag = (version: number): string => `"${version}"`;

/** `exactOptionalPropertyTypes` tells absent from undefined, and so does fetch. */
export const only = (options?: CallOptions): { signal?: AbortSignal } =>
	options?.signal ? { signal: options.signal } : {};

export const keyOf = (options?: CreateOptions): { "Idempotency-Key": string } => ({
	"Idempotency-Key": options?.idempotencyKey ?? newKey(),
});

/** Of 128 random bits. `crypto.randomUUID` is there on secure origins only. */
export function newKey(): string {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Turns a 412 into a {@link ConflictError} that has the present state. */
export async function orConflict<T, Now>(change: Promise<T>, current: () => Promise<Now>): Promise<T> {
	try {
		return await change;
	} catch (error) {
		if (!isProblem(error, "precondition_failed")) throw error;
		throw new ConflictError<Now>(error, await current().catch(() => null));
	}
}

export type Api = TasksClient;
