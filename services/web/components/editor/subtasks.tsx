"use client";

import { type FormEvent, useState } from "react";
import type { Task } from "@/lib/api/api";
import type { TaskActions } from "@/lib/tasks/actions";
import { isPending } from "@/lib/tasks/placeholder";
import { useChildren } from "@/lib/tasks/queries";
import { Icon } from "../icon";

export function Subtasks({
	task,
	actions,
	onOpen,
}: {
	task: Task;
	actions: TaskActions;
	onOpen: (id: string) => void;
}) {
	const children = useChildren([task.id])(task.id) ?? [];
	const [title, setTitle] = useState("");

	async function add(event: FormEvent) {
		event.preventDefault();
		const wanted = title.trim();
		if (wanted === "") return;
		setTitle("");
		if (!(await actions.add({ title: wanted, parent_id: task.id }))) setTitle((now) => now || wanted);
	}

	return (
		<section aria-labelledby="subtasks" className="mt-7 border-t border-line pt-5">
			<h3 id="subtasks" className="font-medium">
				Subtasks
				{children.length > 0 && (
					<span className="ml-2 text-sm font-normal text-soft">
						{children.filter(({ completed }) => completed).length} of {children.length} done
					</span>
				)}
			</h3>
			{children.length > 0 && (
				<ul className="mt-2 divide-y divide-line">
					{children.map((child) => (
						<li key={child.id} className="flex items-center gap-3 py-1">
							<input
								type="checkbox"
								aria-label={child.title}
								checked={child.completed}
								disabled={isPending(child)}
								onChange={({ target }) => void actions.setCompleted(child, target.checked)}
								className="size-5 shrink-0 accent-accent"
							/>
							<button
								type="button"
								aria-label={`Open ${child.title}`}
								disabled={isPending(child)}
								onClick={() => onOpen(child.id)}
								className={`min-h-9 grow text-left wrap-anywhere ${child.completed ? "text-soft line-through" : ""}`}
							>
								{child.title}
							</button>
							<button
								type="button"
								aria-label={`Delete ${child.title}`}
								disabled={isPending(child)}
								className="button-icon hover:bg-alarm-wash hover:text-alarm"
								onClick={() => void actions.remove(child)}
							>
								<Icon name="bin" className="size-4.5" />
							</button>
						</li>
					))}
				</ul>
			)}
			<form method="post" onSubmit={add} className="mt-3 flex gap-2">
				<input
					aria-label="New subtask"
					className="field"
					placeholder="Add a subtask"
					autoComplete="off"
					maxLength={255}
					value={title}
					onChange={({ target }) => setTitle(target.value)}
				/>
				<button type="submit" className="button-quiet" disabled={title.trim() === ""}>
					Add
				</button>
			</form>
		</section>
	);
}
