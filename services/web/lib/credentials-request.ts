import { authClient } from "./auth-client";
import { type AuthRefusal, describeRefusal } from "./credentials";

/** Signs in or up. Why it was refused, in words, or null when the session is there. */
export async function sendCredentials(
	purpose: "sign-in" | "sign-up",
	{ name, email, password }: { name: string; email: string; password: string },
): Promise<string | null> {
	let retryAfter: string | null = null;
	const fetchOptions = {
		onError: ({ response }: { response: Response }) => {
			retryAfter = response.headers.get("X-Retry-After");
		},
	};
	let error: AuthRefusal | null;
	try {
		({ error } =
			purpose === "sign-up"
				? await authClient.signUp.email({ name, email, password, fetchOptions })
				: await authClient.signIn.email({ email, password, fetchOptions }));
	} catch {
		return "The sign-in service cannot be reached. Check your connection, then try again.";
	}
	return error && describeRefusal(error, retryAfter);
}
