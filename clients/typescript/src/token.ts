import { SignedOutError, type SignedOutReason, UnavailableError } from "./problem.js";

/** Where a client's tokens come from. */
export interface TokenSource {
	/** A token that is good now. Throws {@link SignedOutError} or {@link UnavailableError}. */
	token(): Promise<string>;
	/**
	 * The API did not take `refused`: another token of the same user, or `refused` again where there is no other. Never a
	 * token of another user, because the request was made for the first.
	 */
	replace(refused: string): Promise<string>;
	/**
	 * Forget the token: call it on sign-out. Whoever is waiting for a token gets a {@link SignedOutError}. Whoever signs in
	 * next may follow, unless the source was made for one user.
	 */
	clear(): void;
}

/** What is used of Better Auth's client: `createAuthClient({ plugins: [jwtClient()] })` has it. */
export interface BetterAuthTokenClient {
	token(options: { fetchOptions: { cache: "no-store"; signal: AbortSignal } }): Promise<{
		data?: { token: string } | null;
		error?: { status: number; message?: string | undefined } | null;
	}>;
}

export interface BetterAuthTokenOptions {
	/**
	 * Better Auth's id of the user for whom this page was made (`session.user.id`). With it, a browser in which somebody else
	 * has signed in meanwhile, in another tab, yields `user_changed` from the first token on; without it, from the second on.
	 * It holds for good, also after `clear()`: for another user, make another source.
	 */
	userId?: string;
	/** Called whenever a token was wanted and there is no session, or another user's. */
	onSignedOut?: (reason: Exclude<SignedOutReason, "cleared">) => void;
	/** How long Better Auth may take, in milliseconds. 10 s unless told. */
	timeout?: number;
	/** The clock, in milliseconds. `Date.now` unless told. */
	now?: () => number;
}

interface HeldToken {
	value: string;
	subject: string;
	refreshAt: number;
	expiresAt: number;
}

/** After a refresh ahead of time has failed, leave Better Auth alone for this long; the token at hand is still good. */
const REFRESH_PAUSE = 5_000;

/**
 * Better Auth's JWT, held in memory and nowhere else. It is renewed one minute before it expires (in the last fifth of a
 * short life), behind the back of the request that notices, so that nobody waits and an outage of Better Auth is felt only
 * when the token is really over. However many requests want a token, Better Auth is asked once.
 */
export function betterAuthToken(
	authClient: BetterAuthTokenClient,
	options: BetterAuthTokenOptions = {},
): TokenSource {
	const now = options.now ?? Date.now;
	let held: HeldToken | null = null;
	let pending: Promise<HeldToken> | null = null;
	let subject = options.userId ?? null;
	let era = 0;
	let noRefreshBefore = Number.NEGATIVE_INFINITY;

	function renew(): Promise<HeldToken> {
		if (pending) return pending;
		const asking = ask(era);
		pending = asking;
		const done = () => {
			if (pending === asking) pending = null;
		};
		asking.then(done, done);
		return asking;
	}

	async function ask(askedIn: number): Promise<HeldToken> {
		// Before the question, so that the time which the answer takes counts against the token's life.
		const asked = now();
		const answer = await askBetterAuth(authClient, options.timeout ?? 10_000);
		if (askedIn !== era) throw new SignedOutError("cleared");
		if (answer === null) return end("signed_out");
		const fresh = hold(answer, asked);
		subject ??= fresh.subject;
		if (fresh.subject !== subject) return end("user_changed");
		held = fresh;
		return fresh;
	}

	function end(reason: "signed_out" | "user_changed"): never {
		held = null;
		options.onSignedOut?.(reason);
		throw new SignedOutError(reason);
	}

	return {
		async token() {
			const time = now();
			if (held && time < held.expiresAt) {
				if (time >= held.refreshAt && time >= noRefreshBefore) {
					noRefreshBefore = time + REFRESH_PAUSE;
					renew().catch(() => {});
				}
				return held.value;
			}
			return (await renew()).value;
		},

		async replace(refused) {
			if (held?.value === refused) held = null;
			const other = held ?? (await renew());
			// `subject` is not enough: after clear() it may already be the next user's.
			if (other.subject !== claimsOf(refused).sub) throw new SignedOutError("user_changed");
			return other.value;
		},

		clear() {
			era += 1;
			held = null;
			pending = null;
			subject = options.userId ?? null;
			noRefreshBefore = Number.NEGATIVE_INFINITY;
		},
	};
}

/** A new JWT, or null when nobody is signed in. */
async function askBetterAuth(authClient: BetterAuthTokenClient, timeout: number): Promise<string | null> {
	let answer: Awaited<ReturnType<BetterAuthTokenClient["token"]>>;
	try {
		answer = await authClient.token({
			fetchOptions: { cache: "no-store", signal: AbortSignal.timeout(timeout) },
		});
	} catch (cause) {
		throw new UnavailableError("auth", "Better Auth cannot be reached", { cause });
	}
	const { data, error } = answer;
	if (typeof data?.token === "string") return data.token;
	if (error?.status === 401) return null;
	if (error?.status === 404) {
		throw new Error("Better Auth has no /token: is the jwt() plugin in its list?");
	}
	throw new UnavailableError("auth", "Better Auth gives no token at the moment", {
		status: error?.status ?? null,
	});
}

function hold(token: string, asked: number): HeldToken {
	const { sub, iat, exp } = claimsOf(token);
	// By iat and exp of one clock, the issuer's: whether this machine's clock is right does not matter then.
	const life = Math.max(0, (exp - iat) * 1000);
	return {
		value: token,
		subject: sub,
		refreshAt: asked + life - Math.min(60_000, life / 5),
		expiresAt: asked + life,
	};
}

/** Reads the claims without verifying them: that is the API's part, here they only say when to ask for the next token. */
function claimsOf(token: string): { sub: string; iat: number; exp: number } {
	const [, payload, signature, ...rest] = token.split(".");
	if (payload && signature && rest.length === 0) {
		try {
			const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (char) =>
				char.charCodeAt(0),
			);
			const { sub, iat, exp } = JSON.parse(new TextDecoder().decode(bytes));
			if (typeof sub === "string" && Number.isFinite(iat) && Number.isFinite(exp)) return { sub, iat, exp };
		} catch {
			// Falls through: the text below says all there is to say, and the token itself must not end up in a message.
		}
	}
	throw new Error("this is no JWT with sub, iat and exp: use authClient.token(), not the session's token");
}
