import { type components, createTasksClient, type TokenSource, unwrap } from "@drawbridge/client";
import type { TaskQuery } from "../selection";

type Schemas = components["schemas"];
export type Task = Schemas["Task"];
export type TaskPage = Schemas["Page_Task"];
export type NewTask = Schemas["NewTask"];
export type TaskPatch = Schemas["TaskPatch"];
export type Tag = Schemas["Tag"];
export type TagRef = Schemas["TagRef"];
export type Stats = Schemas["Stats"];
export type Move = { before: string } | { after: string };

export const PAGE_SIZE = 100;
const me = { user_id: "me" };

/** What this app asks of the API, each in one place. Functions throw what {@link unwrap} throws. */
export function tasksApi(baseUrl: string, token: TokenSource) {
	const client = createTasksClient({ baseUrl, token });
	const path = (id: string) => ({ ...me, task_id: id });

	return {
		list(query: TaskQuery, cursor: string | null, signal?: AbortSignal): Promise<TaskPage> {
			return unwrap(
				client.GET("/api/v1/{user_id}/tasks", {
					params: {
						path: me,
						query: { ...(query as object), limit: PAGE_SIZE, ...(cursor === null ? {} : { cursor }) },
					},
					...(signal ? { signal } : {}),
				}),
			);
		},
		get: (id: string, signal?: AbortSignal): Promise<Task> =>
			unwrap(
				client.GET("/api/v1/{user_id}/tasks/{task_id}", {
					params: { path: path(id) },
					...(signal ? { signal } : {}),
				}),
			),
		/** `key` names this one wish: sent again after a lost answer, it makes no second task. */
		create: (body: NewTask, key: string): Promise<Task> =>
			unwrap(
				client.POST("/api/v1/{user_id}/tasks", {
					params: { path: me, header: { "Idempotency-Key": key } },
					body,
				}),
			),
		/** With a version: 412 unless the task still has it. */
		patch: (id: string, body: TaskPatch, version: number | null): Promise<Task> =>
			unwrap(
				client.PATCH("/api/v1/{user_id}/tasks/{task_id}", {
					params: { path: path(id), header: version === null ? {} : { "If-Match": `"${version}"` } },
					body,
				}),
			),
		setCompletion: (id: string, completed: boolean): Promise<Schemas["Completed"]> =>
			unwrap(
				client.PUT("/api/v1/{user_id}/tasks/{task_id}/completion", {
					params: { path: path(id) },
					body: { completed },
				}),
			),
		async remove(id: string, permanent = false): Promise<void> {
			const query = permanent ? { permanent } : {};
			await unwrap(client.DELETE("/api/v1/{user_id}/tasks/{task_id}", { params: { path: path(id), query } }));
		},
		restore: (id: string): Promise<Task> =>
			unwrap(client.POST("/api/v1/{user_id}/tasks/{task_id}/restore", { params: { path: path(id) } })),
		emptyTrash: (): Promise<{ purged: number }> =>
			unwrap(client.DELETE("/api/v1/{user_id}/trash", { params: { path: me } })),
		move: (id: string, to: Move): Promise<Task> =>
			unwrap(
				client.PUT("/api/v1/{user_id}/tasks/{task_id}/position", { params: { path: path(id) }, body: to }),
			),
		stats: (timezone: string, signal?: AbortSignal): Promise<Stats> =>
			unwrap(
				client.GET("/api/v1/{user_id}/tasks/stats", {
					params: { path: me, query: { timezone, days: 30 } },
					...(signal ? { signal } : {}),
				}),
			),
		occurrences: (
			query: { rrule: string; timezone: string; due_date: string },
			signal?: AbortSignal,
		): Promise<Schemas["Occurrences"]> =>
			unwrap(
				client.GET("/api/v1/{user_id}/recurrence", {
					params: { path: me, query: { ...query, limit: 4 } },
					...(signal ? { signal } : {}),
				}),
			),

		/** All of them: a person has dozens, and the list needs their names and colours at once. */
		async tags(signal?: AbortSignal): Promise<Tag[]> {
			const all: Tag[] = [];
			let cursor: string | null = null;
			do {
				const page: Schemas["Page_Tag"] = await unwrap(
					client.GET("/api/v1/{user_id}/tags", {
						params: {
							path: me,
							query: { limit: 200, with_counts: true, ...(cursor === null ? {} : { cursor }) },
						},
						...(signal ? { signal } : {}),
					}),
				);
				all.push(...page.items);
				cursor = page.next_cursor;
			} while (cursor !== null);
			return all;
		},
		createTag: (body: { name: string; color: string }): Promise<Tag> =>
			unwrap(client.POST("/api/v1/{user_id}/tags", { params: { path: me }, body })),
		patchTag: (id: string, body: { name?: string; color?: string }): Promise<Tag> =>
			unwrap(
				client.PATCH("/api/v1/{user_id}/tags/{tag_id}", { params: { path: { ...me, tag_id: id } }, body }),
			),
		async removeTag(id: string): Promise<void> {
			await unwrap(
				client.DELETE("/api/v1/{user_id}/tags/{tag_id}", { params: { path: { ...me, tag_id: id } } }),
			);
		},

		me: (): Promise<Schemas["Me"]> => unwrap(client.GET("/api/v1/{user_id}", { params: { path: me } })),
		/** Everything that the API keeps of this user. It wants a token that was just minted. */
		async erase(userId: string): Promise<void> {
			await unwrap(client.DELETE("/api/v1/{user_id}", { params: { path: me, header: { Confirm: userId } } }));
		},
	};
}

export type TasksApi = ReturnType<typeof tasksApi>;
