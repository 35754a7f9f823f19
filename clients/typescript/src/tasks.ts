import {
	type Api,
	type CallOptions,
	type CreateOptions,
	entityTag,
	idOf,
	keyOf,
	ME,
	only,
	orConflict,
	type Reference,
	stateOf,
} from "./call.js";
import { entries, type Page } from "./pages.js";
import { unwrap } from "./problem.js";
import type { components, operations } from "./schema.js";

type Schemas = components["schemas"];
export type Task = Schemas["Task"];
export type NewTask = Schemas["NewTask"];
export type TaskPatch = Schemas["TaskPatch"];
export type TaskReplacement = Schemas["TaskReplacement"];
export type Priority = Schemas["Priority"];
export type TagChoice = Schemas["TagChoice"];
export type Occurrences = Schemas["Occurrences"];
export type Stats = Schemas["Stats"];
export type Completed = Schemas["Completed"];
export type BatchOutcome = Schemas["BatchOutcome"];
type Tag = Schemas["Tag"];
type Query = NonNullable<operations["list_tasks"]["parameters"]["query"]>;

/** Which tasks, and in which order. Times are RFC 3339 with offset. */
export interface TaskFilters
	extends Omit<
		Query,
		"limit" | "cursor" | "page" | "total" | "status" | "priority" | "tag_match" | "deleted"
	> {
	status?: "complete" | "incomplete" | "all";
	priority?: Priority[];
	tag_match?: "any" | "all";
	/** `only`: those in the trash. */
	deleted?: "only" | "false";
	sort_by?: "created_at" | "updated_at" | "due_date" | "priority" | "title" | "position";
	order?: "asc" | "desc";
}

export interface TaskListQuery extends TaskFilters {
	/** Most tasks of a page: 1 to 200, 50 unless told. */
	limit?: number;
	/** `next_cursor` of the page before. */
	cursor?: string;
	page?: number;
	total?: "exact" | "none";
}

/** One of a batch. `task` works as in the call of that name: an id, or a task as it was read. */
export type TaskOperation =
	| { op: "create"; body: NewTask }
	| { op: "replace"; task: Reference; body: TaskReplacement }
	| { op: "patch"; task: Reference; body: TaskPatch }
	| { op: "complete" | "reopen" | "delete" | "restore" | "purge"; task: Reference };

export interface BatchOptions extends CreateOptions {
	/** Whether all are made or none is, which is the default; else each stands for itself. */
	atomic?: boolean;
}

export type Tasks = ReturnType<typeof tasksOf>;

export function tasksOf(api: Api) {
	const ALL = "/api/v1/{user_id}/tasks";
	const ONE = "/api/v1/{user_id}/tasks/{task_id}";
	const path = (task: Reference) => ({ ...ME, task_id: idOf(task) });
	const at = (task: Reference) => ({ path: path(task), header: stateOf(task) });

	const get = (id: string, options?: CallOptions): Promise<Task> =>
		unwrap(api.GET(ONE, { params: { path: path(id) }, ...only(options) }));
	const orNow = <T>(task: Reference, change: Promise<T>) => orConflict(change, () => get(idOf(task)));

	const list = (query: TaskListQuery = {}, options?: CallOptions): Promise<Page<Task>> =>
		unwrap(api.GET(ALL, { params: { path: ME, query }, ...only(options) }));

	const complete = (completed: boolean) => (task: Reference, options?: CallOptions) =>
		orNow(
			task,
			unwrap(
				api.PUT("/api/v1/{user_id}/tasks/{task_id}/completion", {
					params: at(task),
					body: { completed },
					...only(options),
				}),
			),
		) as Promise<Completed>;

	const gone = (permanent: boolean) => (task: Reference, options?: CallOptions) =>
		orNow(
			task,
			unwrap(
				api.DELETE(ONE, {
					params: { ...at(task), query: permanent ? { permanent } : {} },
					...only(options),
				}),
			),
		) as Promise<void>;

	return {
		/** One page. */
		list,
		/** All of them: `for await (const task of tasks.iterate({ status: "incomplete" })) …`. */
		iterate: (query: Omit<TaskListQuery, "cursor" | "page"> = {}, options?: CallOptions) =>
			entries((cursor) =>
				list({ limit: 200, ...query, ...(cursor === undefined ? {} : { cursor }) }, options),
			),
		get,
		create: (body: NewTask, options?: CreateOptions): Promise<Task> =>
			unwrap(api.POST(ALL, { params: { path: ME, header: keyOf(options) }, body, ...only(options) })),
		/** A JSON merge patch: what is absent stays, null empties. */
		update: (task: Reference, body: TaskPatch, options?: CallOptions): Promise<Task> =>
			orNow(task, unwrap(api.PATCH(ONE, { params: at(task), body, ...only(options) }))),
		/** A whole task in its place; what is left out is emptied. A task as it was read is a legal body. */
		replace: (task: Reference, body: TaskReplacement, options?: CallOptions): Promise<Task> =>
			orNow(task, unwrap(api.PUT(ONE, { params: at(task), body, ...only(options) }))),
		/** Twice is once. Answers with the task that follows it, where it recurs. */
		complete: complete(true),
		reopen: complete(false),
		/** Into the trash, with all below it. */
		remove: gone(false),
		/** For good. */
		purge: gone(true),
		restore: (task: Reference, options?: CallOptions): Promise<Task> =>
			orNow(
				task,
				unwrap(api.POST("/api/v1/{user_id}/tasks/{task_id}/restore", { params: at(task), ...only(options) })),
			),
		/** Everything in the trash, for good. */
		emptyTrash: (options?: CallOptions): Promise<{ purged: number }> =>
			unwrap(api.DELETE("/api/v1/{user_id}/trash", { params: { path: ME }, ...only(options) })),
		/** To right before or right after another one, in the order of `sort_by: "position"`. */
		move: (
			task: Reference,
			to: { before: string } | { after: string },
			options?: CallOptions,
		): Promise<Task> =>
			orNow(
				task,
				unwrap(
					api.PUT("/api/v1/{user_id}/tasks/{task_id}/position", {
						params: at(task),
						body: to,
						...only(options),
					}),
				),
			),
		/** Those right below a task, in the user's own order. */
		subtasks: (
			task: Reference,
			query: Omit<TaskListQuery, "parent_id" | "cursor" | "page"> = {},
			options?: CallOptions,
		) =>
			entries((cursor) =>
				list(
					{
						limit: 200,
						sort_by: "position",
						...query,
						parent_id: idOf(task),
						...(cursor === undefined ? {} : { cursor }),
					},
					options,
				),
			),
		/** When a task that recurs will be due next. */
		occurrences: (
			task: Reference,
			query: { limit?: number } = {},
			options?: CallOptions,
		): Promise<Occurrences> =>
			unwrap(
				api.GET("/api/v1/{user_id}/tasks/{task_id}/occurrences", {
					params: { path: path(task), query },
					...only(options),
				}),
			),
		/** The same of a rule that no task has yet. */
		previewRecurrence: (
			query: operations["preview_recurrence"]["parameters"]["query"],
			options?: CallOptions,
		): Promise<Occurrences> =>
			unwrap(api.GET("/api/v1/{user_id}/recurrence", { params: { path: ME, query }, ...only(options) })),
		/** Up to 100 changes in one request. */
		batch: async (operations: TaskOperation[], options?: BatchOptions): Promise<BatchOutcome[]> => {
			const body = { operations: operations.map(asSent), atomic: options?.atomic ?? true };
			const params = { path: ME, header: keyOf(options) };
			const sent = api.POST("/api/v1/{user_id}/tasks/batch", { params, body, ...only(options) });
			return (await unwrap(sent)).results;
		},
		stats: (query: { timezone?: string; days?: number } = {}, options?: CallOptions): Promise<Stats> =>
			unwrap(api.GET("/api/v1/{user_id}/tasks/stats", { params: { path: ME, query }, ...only(options) })),
		/** Which tags a task carries. */
		tags: {
			list: (task: Reference, options?: CallOptions): Promise<Page<Tag>> =>
				unwrap(
					api.GET("/api/v1/{user_id}/tasks/{task_id}/tags", {
						params: { path: path(task) },
						...only(options),
					}),
				),
			/** These and no others; a name without a tag makes one. */
			set: (task: Reference, tags: TagChoice[], options?: CallOptions): Promise<Page<Tag>> =>
				orNow(
					task,
					unwrap(
						api.PUT("/api/v1/{user_id}/tasks/{task_id}/tags", {
							params: at(task),
							body: { tags },
							...only(options),
						}),
					),
				),
			add: async (task: Reference, tagId: string, options?: CreateOptions): Promise<void> => {
				const params = { path: path(task), header: { ...stateOf(task), ...keyOf(options) } };
				const body = { tag_id: tagId };
				await orNow(
					task,
					unwrap(api.POST("/api/v1/{user_id}/tasks/{task_id}/tags", { params, body, ...only(options) })),
				);
			},
			remove: async (task: Reference, tagId: string, options?: CallOptions): Promise<void> => {
				const params = { path: { ...path(task), tag_id: tagId }, header: stateOf(task) };
				await orNow(
					task,
					unwrap(api.DELETE("/api/v1/{user_id}/tasks/{task_id}/tags/{tag_id}", { params, ...only(options) })),
				);
			},
		},
	};
}

function asSent(operation: TaskOperation): Schemas["BatchOperation"] {
	const { op } = operation;
	const target =
		op === "create"
			? {}
			: {
					id: idOf(operation.task),
					...(typeof operation.task === "string" ? {} : { if_match: entityTag(operation.task.version) }),
				};
	// The document has no closer type for a body than an object, and asks for one where none is read.
	const body = ("body" in operation ? operation.body : undefined) as Record<string, never>;
	return { op, ...target, body };
}
