/**
 * Typed client of the Drawbridge Tasks API for apps whose users sign in with Better Auth.
 *
 * ```ts
 * const token = betterAuthToken(authClient);
 * const tasks = createTasksClient({ baseUrl: "http://localhost:8000", token });
 * const page = await unwrap(tasks.GET("/api/v1/{user_id}/tasks", { params: { path: { user_id: "me" } } }));
 * ```
 */
import type { components } from "./schema.js";

export { createTasksClient, type TasksClient, type TasksClientOptions } from "./client.js";
export {
	type FieldError,
	isProblem,
	type Problem,
	ProblemError,
	SignedOutError,
	type SignedOutReason,
	UnavailableError,
	unwrap,
} from "./problem.js";
export type { components, operations, paths } from "./schema.js";
export {
	type BetterAuthTokenClient,
	type BetterAuthTokenOptions,
	betterAuthToken,
	type TokenSource,
} from "./token.js";

export type Task = components["schemas"]["Task"];
export type NewTask = components["schemas"]["NewTask"];
export type TaskPatch = components["schemas"]["TaskPatch"];
export type TaskPage = components["schemas"]["Page_Task"];
export type Tag = components["schemas"]["Tag"];
