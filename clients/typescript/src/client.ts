import createClient, { type Client } from "openapi-fetch";
import { asUnavailable, SignedOutError } from "./problem.js";
import type { paths } from "./schema.js";
import type { TokenSource } from "./token.js";

/** One method for each HTTP verb, typed by the API's own OpenAPI file. See openapi-fetch; {@link unwrap} throws for you. */
export type TasksClient = Client<paths>;

export interface TasksClientOptions {
	/** Where the API is, for instance `http://localhost:8000`; without `/api/v1`. */
	baseUrl: string;
	/** Where tokens come from: `betterAuthToken(authClient)`, or a function of your own (on a server, for instance). */
	token: TokenSource | (() => string | Promise<string>);
	/** How long one attempt may take, in milliseconds. 30 s unless told. */
	timeout?: number;
	/** What to send requests with. The global `fetch` unless told. */
	fetch?: (request: Request, init: RequestInit) => Promise<Response>;
}

/**
 * A client that adds a fresh token to every request. When the API answers 401, it asks once for another token and sends the
 * request once more, as it was; whatever comes then is the answer. No cookie is ever sent, no redirect followed.
 */
export function createTasksClient(options: TasksClientOptions): TasksClient {
	const source = typeof options.token === "function" ? fromFunction(options.token) : options.token;
	const base = new URL(options.baseUrl, globalThis.location?.href);
	const timeout = options.timeout ?? 30_000;
	const send = options.fetch ?? ((request, init) => globalThis.fetch(request, init));

	async function attempt(request: Request, token: string): Promise<Response> {
		request.headers.set("Authorization", `Bearer ${token}`);
		try {
			return await send(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(timeout)]) });
		} catch (cause) {
			throw asUnavailable(cause);
		}
	}

	async function withToken(request: Request): Promise<Response> {
		// openapi-fetch lets one call name another base: the token is not for whoever lives there.
		const { origin } = new URL(request.url);
		if (origin !== base.origin) throw new Error(`a token for ${base.origin} is not sent to ${origin}`);

		const again = request.clone();
		const token = await source.token();
		const response = await attempt(request, token);
		if (response.status !== 401) return response;

		const other = await source.replace(token);
		if (other === token) return response;
		await response.body?.cancel();
		return attempt(again, other);
	}

	return createClient<paths>({
		baseUrl: base.href,
		fetch: withToken,
		credentials: "omit",
		cache: "no-store",
		redirect: "error",
	});
}

function fromFunction(token: () => string | Promise<string>): TokenSource {
	const ask = async () => {
		const answer = await token();
		if (!answer) throw new SignedOutError("signed_out");
		return answer;
	};
	return { token: ask, replace: ask, clear() {} };
}
