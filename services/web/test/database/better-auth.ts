import { betterAuth } from "better-auth";
import { authOptions } from "../../lib/auth-options.js";
import { openPool } from "../../lib/database.js";

export const BASE = "http://localhost:3000";
export const SECRET = "0123456789abcdef0123456789abcdef";

export const person = (email: string) => ({ name: "Ann", email, password: "a bridge too far" });

type Options = ReturnType<typeof authOptions>;

/** Better Auth as the app has it, or as `change` makes it, asked as a browser would. */
export function startBetterAuth(databaseUrl: string, change: (options: Options) => object = () => ({})) {
	const pool = openPool(databaseUrl, { max: 4 });
	const options = authOptions(pool);
	const changed = change(options) as { advanced?: object };
	const auth = betterAuth({
		...options,
		baseURL: BASE,
		secret: SECRET,
		...changed,
		// Under a test runner Better Auth leaves these checks out, unless it is told not to.
		advanced: { ...changed.advanced, disableOriginCheck: false, disableCSRFCheck: false },
	});

	const call = (path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> =>
		auth.handler(
			new Request(`${BASE}/api/auth${path}`, {
				method: body ? "POST" : "GET",
				headers: { Origin: BASE, "Content-Type": "application/json", ...headers },
				...(body ? { body: JSON.stringify(body) } : {}),
			}),
		);

	/** Whoever holds this cookie. */
	const visitor = (cookie: string) => {
		const ask = (path: string, body?: unknown) => call(path, body, { cookie });
		return {
			cookie,
			ask,
			async claims() {
				const answer = await ask("/token");
				if (!answer.ok) throw new Error(`/token answers ${answer.status}`);
				const { token } = (await answer.json()) as { token: string };
				const [header, payload] = token.split(".").map((part) => Buffer.from(part, "base64url").toString());
				return { header: JSON.parse(header ?? ""), payload: JSON.parse(payload ?? "") };
			},
		};
	};

	async function enter(path: string, body: unknown) {
		const answer = await call(path, body);
		if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${await answer.text()}`);
		const cookies = answer.headers.getSetCookie().map((text) => text.split(";")[0]);
		return visitor(cookies.join("; "));
	}

	return {
		auth,
		call,
		visitor,
		signUp: (email: string) => enter("/sign-up/email", person(email)),
		signIn: (email: string) => enter("/sign-in/email", person(email)),
		/** The key set as the world sees it. */
		async published(): Promise<Record<string, string>[]> {
			return ((await (await call("/jwks")).json()) as { keys: Record<string, string>[] }).keys;
		},
		stop: () => pool.end(),
	};
}
