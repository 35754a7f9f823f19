"use client";

import { dayWords, fullDate } from "@/lib/dates";
import { recurrenceWords } from "@/lib/recurrence/words";
import type { TaskLine } from "@/lib/tasks/tree";
import { Icon } from "../icon";
import { TagDot } from "../tag-dot";

/** What else is known about a task: only what there is. */
export function TaskFacts({
	line,
	now,
	onFold,
}: {
	line: TaskLine;
	now: Date;
	onFold?: (line: TaskLine, open: boolean) => void;
}) {
	const { task, children, parentTitle } = line;
	const hasChildren = children.count !== 0 || children.open;
	const facts =
		task.priority !== "none" ||
		task.due_date !== null ||
		task.recurrence !== null ||
		task.reminder_at !== null ||
		task.tags.length > 0 ||
		parentTitle !== null ||
		hasChildren;
	if (!facts) return null;
	const late = task.due_date !== null && !task.completed && Date.parse(task.due_date) < now.getTime();
	return (
		<div className="mt-0.5 flex flex-wrap items-center gap-x-3.5 gap-y-1 text-sm text-soft">
			{parentTitle !== null && (
				<span className="flex min-w-0 items-center gap-1.5">
					<Icon name="branch" className="size-3.5" />
					<span className="truncate">{parentTitle === "" ? "Subtask" : `In ${parentTitle}`}</span>
				</span>
			)}
			{task.priority !== "none" && (
				<span
					className={`flex items-center gap-1.5 ${task.priority === "high" ? "text-alarm" : task.priority === "medium" ? "text-amber" : ""}`}
				>
					<Icon name="flag" className="size-3.5" />
					{{ low: "Low", medium: "Medium", high: "High" }[task.priority]}
					<span className="sr-only"> priority</span>
				</span>
			)}
			{task.due_date !== null && (
				<time
					dateTime={task.due_date}
					title={fullDate(task.due_date)}
					className={`flex items-center gap-1.5 ${late ? "font-medium text-alarm" : ""}`}
				>
					<Icon name="calendar" className="size-3.5" />
					<span>
						<span className="sr-only">{late ? "Overdue: " : "Due "}</span>
						{dayWords(task.due_date, now)}
					</span>
				</time>
			)}
			{task.recurrence !== null && (
				<span className="flex min-w-0 items-center gap-1.5">
					<Icon name="repeat" className="size-3.5" />
					<span className="min-w-0 wrap-anywhere">{recurrenceWords(task.recurrence.rrule)}</span>
				</span>
			)}
			{task.reminder_at !== null && !task.completed && (
				<time
					dateTime={task.reminder_at}
					title={fullDate(task.reminder_at)}
					className="flex items-center gap-1.5"
				>
					<Icon name="bell" className="size-3.5" />
					<span>
						<span className="sr-only">Reminder </span>
						{dayWords(task.reminder_at, now)}
					</span>
				</time>
			)}
			{task.tags.map((tag) => (
				<span key={tag.id} className="inline-flex min-w-0 items-center gap-1.5">
					<TagDot color={tag.color} className="size-2.5" />
					<span className="truncate">{tag.name}</span>
				</span>
			))}
			{hasChildren && onFold && (
				<button
					type="button"
					aria-expanded={children.open}
					aria-label={`Subtasks of ${task.title}${children.count === null ? "" : `, ${children.done} of ${children.count} done`}`}
					onClick={() => onFold(line, !children.open)}
					className="-my-1 flex min-h-7 items-center gap-1 rounded px-1 font-medium hover:text-ink"
				>
					<Icon
						name="chevron"
						className={`size-3.5 transition-transform ${children.open ? "rotate-90" : ""}`}
					/>
					{children.count === null ? "Subtasks" : `${children.done} of ${children.count}`}
				</button>
			)}
		</div>
	);
}
