/**
 * Typed client of the Drawbridge Tasks API for apps whose users sign in with Better Auth.
 *
 * ```ts
 * const drawbridge = createDrawbridge({ baseUrl: "http://localhost:8000", token: betterAuthToken(authClient) });
 * for await (const task of drawbridge.tasks.iterate({ status: "incomplete" })) console.log(task.title);
 * ```
 */
export type { CallOptions, CreateOptions, Reference } from "./call.js";
export type { Changes, SinceOptions } from "./changes.js";
export { createTasksClient, type TasksClient, type TasksClientOptions } from "./client.js";
export {
	type FromInputOptions,
	fromInputValue,
	type InputKind,
	type InputOptions,
	toInputValue,
} from "./date-input.js";
export {
	createDrawbridge,
	type Drawbridge,
	type DrawbridgeOptions,
	type Drift,
	type Me,
} from "./drawbridge.js";
export { openapiHash } from "./generated/openapi-hash.js";
export type { FieldCode, ProblemCode } from "./generated/problem-codes.js";
export type { Page } from "./pages.js";
export {
	ConflictError,
	type ErrorCode,
	type FieldError,
	isProblem,
	isProblemDocument,
	type Problem,
	ProblemError,
	SignedOutError,
	type SignedOutReason,
	UnavailableError,
	unwrap,
} from "./problem.js";
export type { RetryPolicy } from "./retry.js";
export type { components, operations, paths } from "./schema.js";
export type {
	Change,
	ResetReason,
	Subscription,
	SubscriptionOptions,
	SubscriptionState,
} from "./subscription.js";
export type { NewTag, Tag, TagListQuery, TagPatch, TagReplacement, Tags } from "./tags.js";
export type {
	BatchOptions,
	BatchOutcome,
	Completed,
	NewTask,
	Occurrences,
	Priority,
	Stats,
	TagChoice,
	Task,
	TaskFilters,
	TaskListQuery,
	TaskOperation,
	TaskPatch,
	TaskReplacement,
	Tasks,
} from "./tasks.js";
export {
	type BetterAuthTokenClient,
	type BetterAuthTokenOptions,
	betterAuthToken,
	type TokenSource,
} from "./token.js";
export type { Export, ExportOptions, ImportOptions, ImportProgress, ImportReport } from "./transfer.js";
export type { CreatedWebhook, NewWebhook, Webhook, WebhookPatch, Webhooks } from "./webhooks.js";

/** A page of tasks. */
export type TaskPage = import("./pages.js").Page<import("./tasks.js").Task>;
