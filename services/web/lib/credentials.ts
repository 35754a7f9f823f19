/** What Better Auth's client hands back when it refuses. */
export interface AuthRefusal {
	status: number;
	code?: string | undefined;
	message?: string | undefined;
}

/** Why signing in or up failed, in words for the person at the form. `retryAfter` is Better Auth's X-Retry-After. */
export function describeRefusal(refusal: AuthRefusal, retryAfter: string | null): string {
	switch (refusal.code) {
		case "INVALID_EMAIL_OR_PASSWORD":
			return "No account has this e-mail address and password.";
		case "USER_ALREADY_EXISTS":
		case "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL":
			return "There is an account with this e-mail address already. Sign in instead?";
		case "INVALID_EMAIL":
			return "This is not an e-mail address.";
		case "PASSWORD_TOO_SHORT":
			return "The password needs 8 characters or more.";
		case "PASSWORD_TOO_LONG":
			return "The password may have 128 characters at most.";
		case "INVALID_ORIGIN":
			return "This address is not the one the app was set up for (BETTER_AUTH_URL). Open it under that one.";
	}
	if (refusal.status === 429) {
		const seconds = retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null;
		return seconds === null
			? "Too many attempts. Wait a little, then try again."
			: `Too many attempts. Try again in ${seconds} ${seconds === 1 ? "second" : "seconds"}.`;
	}
	if (refusal.status >= 500) return "The sign-in service has a problem of its own. Try again in a moment.";
	return refusal.message ?? "That was refused, without a reason.";
}
