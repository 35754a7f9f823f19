"use client";

import { type FormEvent, type Ref, useState } from "react";

/** One line in, one task out. What was typed stays until the API has it. */
export function AddTask({
	ref,
	onAdd,
}: {
	ref: Ref<HTMLInputElement>;
	onAdd: (title: string) => Promise<boolean>;
}) {
	const [title, setTitle] = useState("");
	const [busy, setBusy] = useState(false);

	async function submit(event: FormEvent) {
		event.preventDefault();
		const wanted = title.trim();
		if (wanted === "" || busy) return;
		setBusy(true);
		// The next title may be in the field already when the answer comes.
		if (await onAdd(wanted)) setTitle((now) => (now.trim() === wanted ? "" : now));
		setBusy(false);
	}

	return (
		<form method="post" onSubmit={submit} className="mt-6">
			<label htmlFor="new-task" className="sr-only">
				New task
			</label>
			<div className="flex gap-3">
				<input
					ref={ref}
					id="new-task"
					className="field grow"
					placeholder="What is to be done?"
					autoComplete="off"
					enterKeyHint="done"
					maxLength={255}
					value={title}
					onChange={({ target }) => setTitle(target.value)}
				/>
				<button
					type="submit"
					className="button-primary shrink-0"
					disabled={title.trim() === ""}
					aria-disabled={busy}
				>
					Add
				</button>
			</div>
		</form>
	);
}
