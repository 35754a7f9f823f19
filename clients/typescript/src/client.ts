import createClient, { type Client } from "openapi-fetch";
import type { paths } from "./schema.js";
import { createTransport, type Transport, type TransportOptions } from "./transport.js";

/** One method for each HTTP verb, typed by the API's own OpenAPI file. See openapi-fetch; {@link unwrap} throws for you. */
export type TasksClient = Client<paths>;

export type TasksClientOptions = TransportOptions;

/**
 * A client that adds a fresh token to every request. When the API answers 401, it asks once for another token and sends the
 * request once more, as it was; whatever comes then is the answer. No cookie is ever sent, no redirect followed.
 */
export function createTasksClient(options: TasksClientOptions): TasksClient {
	return clientOver(createTransport(options, false));
}

/** What every request of ours has: no cookies, no cache of the browser's, no other server. */
export const REQUEST = { credentials: "omit", cache: "no-store", redirect: "error" } as const;

export function clientOver(transport: Transport): TasksClient {
	return createClient<paths>({
		baseUrl: transport.base,
		fetch: async (request) => (await transport.send(() => request.clone())).response,
		...REQUEST,
	});
}
