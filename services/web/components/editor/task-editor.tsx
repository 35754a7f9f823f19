"use client";

import { useState } from "react";
import type { Task } from "@/lib/api/api";
import { readEditorDraft } from "@/lib/editor/draft";
import { emptyForm, formOf } from "@/lib/editor/form";
import { describeFailure } from "@/lib/failure";
import type { TaskActions } from "@/lib/tasks/actions";
import { useTask } from "@/lib/tasks/queries";
import { useWorkspace } from "@/lib/workspace";
import { Dialog } from "../shell/dialog";
import { FailurePanel } from "../tasks/list-states";
import { TaskFormDialog } from "./task-form";

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

export function TaskEditor(props: TaskEditorProps) {
	return props.id === undefined ? <NewTask {...props} /> : <ExistingTask {...props} id={props.id} />;
}

function NewTask({ title = "", ...props }: TaskEditorProps) {
	const { user } = useWorkspace();
	const [draft] = useState(() => readEditorDraft(user.id, undefined));
	const [base] = useState(() => emptyForm());
	const form = draft && title !== "" ? { ...draft.form, title } : (draft?.form ?? emptyForm(title));
	return (
		<TaskFormDialog {...props} task={null} start={{ form, base, version: null }} restored={draft !== null} />
	);
}

function ExistingTask({ id, ...props }: TaskEditorProps & { id: string }) {
	const { user } = useWorkspace();
	const { data, error, refetch } = useTask(id);
	const [draft] = useState(() => readEditorDraft(user.id, id));
	// As it was when it came: what somebody types into is not changed under their hands.
	const [task, setTask] = useState<Task | null>(null);
	if (data && !task) setTask(data);
	if (!task) {
		return (
			<Dialog title="Edit task" side="right" onClose={props.onClose}>
				{error ? (
					<FailurePanel failure={describeFailure(error)} onRetry={() => void refetch()} />
				) : (
					<div role="status" className="grid gap-5">
						<span className="sr-only">Loading the task</span>
						{["h-11", "h-24", "h-11", "h-11"].map((height, index) => (
							// biome-ignore lint/suspicious/noArrayIndexKey: they are all alike, and stay where they are.
							<span key={index} className={`animate-pulse rounded-lg bg-sunken ${height}`} />
						))}
					</div>
				)}
			</Dialog>
		);
	}
	const base = formOf(task);
	const start = draft ?? { form: base, base, version: task.version };
	return <TaskFormDialog {...props} key={id} task={task} start={start} restored={draft !== null} />;
}
