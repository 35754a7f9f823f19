import { asUnavailable, SignedOutError, type SignedOutReason } from "./problem.js";
import { isRepeatable, pauseAfter, type RetryPolicy, sleep } from "./retry.js";
import type { TokenSource } from "./token.js";

export interface TransportOptions {
	/** Where the API is, for instance `http://localhost:8000`; without `/api/v1`. */
	baseUrl: string;
	/** Where tokens come from: `betterAuthToken(authClient)`, or a function of your own (on a server, for instance). */
	token: TokenSource | (() => string | Promise<string>);
	/**
	 * Called when there is no token (see {@link SignedOutError}), or when the API did not take a new one either (`refused`: the
	 * user is banned, for instance): show the sign-in page. The call itself fails as well.
	 */
	onSignedOut?: (reason: Exclude<SignedOutReason, "cleared"> | "refused") => void;
	/** How long one attempt may take, in milliseconds. 30 s unless told. */
	timeout?: number;
	/** What to send requests with. The global `fetch` unless told. */
	fetch?: (request: Request, init: RequestInit) => Promise<Response>;
}

/** An answer, and the token that it was given to. */
export interface Sent {
	response: Response;
	token: string;
}

/** Sends requests of one user: with a token, another one after a 401, and again where that is safe. */
export interface Transport {
	/** Ends with a slash. */
	readonly base: string;
	readonly tokens: TokenSource;
	/** Another token than this one, for what the API says without a 401. */
	renew(token: string): Promise<string>;
	/** `make` is called for each attempt. `timeout` 0 is for what lasts. */
	send(make: () => Request, how?: { timeout?: number }): Promise<Sent>;
}

export function createTransport(options: TransportOptions, retry: RetryPolicy | false): Transport {
	const tokens = typeof options.token === "function" ? fromFunction(options.token) : options.token;
	const base = new URL(options.baseUrl, globalThis.location?.href);
	if (!base.pathname.endsWith("/")) base.pathname += "/";
	const fetch = options.fetch ?? ((request, init) => globalThis.fetch(request, init));

	async function attempt(request: Request, token: string, timeout: number): Promise<Response> {
		// openapi-fetch lets one call name another base: the token is not for whoever lives there.
		const { origin } = new URL(request.url);
		if (origin !== base.origin) throw new Error(`a token for ${base.origin} is not sent to ${origin}`);
		request.signal.throwIfAborted();
		request.headers.set("Authorization", `Bearer ${token}`);
		const signal = timeout ? AbortSignal.any([request.signal, AbortSignal.timeout(timeout)]) : request.signal;
		try {
			return await fetch(request, { signal });
		} catch (cause) {
			throw asUnavailable(cause);
		}
	}

	async function tokenOr(ask: Promise<string>): Promise<string> {
		try {
			return await ask;
		} catch (error) {
			if (error instanceof SignedOutError && error.reason !== "cleared") options.onSignedOut?.(error.reason);
			throw error;
		}
	}

	async function authorized(make: () => Request, timeout: number): Promise<Sent> {
		let token = await tokenOr(tokens.token());
		let response = await attempt(make(), token, timeout);
		if (response.status !== 401) return { response, token };
		const other = await tokenOr(tokens.replace(token));
		if (other !== token) {
			await response.body?.cancel();
			token = other;
			response = await attempt(make(), token, timeout);
		}
		if (response.status === 401) options.onSignedOut?.("refused");
		return { response, token };
	}

	return {
		base: base.href,
		tokens,
		renew: (token) => tokenOr(tokens.replace(token)),
		async send(make, how = {}) {
			const model = make();
			const repeatable = isRepeatable(model);
			for (let made = 0; ; made += 1) {
				let sent: Sent | null = null;
				let failure: unknown;
				try {
					sent = await authorized(make, how.timeout ?? options.timeout ?? 30_000);
				} catch (error) {
					failure = error;
				}
				const pause = pauseAfter(sent?.response ?? failure, repeatable, made, retry);
				if (pause === null) {
					if (sent) return sent;
					throw failure;
				}
				await sent?.response.body?.cancel();
				await sleep(pause, model.signal);
			}
		},
	};
}

function fromFunction(token: () => string | Promise<string>): TokenSource {
	const ask = async () => {
		const answer = await token();
		if (!answer) throw new SignedOutError("signed_out");
		return answer;
	};
	return { token: ask, replace: ask, clear() {} };
}
