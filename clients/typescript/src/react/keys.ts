import type { TagListQuery } from "../tags.js";
import type { TaskFilters } from "../tasks.js";

/** Most tasks of a list's page, and whether they are counted. */
export interface TaskListOptions {
	limit?: number;
	total?: "exact" | "none";
}

/** The keys under which answers are kept. Each begins with the user: what one has read is never shown to another. */
export function drawbridgeKeys(userId: string) {
	const all = ["drawbridge", userId] as const;
	return {
		all,
		tasks: [...all, "tasks"] as const,
		lists: [...all, "tasks", "list"] as const,
		list: (filters: TaskFilters, options: TaskListOptions) =>
			[...all, "tasks", "list", filters, options] as const,
		task: (id: string) => [...all, "tasks", "one", id] as const,
		stats: [...all, "stats"] as const,
		statsOf: (query: { timezone?: string; days?: number }) => [...all, "stats", query] as const,
		tags: [...all, "tags"] as const,
		tagList: (query: TagListQuery) => [...all, "tags", query] as const,
	};
}

export type DrawbridgeKeys = ReturnType<typeof drawbridgeKeys>;
