import type { NewTask, Tag, TagRef, Task, TaskPatch } from "../api/api";

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

/** How a task will most likely look after a change that is on its way. */
export function patched(task: Task, body: TaskPatch, known: readonly Tag[]): Task {
	const { tags, recurrence, title, description, priority, due_date, reminder_at } = body;
	return {
		...task,
		...(title === undefined ? {} : { title: title.trim() }),
		...(description === undefined ? {} : { description }),
		...(priority === undefined ? {} : { priority }),
		...(due_date === undefined ? {} : { due_date }),
		...(reminder_at === undefined ? {} : { reminder_at }),
		...(recurrence === undefined
			? {}
			: { recurrence: recurrence && { rrule: recurrence.rrule, timezone: recurrence.timezone ?? "UTC" } }),
		...(tags ? { tags: known.filter(({ name }) => tags.includes(name)) } : {}),
	};
}

export const isPending = (task: Task): boolean => task.version === 0;
