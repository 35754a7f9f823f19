import type {
	Completed,
	Drawbridge,
	NewTask,
	Occurrences,
	Page,
	Stats,
	Tag,
	TagPatch,
	Task,
	TaskPatch,
} from "@drawbridge/client";
import type { TaskQuery } from "../selection";

export type { NewTask, Occurrences, Stats, Tag, Task, TaskPatch } from "@drawbridge/client";
export type TaskPage = Page<Task>;
export type TagRef = Task["tags"][number];
export type Move = { before: string } | { after: string };

export const PAGE_SIZE = 100;

/** What this app asks of the API, in its own words. Functions throw what the client's do. */
export function tasksApi({ tasks, tags }: Drawbridge) {
	return {
		list: (query: TaskQuery, cursor: string | null, signal?: AbortSignal): Promise<TaskPage> =>
			tasks.list({ ...query, limit: PAGE_SIZE, ...(cursor === null ? {} : { cursor }) }, { signal }),
		get: (id: string, signal?: AbortSignal): Promise<Task> => tasks.get(id, { signal }),
		/** `key` names this one wish: sent again after a lost answer, it makes no second task. */
		create: (body: NewTask, key: string): Promise<Task> => tasks.create(body, { idempotencyKey: key }),
		/** With a version: a `ConflictError` unless the task still has it. */
		patch: (id: string, body: TaskPatch, version: number | null): Promise<Task> =>
			tasks.update(version === null ? id : { id, version }, body),
		setCompletion: (id: string, completed: boolean): Promise<Completed> =>
			completed ? tasks.complete(id) : tasks.reopen(id),
		remove: (id: string, permanent = false): Promise<void> =>
			permanent ? tasks.purge(id) : tasks.remove(id),
		restore: (id: string): Promise<Task> => tasks.restore(id),
		emptyTrash: (): Promise<{ purged: number }> => tasks.emptyTrash(),
		move: (id: string, to: Move): Promise<Task> => tasks.move(id, to),
		stats: (timezone: string, signal?: AbortSignal): Promise<Stats> =>
			tasks.stats({ timezone, days: 30 }, { signal }),
		occurrences: (
			query: { rrule: string; timezone: string; due_date: string },
			signal?: AbortSignal,
		): Promise<Occurrences> => tasks.previewRecurrence({ ...query, limit: 4 }, { signal }),

		/** All of them: a person has dozens, and the list needs their names and colours at once. */
		async tags(signal?: AbortSignal): Promise<Tag[]> {
			const all: Tag[] = [];
			for await (const tag of tags.iterate({ with_counts: true }, { signal })) all.push(tag);
			return all;
		},
		createTag: (name: string): Promise<Tag> => tags.create({ name }),
		patchTag: (id: string, body: TagPatch): Promise<Tag> => tags.update(id, body),
		removeTag: (id: string): Promise<void> => tags.remove(id),
	};
}

export type TasksApi = ReturnType<typeof tasksApi>;
