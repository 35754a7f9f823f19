import type { NewTask, TagRef, Task } from "../api/api";

/** How a task will most likely look, shown until the API has answered. `version` 0 says that it is not there yet. */
export function placeholder(body: NewTask, id: string, tags: readonly TagRef[], now: Date): Task {
	const time = now.toISOString();
	return {
		id,
		user_id: "",
		title: body.title.trim(),
		description: body.description ?? null,
		completed: false,
		completed_at: null,
		priority: body.priority ?? "none",
		priority_rank: { none: 0, low: 1, medium: 2, high: 3 }[body.priority ?? "none"],
		due_date: body.due_date ?? null,
		reminder_at: body.reminder_at ?? null,
		recurrence: body.recurrence
			? { rrule: body.recurrence.rrule, timezone: body.recurrence.timezone ?? "UTC" }
			: null,
		recurrence_pattern: null,
		next_occurrence_id: null,
		parent_id: body.parent_id ?? null,
		position: "",
		tags: [...tags],
		version: 0,
		created_at: time,
		updated_at: time,
		deleted_at: null,
	};
}

export const isPending = (task: Task): boolean => task.version === 0;
