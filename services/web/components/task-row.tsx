"use client";

import { useId, useLayoutEffect, useRef, useState } from "react";
import type { Row } from "@/lib/task-list";

export function TaskRow({
	row: { task, pending },
	onComplete,
	onDelete,
}: {
	row: Row;
	onComplete: (completed: boolean) => void;
	onDelete: () => void;
}) {
	const id = useId();
	const [asking, setAsking] = useState(false);
	const keep = useRef<HTMLButtonElement>(null);
	const bin = useRef<HTMLButtonElement>(null);
	const asked = useRef(false);

	// The buttons take each other's place, so the focus goes along.
	useLayoutEffect(() => {
		if (asking) keep.current?.focus();
		else if (asked.current) bin.current?.focus();
		asked.current = asking;
	}, [asking]);

	const stay = () => setAsking(false);

	return (
		<li
			aria-busy={pending !== null}
			className={`group flex items-start gap-3.5 px-4 py-2.5 transition-opacity sm:px-5 ${pending === "deletion" ? "opacity-50" : ""}`}
		>
			<span className="relative mt-2.5 grid size-6 shrink-0 place-items-center">
				<input
					id={id}
					type="checkbox"
					checked={task.completed}
					onChange={({ target }) => pending === null && onComplete(target.checked)}
					className="peer size-6 appearance-none rounded-full border-2 border-edge bg-page transition-colors before:absolute before:-inset-2.5 before:content-[''] checked:border-accent checked:bg-accent hover:border-accent"
				/>
				<svg
					viewBox="0 0 24 24"
					aria-hidden="true"
					className="pointer-events-none absolute size-4 fill-none stroke-on-accent stroke-[3] opacity-0 peer-checked:opacity-100"
				>
					<path d="m5 12.5 4.5 4.5L19 7.5" strokeLinecap="round" strokeLinejoin="round" />
				</svg>
			</span>
			<div className="min-w-0 grow py-2">
				<label
					htmlFor={id}
					className={`block cursor-pointer leading-7 wrap-anywhere transition-colors ${task.completed ? "text-soft line-through decoration-soft/60" : ""}`}
				>
					{task.title}
				</label>
				<TaskFacts task={task} />
				{asking && (
					// biome-ignore lint/a11y/noStaticElementInteractions: Escape is a short cut for the button "Keep it" inside.
					<div
						className="mt-2 flex flex-wrap items-center gap-2.5"
						onKeyDown={({ key }) => key === "Escape" && stay()}
					>
						<span className="text-sm text-soft">Delete this task?</span>
						<button
							type="button"
							className="min-h-9 rounded-lg bg-alarm px-3.5 text-sm font-medium text-card"
							onClick={() => {
								setAsking(false);
								onDelete();
							}}
						>
							Delete
						</button>
						<button
							ref={keep}
							type="button"
							className="min-h-9 rounded-lg border border-edge px-3.5 text-sm font-medium hover:bg-sunken"
							onClick={stay}
						>
							Keep it
						</button>
					</div>
				)}
			</div>
			{!asking && (
				<button
					ref={bin}
					type="button"
					aria-label={`Delete ${task.title}`}
					onClick={() => pending === null && setAsking(true)}
					className="grid size-11 shrink-0 place-items-center rounded-lg text-soft transition-colors hover:bg-alarm-wash hover:text-alarm"
				>
					<svg
						viewBox="0 0 24 24"
						aria-hidden="true"
						className="size-5 fill-none stroke-current stroke-[1.7]"
						strokeLinecap="round"
						strokeLinejoin="round"
					>
						<path d="M4.5 7h15M10 11v6M14 11v6M6.5 7l.8 12a1.5 1.5 0 0 0 1.5 1.4h6.4a1.5 1.5 0 0 0 1.5-1.4l.8-12M9 7V5a1 1 0 0 1 1-1h4a1 1 0 0 1 1 1v2" />
					</svg>
				</button>
			)}
		</li>
	);
}

/** What else is known about a task: only what there is. */
function TaskFacts({ task }: { task: Row["task"] }) {
	if (task.tags.length === 0 && task.due_date === null && task.priority === "none") return null;
	return (
		<p className="mt-0.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-soft">
			{task.priority !== "none" && (
				<span
					className={task.priority === "high" ? "text-alarm" : task.priority === "medium" ? "text-amber" : ""}
				>
					{{ low: "Low", medium: "Medium", high: "High" }[task.priority]} priority
				</span>
			)}
			{task.due_date !== null && (
				<time dateTime={task.due_date}>Due {dueFormat.format(new Date(task.due_date))}</time>
			)}
			{task.tags.map((tag) => (
				<span key={tag.id} className="inline-flex items-center gap-1.5">
					<span
						aria-hidden="true"
						className="size-2.5 rounded-full border border-ink/20"
						style={{ backgroundColor: tag.color }}
					/>
					{tag.name}
				</span>
			))}
		</p>
	);
}

const dueFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
