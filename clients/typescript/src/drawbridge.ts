import { type CallOptions, ME, only } from "./call.js";
import { changesOf } from "./changes.js";
import { clientOver, REQUEST, type TasksClient } from "./client.js";
import { openapiHash } from "./generated/openapi-hash.js";
import { asUnavailable, isProblem, ProblemError, unwrap } from "./problem.js";
import type { RetryPolicy } from "./retry.js";
import type { components } from "./schema.js";
import { tagsOf } from "./tags.js";
import { tasksOf } from "./tasks.js";
import { exportOf, importOf } from "./transfer.js";
import { createTransport, type TransportOptions } from "./transport.js";
import { webhooksOf } from "./webhooks.js";

/** Who the token says you are, as the API understood it. */
export type Me = components["schemas"]["Me"];

export interface DrawbridgeOptions extends TransportOptions {
	/** How often to try again what is safe to send twice; `false`: never. */
	retry?: RetryPolicy | false;
}

/** What `checkDrift` found. */
export interface Drift {
	drifted: boolean;
	/** SHA-256 of the document that this client was made from. */
	client: string;
	/** SHA-256 of the document that the API shows. */
	server: string;
}

export type Drawbridge = ReturnType<typeof createDrawbridge>;

/** The API of one signed-in user. Make one where you make the token source; it keeps nothing but what that keeps. */
export function createDrawbridge(options: DrawbridgeOptions) {
	const transport = createTransport(options, options.retry ?? {});
	const api: TasksClient = clientOver(transport);
	const me = (call?: CallOptions): Promise<Me> =>
		unwrap(api.GET("/api/v1/{user_id}", { params: { path: ME }, ...only(call) }));

	return {
		tasks: tasksOf(api),
		tags: tagsOf(api),
		changes: changesOf(api, transport),
		webhooks: webhooksOf(api),
		/** All tags and tasks, those in the trash as well. */
		export: exportOf(transport),
		/** All lines of an export, or, where one of them is wrong, none: a {@link ProblemError} names each. */
		import: importOf(transport),
		me,

		/**
		 * Everything that the API keeps of the user, for good. The account itself is Better Auth's: delete it there.
		 * `confirm` is the user's id, `user_id` of `me()`. The token has to be young, so a new one is fetched where it is not.
		 */
		async deleteAccount({ confirm, ...call }: { confirm: string } & CallOptions): Promise<void> {
			const erase = () =>
				unwrap(
					api.DELETE("/api/v1/{user_id}", {
						params: { path: ME, header: { Confirm: confirm } },
						...only(call),
					}),
				);
			const token = await transport.tokens.token();
			try {
				await erase();
			} catch (error) {
				if (!isProblem(error, "token_not_fresh")) throw error;
				await transport.renew(token);
				await erase();
			}
		},

		/** Whether the API's document is another one than this client was made from. Fetches it: for start-up and diagnosis. */
		async checkDrift(call?: CallOptions): Promise<Drift> {
			const url = new URL("openapi.json", transport.base);
			const request = new Request(url, { ...REQUEST, ...only(call) });
			const fetch = options.fetch ?? ((one: Request, init: RequestInit) => globalThis.fetch(one, init));
			try {
				const response = await fetch(request, {});
				if (!response.ok) throw new ProblemError(response, await response.json().catch(() => null));
				const digest = await crypto.subtle.digest("SHA-256", await response.arrayBuffer());
				const server = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join(
					"",
				);
				return { drifted: server !== openapiHash, client: openapiHash, server };
			} catch (cause) {
				throw asUnavailable(cause);
			}
		},

		/** The API as its document has it, path by path: openapi-fetch. */
		api,
		/** Where the tokens come from; `clear()` it on sign-out. */
		tokens: transport.tokens,
	};
}
