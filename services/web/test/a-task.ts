import type { Task, TaskPage } from "../lib/api/api";
import type { Pages } from "../lib/tasks/cache";

export function aTask(id: string, more: Partial<Task> = {}): Task {
	return {
		id,
		user_id: "u",
		title: `Task ${id}`,
		description: null,
		completed: false,
		completed_at: null,
		priority: "none",
		priority_rank: 0,
		due_date: null,
		reminder_at: null,
		recurrence: null,
		recurrence_pattern: null,
		next_occurrence_id: null,
		parent_id: null,
		position: "0199a3f2-41b7-7c3e-8a55-0d6c1f2b3a49",
		tags: [],
		version: 1,
		created_at: "2026-01-01T00:00:00Z",
		updated_at: "2026-01-01T00:00:00Z",
		deleted_at: null,
		...more,
	};
}

/** Pages of tasks with these ids; all but the last say that there are more. */
export function somePages(...ids: string[][]): Pages {
	return {
		pages: ids.map((each, index): TaskPage => {
			const more = index < ids.length - 1;
			return {
				items: each.map((id) => aTask(id)),
				limit: 100,
				has_more: more,
				next_cursor: more ? `after-${index}` : null,
				page: null,
				total: null,
				total_pages: null,
			};
		}),
		pageParams: ids.map((_, index) => (index === 0 ? null : `after-${index - 1}`)),
	};
}
