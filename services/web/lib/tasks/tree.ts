import type { Task } from "../api/api";

/** One line of the list on the screen. */
export interface TaskLine {
	task: Task;
	depth: number;
	/** What is known of the tasks right below it. */
	children: { open: boolean; count: number | null; done: number };
	/** The title of the task that it is below, where that one is not right above it. */
	parentTitle: string | null;
}

/**
 * The lines for a list of tasks. In a plain list, what is below a listed task is shown under it, and only while that one is
 * unfolded; in a list of matches each match is a line of its own.
 */
export function linesOf(
	tasks: readonly Task[],
	options: {
		nested: boolean;
		unfolded: ReadonlySet<string>;
		/** The tasks right below an unfolded one, once they are known. */
		childrenOf: (id: string) => readonly Task[] | undefined;
		/** Whether `tasks` is all there is. */
		complete: boolean;
	},
): TaskLine[] {
	const listed = new Map(tasks.map((task) => [task.id, task]));
	const listedChildren = new Map<string, Task[]>();
	for (const task of tasks) {
		if (task.parent_id === null || !listed.has(task.parent_id)) continue;
		const siblings = listedChildren.get(task.parent_id);
		if (siblings) siblings.push(task);
		else listedChildren.set(task.parent_id, [task]);
	}

	const lines: TaskLine[] = [];
	function add(task: Task, depth: number, below: boolean) {
		const known = options.childrenOf(task.id);
		const children = known ?? listedChildren.get(task.id) ?? [];
		const open = options.nested && options.unfolded.has(task.id);
		lines.push({
			task,
			depth,
			children: {
				open,
				// A number that may be too small is no number.
				count: known || options.complete || children.length === 0 ? children.length : null,
				done: children.filter(({ completed }) => completed).length,
			},
			parentTitle: below || task.parent_id === null ? null : (listed.get(task.parent_id)?.title ?? ""),
		});
		if (open) for (const child of children) add(child, depth + 1, true);
	}
	for (const task of tasks) {
		const isBelow = task.parent_id !== null && listed.has(task.parent_id);
		if (!options.nested || !isBelow) add(task, 0, false);
	}
	return lines;
}
