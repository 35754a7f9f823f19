import type { BetterAuthTokenClient } from "@drawbridge/client";

/**
 * `authClient.token()` as the one request that it is. A page needs a token before it can show a task, and Better Auth's client
 * (auth-client.ts) is a good part of all the code that would have to arrive before; it comes when somebody signs in or out.
 */
export const tokenClient: BetterAuthTokenClient = {
	async token({ fetchOptions }) {
		const response = await fetch("/api/auth/token", { ...fetchOptions, credentials: "same-origin" });
		if (!response.ok) return { data: null, error: { status: response.status } };
		return { data: await response.json(), error: null };
	},
};
