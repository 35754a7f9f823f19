"use client";

import { useEffect, useRef, useState } from "react";
import { fullDate } from "@/lib/dates";
import { bodyOf, type TaskForm } from "@/lib/editor/form";
import { recurrenceWords } from "@/lib/recurrence/words";

type Body = ReturnType<typeof bodyOf>;

const NAMES: Record<keyof Body, string> = {
	title: "Title",
	description: "Notes",
	priority: "Priority",
	due_date: "Due",
	reminder_at: "Reminder",
	recurrence: "Repeats",
	tags: "Tags",
};

/** Somebody else has saved meanwhile. Nothing is lost on either side until it is said which one counts. */
export function ConflictPanel({
	mine,
	theirs,
	onMine,
	onTheirs,
}: {
	mine: TaskForm;
	theirs: TaskForm;
	onMine: () => void;
	onTheirs: () => void;
}) {
	const [looking, setLooking] = useState(false);
	const panel = useRef<HTMLElement>(null);
	useEffect(() => panel.current?.focus(), []);
	const [here, there] = [bodyOf(mine), bodyOf(theirs)];
	const different = (Object.keys(NAMES) as (keyof Body)[]).filter(
		(name) => JSON.stringify(here[name]) !== JSON.stringify(there[name]),
	);
	return (
		<section
			ref={panel}
			tabIndex={-1}
			role="alertdialog"
			aria-labelledby="conflict-title"
			aria-describedby="conflict-text"
			className="mb-5 rounded-xl border border-amber/50 bg-card p-4 outline-none"
		>
			<h3 id="conflict-title" className="font-medium">
				This task was changed elsewhere meanwhile
			</h3>
			<p id="conflict-text" className="mt-1 text-soft">
				Nothing is saved yet, and nothing is lost. Which one shall it be?
			</p>
			<div className="mt-3 flex flex-wrap gap-2">
				<button type="button" className="button-primary min-h-10 px-4" onClick={onMine}>
					Keep mine
				</button>
				<button type="button" className="button-quiet min-h-10" onClick={onTheirs}>
					Take theirs
				</button>
				<button
					type="button"
					className="button-plain min-h-10"
					aria-expanded={looking}
					onClick={() => setLooking(!looking)}
				>
					Look at both
				</button>
			</div>
			{looking && (
				<div className="mt-4 overflow-x-auto">
					<table className="w-full table-fixed text-left text-sm">
						<thead className="text-soft">
							<tr>
								<th scope="col" className="w-20 py-1 font-normal">
									<span className="sr-only">Field</span>
								</th>
								<th scope="col" className="py-1 pr-3 font-normal">
									Mine
								</th>
								<th scope="col" className="py-1 font-normal">
									Theirs
								</th>
							</tr>
						</thead>
						<tbody className="divide-y divide-line border-t border-line align-top">
							{different.map((name) => (
								<tr key={name}>
									<th scope="row" className="py-2 font-normal text-soft">
										{NAMES[name]}
									</th>
									<td className="py-2 pr-3 wrap-anywhere">{words(here, name)}</td>
									<td className="py-2 wrap-anywhere">{words(there, name)}</td>
								</tr>
							))}
						</tbody>
					</table>
					{different.length === 0 && <p className="mt-2 text-sm">Both are the same by now.</p>}
				</div>
			)}
		</section>
	);
}

function words(body: Body, name: keyof Body): string {
	switch (name) {
		case "due_date":
		case "reminder_at": {
			const at = body[name];
			return at === null ? "—" : fullDate(at);
		}
		case "recurrence":
			return body.recurrence === null ? "—" : recurrenceWords(body.recurrence.rrule);
		case "tags":
			return body.tags.join(", ") || "—";
		default:
			return body[name] || "—";
	}
}
