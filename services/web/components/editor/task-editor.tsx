"use client";

import type { Task } from "@/lib/api/api";
import type { TaskActions } from "@/lib/tasks/actions";

export interface TaskEditorProps {
	/** A task that is there… */
	id?: string;
	/** …or the title of one to be, perhaps below another. */
	title?: string;
	parent?: Task;
	actions: TaskActions;
	onOpen: (id: string) => void;
	onClose: () => void;
}

export function TaskEditor({ onClose }: TaskEditorProps) {
	return (
		<button type="button" onClick={onClose}>
			x
		</button>
	);
}
