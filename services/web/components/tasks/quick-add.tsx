"use client";

import { type FormEvent, useState } from "react";
import { useDraft } from "@/lib/draft";
import type { TaskActions } from "@/lib/tasks/actions";
import { useWorkspace } from "@/lib/workspace";

/** One line in, one task out. What did not get through comes back into the field. */
export function QuickAdd({
	onAdd,
	onDetails,
}: {
	onAdd: TaskActions["add"];
	onDetails: (title: string) => void;
}) {
	const { user } = useWorkspace();
	const [title, setTitle] = useDraft(user.id, "new-task");
	const [adding, setAdding] = useState(0);
	const wanted = title.trim();

	async function submit(event: FormEvent) {
		event.preventDefault();
		if (wanted === "") return;
		setTitle("");
		setAdding((count) => count + 1);
		const task = await onAdd({ title: wanted });
		setAdding((count) => count - 1);
		if (task) return;
		// Unless the next one is being written already.
		const field = document.querySelector<HTMLInputElement>("#new-task");
		if (field && field.value === "") setTitle(wanted);
	}

	return (
		<form method="post" onSubmit={submit} className="mt-5" aria-busy={adding > 0}>
			<label htmlFor="new-task" className="sr-only">
				New task
			</label>
			<div className="flex gap-2 rounded-xl border border-edge bg-card p-1.5 focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent">
				<input
					id="new-task"
					className="min-h-11 min-w-0 grow rounded-lg bg-transparent px-3 placeholder:text-soft focus-visible:outline-none"
					placeholder="What is to be done?"
					autoComplete="off"
					enterKeyHint="done"
					maxLength={255}
					value={title}
					onChange={({ target }) => setTitle(target.value)}
				/>
				<button
					type="button"
					className="button-plain min-h-11 max-sm:sr-only focus:not-sr-only"
					aria-haspopup="dialog"
					onClick={() => {
						onDetails(title);
						setTitle("");
					}}
				>
					Details
				</button>
				<button type="submit" className="button-primary shrink-0" disabled={wanted === ""}>
					Add
				</button>
			</div>
		</form>
	);
}
