import type { TaskQuery } from "../selection";

/** Names of what is kept of the API's answers. `tasks` alone stands for every list of them. */
export const keys = {
	lists: ["tasks"] as const,
	list: (query: TaskQuery) => ["tasks", query] as const,
	task: (id: string) => ["task", id] as const,
	tags: ["tags"] as const,
	stats: ["stats"] as const,
};
